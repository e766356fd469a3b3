// MinMax: sorts pairs of channels (Anil, Lucas and Grosse 2019: GroupSort with groups of two).
// It permutes its inputs, so it keeps distances locally and is 1-Lipschitz: unlike ReLU it loses no
// gradient norm.
#pragma once

#include <concepts>

#include "gloro/layers/layer.hpp"

namespace gloro {

enum class MinMaxPairs {
  adjacent,  ///< channels 2i and 2i + 1, as the original package does
  halves,    ///< channels i and i + C/2
};

/// y = (min, max) of each pair of channels, the smaller first. Needs an even number of channels.
template <std::floating_point Scalar>
class MinMax {
 public:
  static constexpr const char* type = "minmax";

  explicit MinMax(MinMaxPairs pairs = MinMaxPairs::adjacent);

  [[nodiscard]] MinMaxPairs pairs() const { return pairs_; }

  [[nodiscard]] Shape output_shape(Shape input) const;

  [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, const Pass<Scalar>& pass) const;

  [[nodiscard]] double definition(const Tensor<double>& x, Index i) const;

  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, const BackwardPass<Scalar>& pass) const;

  [[nodiscard]] Scalar lipschitz() const { return 1; }
  [[nodiscard]] double lipschitz_upper_bound() const { return 1; }
  [[nodiscard]] RoundingBound rounding() const { return {}; }  // comparisons are exact
  [[nodiscard]] Description describe() const;
  [[nodiscard]] static MinMax from(DescribedOptions& options);
  template <std::floating_point Other>
  [[nodiscard]] MinMax<Other> cast() const {
    return MinMax<Other>(pairs_);
  }

 private:
  /// Distance between the members of a pair; within a run of twice that many values.
  [[nodiscard]] Index span(const Shape& shape) const;

  MinMaxPairs pairs_;
};

}  // namespace gloro

#ifdef GLORO_COMPILED
#include "gloro/layers/detail/instances.hpp"
GLORO_HELD_LAYER(extern, MinMax)
#else
#include "gloro/layers/minmax.ipp"
#endif
