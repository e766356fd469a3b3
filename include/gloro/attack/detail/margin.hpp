// The margin that attacks push below zero, y_label less a rival's logit, and its gradient by the
// input.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/core/infinity.hpp"
#include "gloro/core/tape.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/model/gloro_model.hpp"

namespace gloro::attack {

inline constexpr Index any_rival = -1;

/// What an attack on one sample wants: a rival, or any, above the label.
struct Aim {
  Index label = 0;
  Index rival = any_rival;
};

/// y_label - y_rival, computed in double.
struct Margin {
  double value = infinity;  ///< +infinity if there is no rival
  Index rival = any_rival;  ///< the one it is smallest against

  /// The label is not the unique top class: a tie and NaN count.
  [[nodiscard]] bool is_lost() const { return !(value > 0); }
};

/// The margin of one sample's logits, against the aim's rival or the strongest one. NaN wins.
template <std::floating_point Scalar>
[[nodiscard]] Margin margin_of(const Scalar* logits, Index classes, const Aim& aim) {
  Margin least;
  for (Index i = 0; i < classes; ++i) {
    if (i == aim.label || (aim.rival != any_rival && i != aim.rival)) continue;
    const double gap = static_cast<double>(logits[aim.label]) - static_cast<double>(logits[i]);
    if (std::isnan(gap)) return {gap, i};
    if (gap < least.value || least.rival == any_rival) least = {gap, i};
  }
  return least;
}

/// The margin of each sample of a batch.
template <std::floating_point Scalar>
[[nodiscard]] std::vector<Margin> margins(const GloroModel<Scalar>& model, Tensor<Scalar> x,
                                          std::span<const Aim> aims) {
  const Tensor<Scalar> y = model.logits(std::move(x));
  std::vector<Margin> all;
  for (Index n = 0; n < y.batch(); ++n)
    all.push_back(margin_of(y.sample(n), model.classes(), aims[static_cast<std::size_t>(n)]));
  return all;
}

/// Logits of a batch and, of each sample, the gradient of its aim's margin.
template <std::floating_point Scalar>
struct MarginSlope {
  Tensor<Scalar> logits;
  std::vector<Margin> margins;
  Tensor<Scalar> gradient;  ///< the input's shape, a column a sample
};

template <std::floating_point Scalar>
[[nodiscard]] MarginSlope<Scalar> margin_slope(const GloroModel<Scalar>& model, Tensor<Scalar> x,
                                               std::span<const Aim> aims) {
  Tape<Scalar> tape;
  MarginSlope<Scalar> slope{model.logits(std::move(x), {.tape = &tape}), {}, {}};
  Tensor<Scalar> dy(slope.logits.shape(), slope.logits.batch());
  dy.matrix().setZero();
  for (Index n = 0; n < dy.batch(); ++n) {
    const Aim& aim = aims[static_cast<std::size_t>(n)];
    const Margin margin = margin_of(slope.logits.sample(n), model.classes(), aim);
    slope.margins.push_back(margin);
    if (margin.rival == any_rival) continue;
    dy.sample(n)[aim.label] = 1;
    dy.sample(n)[margin.rival] = -1;
  }
  slope.gradient = model.backward(std::move(dy), {.tape = tape});
  return slope;
}

/// All classes but `label`, the largest logit first.
template <std::floating_point Scalar>
[[nodiscard]] std::vector<Index> rivals_by_strength(const Scalar* logits, Index classes,
                                                    Index label) {
  std::vector<Index> rivals(static_cast<std::size_t>(classes));
  std::iota(rivals.begin(), rivals.end(), Index{0});
  rivals.erase(rivals.begin() + label);
  const auto place = [&](Index i) {  // NaN goes last: it would upset the order
    return std::pair(std::isnan(logits[i]) ? infinity : -static_cast<double>(logits[i]), i);
  };
  std::sort(rivals.begin(), rivals.end(), [&](Index a, Index b) { return place(a) < place(b); });
  return rivals;
}

/// Moves a point by `length` along its gradient's direction; a gradient of zero, infinity or NaN
/// has none, and leaves it. Returns the gradient's norm.
template <std::floating_point Scalar>
double step_along(Scalar* point, const Scalar* gradient, Index size, double length) {
  double squares = 0;
  for (Index i = 0; i < size; ++i)
    squares += static_cast<double>(gradient[i]) * static_cast<double>(gradient[i]);
  const double norm = std::sqrt(squares);
  if (!(norm > 0 && std::isfinite(norm))) return norm;
  for (Index i = 0; i < size; ++i)
    point[i] = static_cast<Scalar>(static_cast<double>(point[i]) +
                                   length / norm * static_cast<double>(gradient[i]));
  return norm;
}

}  // namespace gloro::attack
