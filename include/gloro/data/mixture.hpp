// Mixture: training images with others mixed in, a share of each batch: generated ones, say, as Hu et al.
// train with ("A Recipe for Improved Certifiable Robustness", arXiv 2310.02513). What a batch holds depends
// on the seed and the epoch alone.
#pragma once

#include <concepts>
#include <cstdint>
#include <span>
#include <vector>

#include "gloro/core/shape.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/data/dataset.hpp"

namespace gloro::data {

/// The batches of one epoch: which samples, by their numbers in a Mixture.
struct EpochBatches {
  std::vector<Index> samples;  ///< batch after batch
  std::vector<Index> ends;     ///< of each batch in `samples`

  [[nodiscard]] Index count() const { return static_cast<Index>(ends.size()); }
  /// Throws ArgumentError for a batch that there is not.
  [[nodiscard]] std::span<const Index> batch(Index b) const;
};

/// A value that never changes, as the data sets that it holds. Sample i is one of images(); sample
/// images().size() + i is number i of extra().
class Mixture {
 public:
  /// The images by themselves.
  Mixture(Dataset images);
  /// Of each batch the share of `extra`, to the nearest whole number. Throws ArgumentError unless
  /// 0 < share < 1 and the two are alike in shape and the extra labels are classes of the images.
  Mixture(Dataset images, Dataset extra, double share);

  [[nodiscard]] const Dataset& images() const { return images_; }
  /// Empty where nothing is mixed in.
  [[nodiscard]] const Dataset& extra() const { return extra_; }
  [[nodiscard]] double share() const { return share_; }
  [[nodiscard]] bool is_mixed() const { return share_ > 0; }

  /// An epoch visits each of the images once, in an order of its own. The extra ones go on from epoch
  /// to epoch: each comes once before any comes again, each pass in an order of its own. Throws
  /// ArgumentError where a batch is too small for both.
  [[nodiscard]] EpochBatches batches(Index batch_size, std::uint64_t seed,
                                     std::uint64_t epoch) const;

  /// The samples in `which`, in its order: a column a sample. Throws ArgumentError as Dataset does.
  template <std::floating_point Scalar = float>
  [[nodiscard]] Tensor<Scalar> batch(std::span<const Index> which) const;

  /// Their labels.
  [[nodiscard]] std::vector<int> labels(std::span<const Index> which) const;

 private:
  Dataset images_, extra_;
  double share_ = 0;
};

}  // namespace gloro::data

#ifndef GLORO_COMPILED
#include "gloro/data/mixture.ipp"
#endif
