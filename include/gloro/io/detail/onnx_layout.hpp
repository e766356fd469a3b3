// How values lie: what the builders of operators share. An image in ONNX's order is one here where only its
// channels are in another order, or where blocks of its pixels are channels.
#pragma once

#include <cmath>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/io/detail/onnx_call.hpp"
#include "gloro/io/detail/onnx_steps.hpp"
#include "gloro/io/detail/onnx_value.hpp"

namespace gloro::detail::from_onnx {

/// A new value, which is accounted for before its order is.
[[nodiscard]] inline OnnxValue image(const OnnxCall& call, const Shape& shape) {
  call.memory.take(message("a value of ", shape), static_cast<double>(shape.size()));
  return OnnxValue::image(shape);
}

[[nodiscard]] inline OnnxValue flat(const OnnxCall& call, Index size) {
  call.memory.take(message("a value of ", size), static_cast<double>(size));
  return OnnxValue::flat(size);
}

/// Where InvertibleDownsampling puts the value at `place` of an image.
[[nodiscard]] inline Index downsampled(Index place, const Shape& in, const Extent& block) {
  const Index c = place % in.channels, column = place / in.channels % in.width,
              row = place / in.channels / in.width;
  const Index group = row % block.height * block.width + column % block.width;
  const Index pixel = row / block.height * (in.width / block.width) + column / block.width;
  return (pixel * block.height * block.width + group) * in.channels + c;
}

/// An image whose channels are blocks of pixels of one, by the layer that makes them: space to depth.
[[nodiscard]] inline std::optional<OnnxBuilt> in_blocks(const OnnxValue& x) {
  const Index h = x.extents[1], w = x.extents[2];
  if (h < 1 || w < 1 || x.shape.height % h != 0 || x.shape.width % w != 0) return {};
  const Extent block{x.shape.height / h, x.shape.width / w};
  auto order = std::make_shared<OnnxValue::Order>();
  order->reserve(x.order->size());
  for (Index i = 0; i < x.size(); ++i) order->push_back(downsampled(x.at(i), x.shape, block));
  OnnxBuilt built{{x.extents, {h, w, x.extents[0]}, std::move(order), x.ends}};
  if (!built.value.lies_as_image()) return {};
  NamedStep step{{"invertible_downsampling", {{"block", block.described()}}}};
  built.steps.push_back({{}, x.shape, built.value.shape, std::move(step)});
  return built;
}

/// What was moved, and is an image that way.
[[nodiscard]] inline OnnxBuilt moved(OnnxValue x) {
  if (x.is_image() && !x.lies_as_image())
    if (auto blocks = in_blocks(x)) return *std::move(blocks);
  return {std::move(x)};
}

/// An image as it lies.
[[nodiscard]] inline OnnxBuilt as_image(const OnnxValue& x) {
  if (!x.is_image())
    throw Error(message("it takes images, and its samples have ", x.extents.size(), " axes"));
  if (!x.lies_as_image())
    throw Error("its images are none: their values were moved by more than an order of channels");
  return {x};
}

/// `image`, its channels in the order in which `before` has them.
[[nodiscard]] inline OnnxValue in_channels_of(const OnnxValue& before, const OnnxValue& image) {
  const Index channels = image.extents[0], pixels = image.extents[1] * image.extents[2];
  std::vector<Index> read;
  read.reserve(image.order->size());
  for (Index c = 0; c < channels; ++c)
    for (Index pixel = 0; pixel < pixels; ++pixel)
      read.push_back(before.channel(c) * pixels + pixel);
  return image.reordered(image.extents, read);
}

/// A number for each of the library's channels; `number(i)`: that of ONNX's value i. Throws Error
/// where values of a channel differ.
template <typename Number>
[[nodiscard]] Vector<double> each_channel(const OnnxValue& x, const Number& number) {
  Vector<double> all = Vector<double>::Zero(x.shape.channels);
  std::vector<bool> is_known(static_cast<std::size_t>(x.shape.channels), false);
  for (Index i = 0; i < x.size(); ++i) {
    const Index c = x.at(i) % x.shape.channels;
    const double value = number(i);
    if (!std::isfinite(value)) throw Error(message("it has a constant that is ", value));
    if (is_known[static_cast<std::size_t>(c)] && all(c) != value)
      throw Error("its constant differs from pixel to pixel, expected one for each channel");
    is_known[static_cast<std::size_t>(c)] = true;
    all(c) = value;
  }
  return all;
}

[[nodiscard]] inline Matrix<double> column(const std::vector<double>& values) {
  return Eigen::Map<const Vector<double>>(values.data(), static_cast<Index>(values.size()));
}

}  // namespace gloro::detail::from_onnx
