// The extents of tensors, and what reshaping, transposing and broadcasting make of them, as ONNX has it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/io/detail/onnx_node.hpp"
#include "gloro/io/detail/onnx_tensor.hpp"

namespace gloro::detail {

/// How far apart neighbours along each axis lie in a tensor of these extents.
[[nodiscard]] inline std::vector<Index> strides_of(const std::vector<Index>& extents) {
  std::vector<Index> strides(extents.size(), 1);
  for (std::size_t axis = extents.size(); axis-- > 1;)
    strides[axis - 1] = strides[axis] * extents[axis];
  return strides;
}

/// Of each element of a tensor of `extents`, row by row, where it lies in one whose neighbours along
/// the same axes lie `strides` apart.
[[nodiscard]] inline std::vector<Index> places(const std::vector<Index>& extents,
                                               const std::vector<Index>& strides) {
  std::vector<Index> all{0};
  for (std::size_t axis = 0; axis < extents.size(); ++axis) {
    std::vector<Index> finer;
    finer.reserve(all.size() * static_cast<std::size_t>(extents[axis]));
    for (const Index place : all)
      for (Index i = 0; i < extents[axis]; ++i) finer.push_back(place + i * strides[axis]);
    all = std::move(finer);
  }
  return all;
}

/// Strides by which a tensor of `from` is read as one of `to`, as ONNX broadcasts: axes are matched
/// from the last, and along an extent of 1 all is the same. Throws Error where it does not fit.
[[nodiscard]] inline std::vector<Index> broadcast_strides(const std::vector<Index>& from,
                                                          const std::vector<Index>& to) {
  std::vector<Index> strides(to.size(), 0);
  const std::vector<Index> own = strides_of(from);
  for (std::size_t i = 1; i <= from.size(); ++i) {
    const Index extent = from[from.size() - i];
    if (extent == 1) continue;
    if (i > to.size() || to[to.size() - i] != extent)
      throw Error(message("a constant with an extent of ", extent, " does not broadcast to ",
                          i > to.size() ? Index{1} : to[to.size() - i]));
    strides[to.size() - i] = own[from.size() - i];
  }
  return strides;
}

/// The extents of a reshape: 0 keeps the extent, -1 takes what is left.
[[nodiscard]] inline std::vector<Index> reshaped(const std::vector<Index>& from,
                                                 std::vector<Index> to) {
  const Index size = OnnxTensor::size_of(from);
  std::size_t free = to.size();
  Index others = 1;
  for (std::size_t i = 0; i < to.size(); ++i) {
    if (to[i] == 0 && i < from.size()) to[i] = from[i];
    if (to[i] == -1 && free == to.size())
      free = i;
    else
      others = checked_product(others, to[i]);
  }
  if (free < to.size()) to[free] = others > 0 ? size / others : 0;
  if (OnnxTensor::size_of(to) != size)
    throw Error(message("a tensor of ", size, " numbers does not reshape to one of ", others,
                        free < to.size() ? " times an extent" : ""));
  return to;
}

/// The axes that a Transpose reads in turn: all of them, each once.
[[nodiscard]] inline std::vector<std::size_t> permutation(const OnnxNode& node, std::size_t rank) {
  std::vector<Index> given = node.integers("perm");
  if (given.empty())
    for (std::size_t i = rank; i-- > 0;) given.push_back(static_cast<Index>(i));
  std::vector<std::size_t> axes;
  for (const Index axis : given) axes.push_back(axis_of(axis, rank));
  auto sorted = axes;
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  if (axes.size() != rank || sorted.size() != rank)
    throw Error(message("its perm is no order of ", rank, " axes"));
  return axes;
}

[[nodiscard]] inline std::vector<Index> unsqueezed(std::vector<Index> extents,
                                                   const std::vector<Index>& axes) {
  if (axes.size() > most_axes) throw Error(message("it names ", axes.size(), " axes"));
  std::vector<std::size_t> at;
  for (const Index axis : axes) at.push_back(axis_of(axis, extents.size() + axes.size()));
  std::sort(at.begin(), at.end());
  for (const std::size_t axis : at) {
    if (axis > extents.size()) throw Error("it names an axis twice");
    extents.insert(extents.begin() + static_cast<std::ptrdiff_t>(axis), 1);
  }
  return extents;
}

[[nodiscard]] inline std::vector<Index> squeezed(const std::vector<Index>& extents,
                                                 const std::vector<Index>& axes) {
  std::vector<bool> goes(extents.size(), false);
  for (const Index axis : axes) {
    const std::size_t at = axis_of(axis, extents.size());
    if (extents[at] < 0) throw Error("it moves the batch");
    if (extents[at] != 1)
      throw Error(message("it squeezes an axis of extent ", extents[at], ", expected 1"));
    goes[at] = true;
  }
  std::vector<Index> left;
  for (std::size_t i = 0; i < extents.size(); ++i)
    if (axes.empty() ? extents[i] != 1 : !goes[i]) left.push_back(extents[i]);
  return left;
}

}  // namespace gloro::detail
