// The bodies of metrics.hpp.
#pragma once

#include "gloro/train/metrics.hpp"

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <span>
#include <vector>

#include "gloro/core/compiled.hpp"
#include "gloro/core/error.hpp"
#include "gloro/model/bottom.hpp"

namespace gloro {

GLORO_INLINE Metrics& Metrics::operator+=(const Metrics& other) {
  samples += other.samples;
  right += other.right;
  answered += other.answered;
  right_and_answered += other.right_and_answered;
  loss += other.loss;
  return *this;
}

template <std::floating_point Scalar>
void Metrics::count(const Tensor<Scalar>& logits, std::span<const int> labels,
                    const Matrix<Scalar>& margins, Scalar epsilon, const Guarantee& guarantee) {
  const auto y = logits.matrix();
  for (Index n = 0; n < y.cols(); ++n) {
    const auto bottom = bottom_logit(y.col(n), margins, epsilon, guarantee);
    const Index truth = labels[static_cast<std::size_t>(n)];
    const bool is_right = bottom.top == truth;
    ++samples;
    right += is_right;
    answered += bottom.size > 0;
    right_and_answered += bottom.size > 0 && (is_right || rank_of(y.col(n), truth) < bottom.size);
  }
}

template <std::floating_point Scalar>
Metrics evaluate(const GloroModel<Scalar>& model, const data::Dataset& dataset, double epsilon,
                 Workers& workers) {
  constexpr Index chunk = 64;
  if (!dataset.empty() && !dataset.has_labels())
    throw ArgumentError(message("the data set ", dataset.name(), " has no labels to compare with"));
  const Matrix<Scalar> margins = model.lipschitz_terms().margin_constants;
  const Index chunks = (dataset.size() + chunk - 1) / chunk;
  std::vector<Metrics> counted(static_cast<std::size_t>(chunks));
  workers.for_each(chunks, [&](Index c) {
    const Index first = c * chunk, count = std::min(chunk, dataset.size() - first);
    const auto labels =
        std::span(dataset.labels())
            .subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count));
    counted[static_cast<std::size_t>(c)].count(
        model.logits(dataset.template images<Scalar>(first, count)), labels, margins,
        static_cast<Scalar>(epsilon), model.guarantee());
  });
  Metrics total;
  for (const Metrics& part : counted) total += part;
  return total;
}

#ifdef GLORO_COMPILING
template void Metrics::count<float>(const Tensor<float>&, std::span<const int>,
                                    const Matrix<float>&, float, const Guarantee&);
template void Metrics::count<double>(const Tensor<double>&, std::span<const int>,
                                     const Matrix<double>&, double, const Guarantee&);
template Metrics evaluate<float>(const GloroModel<float>&, const data::Dataset&, double, Workers&);
template Metrics evaluate<double>(const GloroModel<double>&, const data::Dataset&, double,
                                  Workers&);
#endif

}  // namespace gloro
