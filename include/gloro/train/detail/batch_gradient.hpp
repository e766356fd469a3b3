// BatchGradient: the gradient of a loss over one batch, on any number of threads and processes, always
// the same bits.
//
// The batch is cut into shards whose number depends on its size alone. Every shard has gradients of
// its own and works through its samples in chunks small enough for the cache, one tape a chunk;
// shards are then added in a fixed tree (ShardSum). Nothing else is shared, so threads scale as cores
// do, and activations are kept for one chunk a thread only, however large the batch. Of several
// processes each computes a share of the shards, and ends with its segment of the gradient.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "gloro/core/parameter.hpp"
#include "gloro/loss/loss.hpp"
#include "gloro/model/gloro_model.hpp"
#include "gloro/parallel/detail/shard_sum.hpp"
#include "gloro/parallel/processes.hpp"
#include "gloro/parallel/workers.hpp"
#include "gloro/train/detail/bfloat16_passes.hpp"
#include "gloro/train/detail/training_pass.hpp"
#include "gloro/train/metrics.hpp"
#include "gloro/train/products.hpp"

namespace gloro {

template <std::floating_point Scalar>
class BatchGradient {
 public:
  static constexpr Index most_shards = 8;
  static constexpr Index chunk = 32;

  /// Samples [first, first + count) of the batch as a tensor; called from any thread.
  using Gather = std::function<Tensor<Scalar>(Index first, Index count)>;

  /// `shards` of a batch: 0 for shard_count(), else that many, but no more than samples; another
  /// number gives other bits. `model` and `processes` must outlive this.
  explicit BatchGradient(const GloroModel<Scalar>& model, Processes& processes = Processes::alone(),
                         Index shards = 0, Products products = Products::scalar)
      : model_(model), processes_(processes), wanted_shards_(shards) {
    if (shards < 0) throw ArgumentError(message("shards must be >= 0, got ", shards));
    const Index in_all = shards > 0 ? shards : most_shards;
    const Index most = (in_all + processes.count() - 1) / processes.count();  // any process's share
    for (Index s = 0; s < most; ++s) shards_.emplace_back(model);
    sum_.emplace(
        Segments(sizes_of(model.parameters()), model.classes() * model.classes() + 1, processes));
    make_passes(products);
  }

  /// What the passes of the batches to come multiply in.
  void multiply_in(Products products) {
    if (products != products_) make_passes(products);
  }

  /// Computes the mean gradient over the batch, the path through the Lipschitz terms included, and
  /// counts what the model made of it. `layers` are the layers' current estimates. Processes that
  /// train together call it together, with the same arguments; each gathers its own share only.
  const Metrics& compute(const std::vector<Scalar>& layers, const Gather& gather,
                         std::span<const int> labels, const Loss<Scalar>& loss, Scalar epsilon,
                         double lambda_factor, Workers& workers) {
    const auto samples = static_cast<Index>(labels.size());
    if (samples == 0) throw ArgumentError("a batch without samples has no mean gradient");
    const LipschitzTerms<Scalar> terms = model_.lipschitz_terms(layers);
    const Index count =
        wanted_shards_ > 0 ? std::min(wanted_shards_, samples) : shard_count(samples);
    const auto share = processes_.share(count);
    passes_->prepare(workers);
    workers.for_each(share.size(), [&](Index own) {
      const Index s = share.first + own;
      Shard& shard = shards_[static_cast<std::size_t>(own)];
      shard.clear();
      for (Index first = samples * s / count, end = samples * (s + 1) / count; first < end;
           first += chunk) {
        const Index size = std::min(chunk, end - first);
        Tensor<Scalar> y = shard.pass->logits(gather(first, size));
        const auto truths =
            labels.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(size));
        Tensor<Scalar> slope(y.shape(), y.batch());
        slope.matrix().setZero();
        LossGradient<Scalar> out{slope.matrix(), shard.terms};
        shard.metrics.loss += loss({.logits = std::as_const(y).matrix(),
                                    .labels = truths,
                                    .terms = terms,
                                    .epsilon = epsilon,
                                    .lambda_factor = lambda_factor,
                                    .guarantee = model_.guarantee()},
                                   &out);
        drop_negligible(slope);
        shard.metrics.count(y, truths, terms.margin_constants, epsilon, model_.guarantee());
        shard.pass->backward(std::move(slope), shard.gradients.views());
      }
      shard.store_terms();
    });
    add_gradients(count, Scalar(1) / static_cast<Scalar>(samples), workers);

    Shard& total = shards_.front();
    total.metrics = sum_of_metrics(count);
    total.load_terms();
    if (!total.terms.margin_constants.isZero(0) || total.terms.network != 0)
      model_.lipschitz_backward(total.terms, layers, total.gradients.views(), workers);
    return total.metrics;
  }

  /// What of the gradient is whose.
  [[nodiscard]] const Segments& segments() const { return sum_->segments(); }

  /// The mean gradient that compute() left: of several processes, in this one's segment.
  [[nodiscard]] Gradients<Scalar>& gradients() { return shards_.front().gradients; }

  /// Shards of a batch: as many as there are, while each has a chunk to itself.
  [[nodiscard]] static Index shard_count(Index samples) {
    return std::clamp<Index>((samples + chunk - 1) / chunk, 1, most_shards);
  }

 private:
  void make_passes(Products products) {
    passes_ = training_passes(model_, products);
    for (Shard& shard : shards_) shard.pass = passes_->pass();
    products_ = products;
  }

  struct Shard {
    explicit Shard(const GloroModel<Scalar>& model)
        : classes(model.classes()), gradients(model.parameters(), classes * classes + 1) {}

    void clear() {
      pass->begin(gradients.views());
      metrics = {};
      terms.margin_constants.setZero(classes, classes);
      terms.network = 0;
    }
    /// The slopes by K_ji and K_G travel behind the parameters' gradients and are summed with them.
    void store_terms() {
      std::copy_n(terms.margin_constants.data(), terms.margin_constants.size(), gradients.extra());
      gradients.extra()[terms.margin_constants.size()] = terms.network;
    }
    void load_terms() {
      terms.margin_constants =
          Eigen::Map<const Matrix<Scalar>>(gradients.extra(), classes, classes);
      terms.network = gradients.extra()[classes * classes];
    }

    Index classes;
    Gradients<Scalar> gradients;
    std::unique_ptr<TrainingPass<Scalar>> pass;
    LipschitzSlopes<Scalar> terms;
    Metrics metrics;
  };

  /// Slopes whose squares are no normal numbers become zero: samples beyond doubt have them, no sum
  /// feels them, and on their way back they would turn denormal, with which processors are up to a
  /// hundred times slower. NaN stays.
  static void drop_negligible(Tensor<Scalar>& slope) {
    const Scalar smallest = std::sqrt(std::numeric_limits<Scalar>::min());
    const auto values = slope.matrix().array();
    slope.matrix() = (values.abs() < smallest).select(Scalar(0), values);
  }

  void add_gradients(Index count, Scalar scale, Workers& workers) {
    std::vector<Scalar*> own;
    for (Shard& shard : shards_) own.push_back(shard.gradients.flat().data());
    sum_->compute(count, own, scale, workers);
    Gradients<Scalar>& total = shards_.front().gradients;  // its slopes of the terms are for all
    const std::span<Scalar> extra(total.extra(), total.flat().data() + total.size());
    segments().template gather<Scalar>(total.size() - static_cast<Index>(extra.size()),
                                       std::span(&extra, 1));
  }

  /// Losses are added in the order of the shards.
  [[nodiscard]] Metrics sum_of_metrics(Index count) {
    static_assert(std::is_trivially_copyable_v<Metrics>,
                  "metrics travel between processes as bytes");
    const auto share = processes_.share(count);
    std::vector<Metrics> all(static_cast<std::size_t>(count));
    for (Index s = share.first; s < share.end; ++s)
      all[static_cast<std::size_t>(s)] = shards_[static_cast<std::size_t>(s - share.first)].metrics;
    std::vector<std::size_t> ends;
    ends.reserve(static_cast<std::size_t>(processes_.count()));
    for (int p = 0; p < processes_.count(); ++p)
      ends.push_back(static_cast<std::size_t>(processes_.share(count, p).end) * sizeof(Metrics));
    processes_.gather(std::as_writable_bytes(std::span(all)), ends);
    Metrics total = all.front();
    for (std::size_t s = 1; s < all.size(); ++s) total += all[s];
    return total;
  }

  const GloroModel<Scalar>& model_;
  Processes& processes_;
  Index wanted_shards_;
  Products products_ = Products::scalar;
  std::unique_ptr<TrainingPasses<Scalar>> passes_;
  std::vector<Shard> shards_;  // of this process
  std::optional<ShardSum<Scalar>> sum_;
};

}  // namespace gloro
