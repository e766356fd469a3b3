// Packing: operands as the register tiles want them. Images with zeros around them, rows filled up
// to whole vectors, blocks gathered from far apart: in recycled memory, and only where needed.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>

#include "gloro/core/buffer.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/kernels/contraction.hpp"
#include "gloro/kernels/geometry.hpp"
#include "gloro/kernels/simd.hpp"

namespace gloro::kernels::detail {

template <typename Scalar>
[[nodiscard]] Buffer<Scalar> zeros(Index size, Index times = 1) {
  size = checked_product(size, times);
  Buffer<Scalar> result(static_cast<std::size_t>(size));
  std::fill_n(result.data(), size, Scalar(0));
  return result;
}

/// 0, step, 2 step, ...
[[nodiscard]] inline Buffer<Index> equal_steps(Index count, Index step) {
  Buffer<Index> result(static_cast<std::size_t>(count));
  for (Index k = 0; k < count; ++k) result.data()[k] = k * step;
  return result;
}

/// `rows` x `columns` values, their rows `from_step` apart, copied to rows `to_step` apart: where
/// steps are powers of two, all rows would share a few cache lines.
template <typename Scalar>
void pack(const Scalar* from, Index from_step, Index rows, Index columns, Scalar* to,
          Index to_step) {
  constexpr Index width = vector_width<Scalar>;
  for (Index i = 0; i < rows; ++i) {
    const Scalar* const row = from + i * from_step;
    Scalar* const packed = to + i * to_step;
    Index j = 0;
    for (; j + width <= columns; j += width) store(packed + j, load(row + j));
    for (; j < columns; ++j) packed[j] = row[j];
  }
}

/// to(j, i) = from(i, j) for the rows i of the sequence: a run of `to` at a time.
template <typename Scalar, int... i>
void pack_columns(const Scalar* from, Index from_step, Index columns, Scalar* to, Index to_step,
                  std::integer_sequence<int, i...>) {
  for (Index j = 0; j < columns; ++j) ((to[j * to_step + i] = from[i * from_step + j]), ...);
}

/// The transpose of `rows` x `columns` values.
template <typename Scalar>
void pack_transposed(const Scalar* from, Index from_step, Index rows, Index columns, Scalar* to,
                     Index to_step) {
  constexpr Index together = 8;
  const Index whole = rows / together * together;
  for (Index i = 0; i < whole; i += together)
    pack_columns(from + i * from_step, from_step, columns, to + i, to_step,
                 std::make_integer_sequence<int, together>{});
  for (Index i = whole; i < rows; ++i)
    pack_columns(from + i * from_step, from_step, columns, to + i, to_step,
                 std::make_integer_sequence<int, 1>{});
}

/// Rows of `channels` values, each filled up with zeros to whole vectors; in place if all are.
template <typename Scalar>
class WholeRows {
 public:
  WholeRows(Index rows, Index channels)
      : rows_(rows), channels_(channels), step_(whole_vectors<Scalar>(channels)) {
    if (step_ != channels_) values_ = zeros<Scalar>(rows, step_);
  }

  [[nodiscard]] Index step() const { return step_; }

  [[nodiscard]] const Scalar* show(const Scalar* from) {
    if (step_ == channels_) return from;
    pack(from, channels_, rows_, channels_, values_.data(), step_);
    return values_.data();
  }

 private:
  Index rows_, channels_, step_;
  Buffer<Scalar> values_;
};

/// A window on an image that may reach beyond it, where it shows zeros; the image itself if it does
/// not reach beyond and cuts no columns off.
template <typename Scalar>
class PaddedImage {
 public:
  /// Shows `height` x `width` pixels, of which the first is (-top, -left) of the image.
  PaddedImage(Shape image, Index top, Index left, Index height, Index width)
      : image_(image),
        top_(top),
        left_(left),
        width_(width),
        rows_(std::clamp<Index>(height - top, 0, image.height)),
        columns_(std::clamp<Index>(width - left, 0, image.width)),
        in_place_(top == 0 && left == 0 && height <= image.height && width == image.width) {
    if (!in_place_) values_ = zeros<Scalar>(Shape{height, width, image.channels}.size());
  }

  /// Scalars from one row to the next.
  [[nodiscard]] Index row_step() const { return width_ * image_.channels; }

  [[nodiscard]] const Scalar* show(const Scalar* image) {
    if (in_place_) return image;
    pack(image, image_.width * image_.channels, rows_, columns_ * image_.channels,
         values_.data() + top_ * row_step() + left_ * image_.channels, row_step());
    return values_.data();
  }

 private:
  Shape image_;
  Index top_, left_, width_, rows_, columns_;  // rows and columns of the image that are seen
  bool in_place_;
  Buffer<Scalar> values_;
};

/// The part of the input that a layer reads, with its margins.
template <typename Scalar>
[[nodiscard]] PaddedImage<Scalar> padded_input(const ConvolutionGeometry& g) {
  const Index height = (g.output.height - 1) * g.stride_height + g.kernel_height;
  const Index width = (g.output.width - 1) * g.stride_width + g.kernel_width;
  // Columns that no window reaches do no harm, and spare the copy where there is no margin.
  const Index shown = g.pad_left == 0 ? std::max(width, g.input.width) : width;
  return {g.input, g.pad_top, g.pad_left, height, shown};
}

}  // namespace gloro::kernels::detail
