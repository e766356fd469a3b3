// GroupSort: sorts groups of channels (Anil, Lucas and Grosse 2019). It permutes its inputs, so it is
// 1-Lipschitz and loses no gradient norm. Groups of two are MinMax, which is faster; one group of all
// channels is FullSort.
#pragma once

#include <concepts>

#include "gloro/layers/layer.hpp"

namespace gloro {

/// Each run of `group` channels in ascending order; needs a number of channels that `group` divides.
template <std::floating_point Scalar>
class GroupSort {
 public:
  static constexpr const char* type = "group_sort";

  /// `group` 0: all channels.
  explicit GroupSort(Index group = 0);

  [[nodiscard]] Index group() const { return group_; }

  [[nodiscard]] Shape output_shape(Shape input) const;

  [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, const Pass<Scalar>& pass) const;

  [[nodiscard]] double definition(const Tensor<double>& x, Index i) const;

  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, const BackwardPass<Scalar>& pass) const;

  [[nodiscard]] Scalar lipschitz() const { return 1; }
  [[nodiscard]] double lipschitz_upper_bound() const { return 1; }
  [[nodiscard]] RoundingBound rounding() const { return {}; }  // comparisons are exact
  [[nodiscard]] Description describe() const;
  [[nodiscard]] static GroupSort from(DescribedOptions& options);
  template <std::floating_point Other>
  [[nodiscard]] GroupSort<Other> cast() const {
    return GroupSort<Other>(group_);
  }

 private:
  [[nodiscard]] Index extent(const Shape& shape) const {
    return group_ == 0 ? shape.channels : group_;
  }
  /// A NaN is larger than every number: it stays, at the end of its group, and the order is one.
  [[nodiscard]] static bool is_before(Scalar a, Scalar b) { return a < b || (b != b && a == a); }

  Index group_;
};

}  // namespace gloro

#ifdef GLORO_COMPILED
#include "gloro/layers/detail/instances.hpp"
GLORO_HELD_LAYER(extern, GroupSort)
#else
#include "gloro/layers/group_sort.ipp"
#endif
