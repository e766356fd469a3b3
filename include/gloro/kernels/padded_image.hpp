// Operands as the register tiles want them: images with zeros around them, and rows of channels
// filled up to whole vectors. Copied sample by sample into recycled memory, and only where needed.
#pragma once

#include <algorithm>
#include <cstddef>

#include "gloro/core/buffer.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/kernels/contraction.hpp"
#include "gloro/kernels/geometry.hpp"

namespace gloro::kernels::detail {

/// Images with zeros around them, copied one at a time into recycled memory.
template <typename Scalar>
class PaddedImage {
 public:
  /// Shows `height` x `width` pixels, of which the first is (-top, -left) of the image.
  PaddedImage(Shape image, Index top, Index left, Index height, Index width)
      : image_(image), top_(top), left_(left), height_(height), width_(width) {
    if (is_view()) return;
    values_ = Buffer<Scalar>(static_cast<std::size_t>(height * width * image.channels));
    std::fill_n(values_.data(), values_.size(), Scalar(0));
  }

  [[nodiscard]] Index row_step() const { return width_ * image_.channels; }

  [[nodiscard]] const Scalar* show(const Scalar* image) {
    if (is_view()) return image;
    const Index rows = std::clamp<Index>(height_ - top_, 0, image_.height);
    const Index count = std::clamp<Index>(width_ - left_, 0, image_.width) * image_.channels;
    for (Index y = 0; y < rows; ++y)
      std::copy_n(image + y * image_.width * image_.channels, count,
                  values_.data() + (y + top_) * row_step() + left_ * image_.channels);
    return values_.data();
  }

 private:
  [[nodiscard]] bool is_view() const {
    return top_ == 0 && left_ == 0 && height_ <= image_.height && width_ == image_.width;
  }

  Shape image_;
  Index top_, left_, height_, width_;
  Buffer<Scalar> values_;
};

/// The part of the input that the layer reads, margins included.
template <typename Scalar>
PaddedImage<Scalar> padded_input(const ConvolutionGeometry& g) {
  const Index height = (g.output.height - 1) * g.stride_height + g.kernel_height;
  Index width = (g.output.width - 1) * g.stride_width + g.kernel_width;
  if (g.pad_left == 0) width = std::max(width, g.input.width);  // in place if nothing is missing
  return {g.input, g.pad_top, g.pad_left, height, width};
}

/// `rows` rows of `channels` values, each filled up with zeros to whole vectors; in place if they
/// are whole already.
template <typename Scalar>
class WholeVectors {
 public:
  WholeVectors(Index rows, Index channels)
      : rows_(rows), channels_(channels), step_(kernels::whole_vectors<Scalar>(channels)) {
    if (step_ != channels_) values_ = Buffer<Scalar>(static_cast<std::size_t>(rows * step_));
  }

  [[nodiscard]] Index step() const { return step_; }

  [[nodiscard]] const Scalar* show(const Scalar* from) {
    if (step_ == channels_) return from;
    for (Index i = 0; i < rows_; ++i) {
      Scalar* const to = values_.data() + i * step_;
      std::copy_n(from + i * channels_, channels_, to);
      std::fill(to + channels_, to + step_, Scalar(0));
    }
    return values_.data();
  }

 private:
  Index rows_, channels_, step_;
  Buffer<Scalar> values_;
};

}  // namespace gloro::kernels::detail
