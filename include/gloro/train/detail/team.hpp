// Team: what the processes that train together do around a step: each brings its segment of what it
// computed, all end with the whole, and all decide alike. A process by itself has nothing to bring.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "gloro/core/detail/checksum.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/parameter.hpp"
#include "gloro/data/dataset.hpp"
#include "gloro/model/gloro_model.hpp"
#include "gloro/parallel/detail/segments.hpp"
#include "gloro/parallel/processes.hpp"
#include "gloro/parallel/workers.hpp"
#include "gloro/train/metrics.hpp"

namespace gloro {

template <std::floating_point Scalar>
class Team {
 public:
  /// `processes` must outlive this. `segments`: who finishes what of the parameters laid end to end.
  Team(Processes& processes, Segments segments)
      : processes_(processes), segments_(std::move(segments)) {}

  [[nodiscard]] Processes& processes() const { return processes_; }
  [[nodiscard]] bool is_first() const { return processes_.is_first(); }
  [[nodiscard]] bool is_alone() const { return processes_.count() == 1; }

  /// All get every process's segment of `values`, which has one for each value of all parameters.
  template <typename Values>
  void gather(Values&& values) {
    const std::span<Scalar> all(values.data(), static_cast<std::size_t>(values.size()));
    segments_.template gather<Scalar>(0, std::span(&all, 1));
  }

  /// The same for the parameters themselves.
  void gather_weights(std::span<Parameter<Scalar>* const> parameters) {
    std::vector<std::span<Scalar>> weights;
    for (auto* parameter : parameters)
      weights.emplace_back(parameter->value.data(),
                           static_cast<std::size_t>(parameter->value.size()));
    segments_.template gather<Scalar>(0, weights);
  }

  /// Whether one of the processes says yes.
  [[nodiscard]] bool any(bool own) {
    const auto answers = processes_.gather<char>(own ? 1 : 0);
    return std::find(answers.begin(), answers.end(), 1) != answers.end();
  }

  /// All have sent each other what they computed; this finds what was changed on one of them alone.
  /// Throws Error, which names the first that has other values than process 0.
  void require_same(const std::vector<std::span<Scalar>>& state, Index epoch) {
    if (is_alone()) return;
    Checksum sum;
    for (const auto& part : state) sum.add(part.data(), part.size_bytes());
    const auto sums = processes_.gather(sum.value());
    for (std::size_t p = 1; p < sums.size(); ++p)
      if (sums[p] != sums.front())
        throw Error(message("process ", p,
                            " came to other weights than process 0 by the end of epoch ",
                            epoch + 1));
  }

  /// The first process's `state`, for all.
  void share(const std::vector<std::span<Scalar>>& state) {
    for (const auto& part : state) processes_.broadcast(std::as_writable_bytes(part));
  }

  /// evaluate(), each process for its share of the samples.
  [[nodiscard]] Metrics evaluate(const GloroModel<Scalar>& model, const data::Dataset& dataset,
                                 double epsilon, Workers& workers) {
    const auto share = processes_.share(dataset.size());
    return processes_.sum(
        gloro::evaluate(model, dataset.part(share.first, share.size()), epsilon, workers));
  }

 private:
  Processes& processes_;
  Segments segments_;
};

}  // namespace gloro
