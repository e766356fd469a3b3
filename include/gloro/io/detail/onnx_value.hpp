// OnnxValue: what flows along an edge of an ONNX graph, as this library has it. ONNX lays a sample out
// as its operators say, channels first for images; the library has channels last. A value says which
// of the library's numbers each of ONNX's is, so that a Reshape or a Transpose moves nothing, and an
// order of channels is taken up by the weights that read it.
#pragma once

#include <cstddef>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/io/detail/onnx_extents.hpp"

namespace gloro::detail {

struct OnnxValue {
  using Order = std::vector<Index>;

  std::vector<Index> extents;          ///< of a sample, as ONNX has it: without the batch
  Shape shape;                         ///< of a sample, as the library has it
  std::shared_ptr<const Order> order;  ///< place in the library's sample of each of ONNX's numbers
  std::string ends = {};  ///< the node that may be nothing but the last: a Softmax that was dropped

  [[nodiscard]] Index size() const { return static_cast<Index>(order->size()); }

  /// As the library's own layers leave it: an image's channels first, anything else as it lies.
  [[nodiscard]] static OnnxValue of(const Shape& shape, std::vector<Index> extents) {
    OnnxValue value{std::move(extents), shape, nullptr};
    value.order = std::make_shared<const Order>(
        places({shape.channels, shape.height, shape.width},
               {1, checked_product(shape.width, shape.channels), shape.channels}));
    return value;
  }
  [[nodiscard]] static OnnxValue image(const Shape& shape) {
    return of(shape, {shape.channels, shape.height, shape.width});
  }
  [[nodiscard]] static OnnxValue flat(Index size) { return of(Shape::flat(size), {size}); }

  [[nodiscard]] bool is_image() const { return extents.size() == 3; }

  /// Whether it lies as it would in an image of ONNX's extents, whatever the order of channels.
  [[nodiscard]] bool lies_as_image() const {
    if (!is_image() || shape != Shape{extents[1], extents[2], extents[0]}) return false;
    const Index pixels = extents[1] * extents[2];
    for (Index c = 0; c < extents[0]; ++c)
      for (Index pixel = 0; pixel < pixels; ++pixel)
        if (at(c * pixels + pixel) != pixel * extents[0] + channel(c)) return false;
    return true;
  }

  /// Of an image: which of the library's channels ONNX's channel c is.
  [[nodiscard]] Index channel(Index c) const {
    return at(c * extents[1] * extents[2]) % shape.channels;
  }

  [[nodiscard]] Index at(Index i) const { return (*order)[static_cast<std::size_t>(i)]; }

  [[nodiscard]] bool is_laid_as(const OnnxValue& other) const {
    return extents == other.extents && shape == other.shape &&
           (order == other.order || *order == *other.order);
  }

  /// The same numbers read in another order, `places` of it.
  [[nodiscard]] OnnxValue reordered(std::vector<Index> others, const Order& read) const {
    auto order_of = std::make_shared<Order>();
    order_of->reserve(read.size());
    for (const Index place : read) order_of->push_back(at(place));
    return {std::move(others), shape, std::move(order_of), ends};
  }
};

}  // namespace gloro::detail
