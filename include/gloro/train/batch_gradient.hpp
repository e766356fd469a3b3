// BatchGradient: the gradient of a loss over one batch, on any number of threads, always the same bits.
//
// The batch is cut into shards whose number depends on its size alone. Every shard has gradients of
// its own and works through its samples in chunks small enough for the cache, one tape a chunk;
// shards are then added in a fixed tree. Nothing else is shared, so threads scale as cores do, and
// activations are kept for one chunk a thread only, however large the batch.
#pragma once

#include <algorithm>
#include <functional>
#include <span>
#include <vector>

#include "gloro/core/parameter.hpp"
#include "gloro/core/workers.hpp"
#include "gloro/loss/loss.hpp"
#include "gloro/model/gloro_model.hpp"
#include "gloro/train/metrics.hpp"

namespace gloro {

template <std::floating_point Scalar>
class BatchGradient {
 public:
  static constexpr Index most_shards = 8;
  static constexpr Index chunk = 32;

  /// Samples [first, first + count) of the batch as a tensor; called from any thread.
  using Gather = std::function<Tensor<Scalar>(Index first, Index count)>;

  explicit BatchGradient(const GloroModel<Scalar>& model)
      : shards_(static_cast<std::size_t>(most_shards), Shard(model)) {}

  /// Computes the mean gradient over the batch, the path through the Lipschitz terms included, and
  /// counts what the model made of it. `layers` are the layers' current estimates.
  const Metrics& compute(const GloroModel<Scalar>& model, const std::vector<Scalar>& layers,
                         const Gather& gather, std::span<const int> labels,
                         const Loss<Scalar>& loss, Scalar epsilon, double lambda_factor,
                         Workers& workers) {
    const auto samples = static_cast<Index>(labels.size());
    if (samples == 0) throw ArgumentError("a batch without samples has no mean gradient");
    const LipschitzTerms<Scalar> terms = model.lipschitz_terms(layers);
    const Index count = shard_count(samples);
    workers.for_each(count, [&](Index s) {
      Shard& shard = shards_[static_cast<std::size_t>(s)];
      shard.clear();
      for (Index first = samples * s / count, end = samples * (s + 1) / count; first < end;
           first += chunk) {
        const Index size = std::min(chunk, end - first);
        Tensor<Scalar> y = model.logits(gather(first, size), &shard.tape);
        const auto truths = labels.subspan(static_cast<std::size_t>(first),
                                           static_cast<std::size_t>(size));
        Tensor<Scalar> slope(y.shape(), y.batch());
        slope.matrix().setZero();
        LossGradient<Scalar> out{slope.matrix(), shard.terms};
        shard.metrics.loss += loss({.logits = std::as_const(y).matrix(),
                                    .labels = truths,
                                    .terms = terms,
                                    .epsilon = epsilon,
                                    .lambda_factor = lambda_factor},
                                   &out);
        shard.metrics.count(y, truths, terms.margins, epsilon);
        (void)model.backward(std::move(slope), shard.tape, shard.gradients.views());
      }
      shard.store_terms();
    });
    add_shards(count, Scalar(1) / static_cast<Scalar>(samples), workers);

    Shard& total = shards_.front();
    for (Index s = 1; s < count; ++s) total.metrics += shards_[static_cast<std::size_t>(s)].metrics;
    total.load_terms();
    if (!total.terms.margins.isZero(0) || total.terms.network != 0)
      model.lipschitz_backward(total.terms, layers, total.gradients.views(), workers);
    return total.metrics;
  }

  /// The mean gradient that compute() left.
  [[nodiscard]] Gradients<Scalar>& gradients() { return shards_.front().gradients; }

  /// Shards of a batch: as many as there are, while each has a chunk to itself.
  [[nodiscard]] static Index shard_count(Index samples) {
    return std::clamp<Index>((samples + chunk - 1) / chunk, 1, most_shards);
  }

 private:
  struct Shard {
    explicit Shard(const GloroModel<Scalar>& model)
        : classes(model.classes()), gradients(model.parameters(), classes * classes + 1) {}

    void clear() {
      gradients.set_zero();
      tape.clear();
      metrics = {};
      load_terms();
    }
    /// The slopes by K_ji and K_G travel behind the parameters' gradients and are summed with them.
    void store_terms() {
      std::copy_n(terms.margins.data(), terms.margins.size(), gradients.extra());
      gradients.extra()[terms.margins.size()] = terms.network;
    }
    void load_terms() {
      terms.margins = Eigen::Map<const Matrix<Scalar>>(gradients.extra(), classes, classes);
      terms.network = gradients.extra()[classes * classes];
    }

    Index classes;
    Gradients<Scalar> gradients;
    Tape<Scalar> tape;
    LipschitzTerms<Scalar> terms;
    Metrics metrics;
  };

  /// The shards' sum, scaled, in the first; the vectors are cut into ranges for the threads.
  void add_shards(Index count, Scalar scale, Workers& workers) {
    constexpr Index range = 1 << 14;
    const Index size = shards_.front().gradients.size();
    const auto segment = [&](Index s, Index r) {
      return shards_[static_cast<std::size_t>(s)].gradients.flat().segment(
          r * range, std::min(range, size - r * range));
    };
    workers.for_each((size + range - 1) / range, [&](Index r) {
      tree_sum(count, [&](Index i, Index j) { segment(i, r) += segment(j, r); });
      segment(0, r) *= scale;
    });
  }

  std::vector<Shard> shards_;
};

}  // namespace gloro
