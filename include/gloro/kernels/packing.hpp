// Packing: operands as the register tiles want them. Images with zeros around them, rows filled up
// to whole vectors, blocks gathered from far apart: in recycled memory, and only where needed.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <utility>

#include "gloro/core/buffer.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/kernels/contraction.hpp"
#include "gloro/kernels/convolution_geometry.hpp"
#include "gloro/kernels/simd.hpp"
#include "gloro/kernels/tile.hpp"

namespace gloro::kernels {

/// Operands of pack and pack_transposed: `rows` x `columns` values of `from`. A step is the way from
/// one row to the next, in scalars.
template <std::floating_point Scalar>
struct Packing {
  Index rows = 1, columns = 0;
  const Scalar* from = nullptr;
  Index from_step = 0;
  Scalar* to = nullptr;
  Index to_step = 0;
};

namespace detail {

/// to(j, i) = from(i, j) for the rows i of the sequence: a run of `to` at a time.
template <typename Scalar, int... i>
void pack_columns(Packing<Scalar> p, std::integer_sequence<int, i...>) {
  for (Index j = 0; j < p.columns; ++j)
    ((p.to[j * p.to_step + i] = p.from[i * p.from_step + j]), ...);
}

}  // namespace detail

// Packings are passed by value: a vector that is stored might otherwise be one of their members.

/// Copies the block: where steps are powers of two, all its rows would share a few cache lines.
template <std::floating_point Scalar>
void pack(Packing<Scalar> p) {
  constexpr Index width = vector_width<Scalar>;
  for (Index i = 0; i < p.rows; ++i) {
    const Scalar* const row = p.from + i * p.from_step;
    Scalar* const packed = p.to + i * p.to_step;
    Index j = 0;
    for (; j + width <= p.columns; j += width) store(packed + j, load(row + j));
    for (; j < p.columns; ++j) packed[j] = row[j];
  }
}

/// Copies its transpose: `to` has `columns` rows.
template <std::floating_point Scalar>
void pack_transposed(Packing<Scalar> p) {
  constexpr Index together = 8;
  Index left = p.rows;
  for (; left >= together; left -= together) {
    detail::pack_columns(p, std::make_integer_sequence<int, together>{});
    p.from += together * p.from_step;
    p.to += together;
  }
  for (; left > 0; --left) {
    detail::pack_columns(p, std::make_integer_sequence<int, 1>{});
    p.from += p.from_step;
    ++p.to;
  }
}

namespace detail {

template <typename Scalar>
[[nodiscard]] Buffer<Scalar> zeros(Index size, Index times = 1) {
  size = checked_product(size, times);
  Buffer<Scalar> result(static_cast<std::size_t>(size));
  std::fill_n(result.data(), size, Scalar(0));
  return result;
}

/// 0, step, 2 step, ...
struct EqualSteps {
  Index count = 0, step = 1;
};
[[nodiscard]] inline Buffer<Index> offsets_of(EqualSteps steps) {
  Buffer<Index> result(static_cast<std::size_t>(steps.count));
  for (Index k = 0; k < steps.count; ++k) result.data()[k] = k * steps.step;
  return result;
}

/// `rows` rows of one panel of a matrix, a step apart.
template <typename Scalar>
struct Panel {
  const Scalar* from = nullptr;
  Index step = 0, rows = 0;
};

/// Asks for a panel before it is needed: what stands far away arrives during the work that comes
/// first.
template <typename Scalar>
void prefetch(const Panel<Scalar>& panel) {
  for (Index i = 0; i < panel.rows; ++i)
    for (Index n = 0; n < tile_vectors; ++n)
      kernels::prefetch(panel.from + i * panel.step + n * vector_width<Scalar>);
}

/// Rows of `channels` values, each filled up with zeros to whole vectors; in place if all are.
template <typename Scalar>
class WholeRows {
 public:
  struct Extents {
    Index rows, channels;
  };

  explicit WholeRows(Extents extents)
      : extents_(extents), step_(whole_vectors<Scalar>(extents.channels)) {
    if (!in_place()) values_ = zeros<Scalar>(extents.rows, step_);
  }

  [[nodiscard]] Index step() const { return step_; }

  [[nodiscard]] const Scalar* show(const Scalar* from) {
    if (in_place()) return from;
    pack<Scalar>({.rows = extents_.rows,
                  .columns = extents_.channels,
                  .from = from,
                  .from_step = extents_.channels,
                  .to = values_.data(),
                  .to_step = step_});
    return values_.data();
  }

 private:
  [[nodiscard]] bool in_place() const { return step_ == extents_.channels; }

  Extents extents_;
  Index step_;
  Buffer<Scalar> values_;
};

/// A window on an image that may reach beyond it, where it shows zeros; the image itself if it does
/// not reach beyond and cuts no columns off.
template <typename Scalar>
class PaddedImage {
 public:
  /// `height` x `width` pixels, of which the first is (-top, -left) of the image.
  struct Frame {
    Index top, left, height, width;
  };

  PaddedImage(Shape image, Frame frame)
      : image_(image),
        frame_(frame),
        rows_(std::clamp<Index>(frame.height - frame.top, 0, image.height)),
        columns_(std::clamp<Index>(frame.width - frame.left, 0, image.width)),
        in_place_(frame.top == 0 && frame.left == 0 && frame.height <= image.height &&
                  frame.width == image.width) {
    if (!in_place_)
      values_ = zeros<Scalar>(Shape{frame.height, frame.width, image.channels}.size());
  }

  /// Scalars from one row to the next.
  [[nodiscard]] Index row_step() const { return frame_.width * image_.channels; }

  [[nodiscard]] const Scalar* show(const Scalar* image) {
    if (in_place_) return image;
    pack<Scalar>({.rows = rows_,
                  .columns = columns_ * image_.channels,
                  .from = image,
                  .from_step = image_.width * image_.channels,
                  .to = values_.data() + frame_.top * row_step() + frame_.left * image_.channels,
                  .to_step = row_step()});
    return values_.data();
  }

 private:
  Shape image_;
  Frame frame_;
  Index rows_, columns_;  // of the image that are seen
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
  return {g.input, {.top = g.pad_top, .left = g.pad_left, .height = height, .width = shown}};
}

}  // namespace detail
}  // namespace gloro::kernels
