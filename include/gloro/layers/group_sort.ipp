// The bodies of group_sort.hpp.
#pragma once

#include "gloro/layers/group_sort.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

#include "gloro/core/buffer.hpp"
#include "gloro/core/error.hpp"
#include "gloro/layers/described_options.hpp"

namespace gloro {

template <std::floating_point Scalar>
GroupSort<Scalar>::GroupSort(Index group) : group_(group) {
  if (group < 0)
    throw ArgumentError(message("GroupSort needs a group of channels, or 0 for all, got ", group));
}

template <std::floating_point Scalar>
Shape GroupSort<Scalar>::output_shape(Shape input) const {
  if (group_ != 0 && input.channels % group_ != 0)
    throw ShapeError(message("GroupSort by ", group_,
                             " needs a number of channels that it divides, got ", input));
  return input;
}

template <std::floating_point Scalar>
Tensor<Scalar> GroupSort<Scalar>::forward(Tensor<Scalar> x, const Pass<Scalar>& pass) const {
  const Index count = extent(x.shape());
  if (pass.tape) pass.keep(x);
  for (Scalar* group = x.data(); group != x.data() + x.size(); group += count)
    std::sort(group, group + count, is_before);
  return x;
}

template <std::floating_point Scalar>
double GroupSort<Scalar>::definition(const Tensor<double>& x, Index i) const {
  const Index count = extent(x.shape()), rank = i % count;
  std::vector<double> group(x.data() + (i - rank), x.data() + (i - rank) + count);
  const auto at = group.begin() + static_cast<std::ptrdiff_t>(rank);
  std::nth_element(group.begin(), at, group.end());
  return *at;
}

template <std::floating_point Scalar>
Tensor<Scalar> GroupSort<Scalar>::backward(Tensor<Scalar> dy,
                                           const BackwardPass<Scalar>& pass) const {
  const Tensor<Scalar> x = pass.tape.pop();
  const Index count = extent(x.shape());
  Tensor<Scalar> dx(x.shape(), x.batch());
  Buffer<Index> origin(static_cast<std::size_t>(count));
  Index* const end = origin.data() + count;
  for (Index first = 0; first < x.size(); first += count) {
    const Scalar* group = x.data() + first;
    std::iota(origin.data(), end, Index{0});
    // Equal values keep their order: the gradient does not depend on how the library sorts.
    std::sort(origin.data(), end, [group](Index a, Index b) {
      return is_before(group[a], group[b]) || (!is_before(group[b], group[a]) && a < b);
    });
    for (Index rank = 0; rank < count; ++rank)
      dx.data()[first + origin.data()[rank]] = dy.data()[first + rank];
  }
  return dx;
}

template <std::floating_point Scalar>
Description GroupSort<Scalar>::describe() const {
  return {type, {{"group", group_}}};
}

template <std::floating_point Scalar>
GroupSort<Scalar> GroupSort<Scalar>::from(DescribedOptions& options) {
  return GroupSort(options.number("group"));
}

#ifdef GLORO_COMPILING
template class GroupSort<float>;
template class GroupSort<double>;
GLORO_HELD_LAYER(, GroupSort)
#endif

}  // namespace gloro
