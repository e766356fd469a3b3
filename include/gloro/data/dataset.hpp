// Dataset: labelled images (data/pixels.hpp) with what is known of them: how many classes there are, their
// names, the radii that papers quote. No image is rounded on its way to a network: one that float cannot
// hold is to be had in double alone.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gloro/core/shape.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/data/pixels.hpp"
#include "gloro/data/value_range.hpp"

namespace gloro::data {

/// Images of one shape, a sample after another (height x width x channels, channels fastest), with
/// labels in {0, ..., classes() - 1} or none. A value that never changes: copies share the images.
class Dataset {
 public:
  Dataset() = default;

  /// `pixels`: shape.size() for each sample. Without `classes` there are as many as the labels name;
  /// without labels, label() throws. `checksum`: that of all images and labels, where it is known.
  /// Throws ArgumentError where sizes do not agree.
  Dataset(std::string name, Shape shape, Pixels pixels, std::vector<int> labels = {},
          int classes = 0, std::optional<std::uint64_t> checksum = {});

  /// The same images with these labels, one each, of as many classes as they name, or `classes`.
  [[nodiscard]] Dataset with_labels(std::vector<int> labels, int classes = 0) const;
  /// The same data set, which knows the names of its classes, as many as there are, or none.
  [[nodiscard]] Dataset with_class_names(std::vector<std::string> names) const;
  /// The same, which knows the radii that papers quote for it.
  [[nodiscard]] Dataset with_radii(std::vector<double> radii) const;

  [[nodiscard]] const std::string& name() const { return name_; }
  /// Shape of one sample.
  [[nodiscard]] const Shape& shape() const { return shape_; }
  /// Number of samples.
  [[nodiscard]] Index size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  /// Number of classes; 0 if unknown.
  [[nodiscard]] int classes() const { return classes_; }
  /// By number; empty where they are digits, or unknown.
  [[nodiscard]] const std::vector<std::string>& class_names() const { return class_names_; }
  /// In 2-norm and in the unit of the pixels; empty where none are usual.
  [[nodiscard]] const std::vector<double>& radii() const { return radii_; }

  [[nodiscard]] bool has_labels() const { return !labels_.empty(); }
  /// All labels in order; empty if there are none.
  [[nodiscard]] const std::vector<int>& labels() const { return labels_; }
  [[nodiscard]] int label(Index i) const;
  /// Labels of the samples in `which`, in its order.
  [[nodiscard]] std::vector<int> labels(std::span<const Index> which) const;

  // --- Pixels -----------------------------------------------------------------------------------

  /// All of them as they are kept, a sample after another, shape().size() each.
  [[nodiscard]] const Pixels& pixels() const { return pixels_; }

  /// Whether every pixel is a number of the type Scalar, so that batches of it are the very images.
  template <std::floating_point Scalar>
  [[nodiscard]] bool fits() const {
    return pixels_.fit<Scalar>();
  }

  /// These images rounded to floats, to train in float with. They are other images: a certificate of
  /// one says nothing about the one that it was. Throws ArgumentError where a pixel is beyond float.
  [[nodiscard]] Dataset rounded() const;

  /// The unit of bytes, 0 to 1; of other pixels the least and the largest (of none: 0 to 0).
  [[nodiscard]] ValueRange range() const { return pixels_.range(); }

  /// How many images have a pixel that does not lie in `range`.
  [[nodiscard]] Index outside(const ValueRange& range) const;

  /// The samples in `which`, in its order: a column a sample. Throws ArgumentError, as image() and
  /// images() do, unless they fit the type: ask for double, or round them.
  template <std::floating_point Scalar = float>
  [[nodiscard]] Tensor<Scalar> batch(std::span<const Index> which) const;

  /// One sample as a batch of one.
  template <std::floating_point Scalar = float>
  [[nodiscard]] Tensor<Scalar> image(Index i) const {
    return images<Scalar>(i, 1);
  }

  /// The samples first, ..., first + count - 1.
  template <std::floating_point Scalar = float>
  [[nodiscard]] Tensor<Scalar> images(Index first, Index count) const;

  /// The first `count` samples, or all if there are fewer.
  [[nodiscard]] Dataset head(Index count) const;

  /// The samples first, ..., first + count - 1 as a data set, which shares the images of this one.
  [[nodiscard]] Dataset part(Index first, Index count) const;

  /// Tells data sets apart: of all images and labels, read through once (a mapped file has it ready).
  [[nodiscard]] std::uint64_t checksum() const;

 private:
  template <typename Scalar>
  void require_fit() const;

  [[nodiscard]] std::size_t place(Index i) const;

  template <typename Scalar>
  void copy_sample(std::size_t i, Scalar* to) const;

  std::string name_;
  Shape shape_{0, 0, 0};
  Index size_ = 0;
  int classes_ = 0;
  std::vector<std::string> class_names_;
  std::vector<double> radii_;
  Pixels pixels_;
  std::vector<int> labels_;
  std::optional<std::uint64_t> checksum_;
};

/// What a benchmark's loader returns: `const auto [train, test] = data::mnist("data/mnist");`
struct Split {
  Dataset train;
  Dataset test;
};

}  // namespace gloro::data

#ifndef GLORO_COMPILED
#include "gloro/data/dataset.ipp"
#endif
