// MinMax: sorts pairs of channels (Anil, Lucas and Grosse 2019: GroupSort with groups of two).
// It permutes its inputs, so it keeps distances locally and is 1-Lipschitz: unlike ReLU it loses no
// gradient norm.
#pragma once

#include <algorithm>

#include "gloro/kernels/minmax.hpp"
#include "gloro/layers/described_options.hpp"
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

  explicit MinMax(MinMaxPairs pairs = MinMaxPairs::adjacent) : pairs_(pairs) {}

  [[nodiscard]] MinMaxPairs pairs() const { return pairs_; }

  [[nodiscard]] Shape output_shape(Shape input) const {
    if (input.channels % 2 != 0)
      throw ShapeError(message("MinMax pairs channels: expected an even number, got ", input));
    return input;
  }

  [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, const Pass<Scalar>& pass) const {
    if (!pass.tape) {
      kernels::minmax<Scalar>(
          {.size = x.size(), .span = span(x.shape()), .x = x.data(), .y = x.data()});
      return x;
    }
    Tensor<Scalar> y(x.shape(), x.batch());
    kernels::minmax<Scalar>(
        {.size = x.size(), .span = span(x.shape()), .x = x.data(), .y = y.data()});
    pass.keep(std::move(x));
    return y;
  }

  [[nodiscard]] double definition(const Tensor<double>& x, Index i) const {
    const Index apart = span(x.shape());
    const bool is_first = i % (2 * apart) < apart;
    const double one = x.data()[i], other = x.data()[is_first ? i + apart : i - apart];
    return is_first ? std::min(one, other) : std::max(one, other);
  }

  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, const BackwardPass<Scalar>& pass) const {
    const Tensor<Scalar> x = pass.tape.pop();
    kernels::minmax_backward<Scalar>(
        {.size = x.size(), .span = span(x.shape()), .x = x.data(), .dy = dy.data()});
    return dy;
  }

  [[nodiscard]] Scalar lipschitz() const { return 1; }
  [[nodiscard]] double lipschitz_upper_bound() const { return 1; }
  [[nodiscard]] RoundingBound rounding() const { return {}; }  // comparisons are exact
  [[nodiscard]] Description describe() const {
    if (pairs_ == MinMaxPairs::adjacent) return {type};
    return {type, {{"pairs", std::string("halves")}}};
  }
  [[nodiscard]] static MinMax from(DescribedOptions& options) {
    const bool adjacent = options.choice("pairs", {"adjacent", "halves"}, 0) == 0;
    return MinMax(adjacent ? MinMaxPairs::adjacent : MinMaxPairs::halves);
  }
  template <std::floating_point Other>
  [[nodiscard]] MinMax<Other> cast() const {
    return MinMax<Other>(pairs_);
  }

 private:
  /// Distance between the members of a pair; within a run of twice that many values.
  [[nodiscard]] Index span(const Shape& shape) const {
    return pairs_ == MinMaxPairs::adjacent ? 1 : shape.channels / 2;
  }

  MinMaxPairs pairs_;
};

}  // namespace gloro
