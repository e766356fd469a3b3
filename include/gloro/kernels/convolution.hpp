// Convolution of NHWC images, its transpose and the gradient of its filters, each as a contraction
// over an image with a margin of zeros: an output pixel is a row of the register tile, a filter tap
// (kernel row, kernel column, input channel) is a term, found by its offset from the pixel.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>

#include "gloro/core/buffer.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/kernels/contraction.hpp"
#include "gloro/kernels/geometry.hpp"

namespace gloro::kernels {

/// No product of `convolve` passes through more roundings than this: its own multiplication, the
/// additions and the bias counted.
[[nodiscard]] inline Index summation_depth(const ConvolutionGeometry& geometry) {
  return Summation(geometry.taps()).depth();
}

namespace detail {

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
    const Index rows = std::min(image_.height, height_ - top_);
    const Index count = std::min(image_.width, width_ - left_) * image_.channels;
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
      : rows_(rows), channels_(channels), step_(Contraction<Scalar>::padded(channels)) {
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

}  // namespace detail

/// y(n, oy, ox, co) = bias(co) + sum over ky, kx, ci of
/// x(n, oy * stride + ky - pad, ox * stride + kx - pad, ci) * filters(ky, kx, ci, co), x being zero
/// outside its image. `bias` may be null.
template <std::floating_point Scalar>
void convolve(const ConvolutionGeometry& g, const Scalar* x, const Scalar* filters,
              const Scalar* bias, Scalar* y, Index batch) {
  const Index taps = g.taps(), channels = g.output.channels;
  auto image = detail::padded_input<Scalar>(g);
  Buffer<Index> offsets(static_cast<std::size_t>(taps));
  for (Index ky = 0, k = 0; ky < g.kernel_height; ++ky)
    for (Index i = 0; i < g.kernel_width * g.input.channels; ++i)
      offsets.data()[k++] = ky * image.row_step() + i;

  detail::WholeVectors<Scalar> b(taps, channels);
  const Index padded = b.step();
  Buffer<Scalar> start(static_cast<std::size_t>(padded));
  std::fill_n(start.data(), padded, Scalar(0));
  if (bias) std::copy_n(bias, channels, start.data());

  Contraction<Scalar> sum;
  sum.rows = g.output.height;
  sum.columns = g.output.width;
  sum.channels = channels;
  sum.a_row = g.stride_height * image.row_step();
  sum.a_column = g.stride_width * g.input.channels;
  sum.offsets = offsets.data();
  sum.terms = taps;
  sum.b = b.show(filters);
  sum.b_step = padded;
  sum.start = start.data();
  sum.c_row = g.output.width * channels;
  sum.c_column = channels;
  for (Index n = 0; n < batch; ++n) {
    sum.a = image.show(x + n * g.input.size());
    sum.c = y + n * g.output.size();
    sum.run();
  }
}

/// dfilters(ky, kx, ci, co) += sum over n, oy, ox of
/// x(n, oy * stride + ky - pad, ox * stride + kx - pad, ci) * dy(n, oy, ox, co).
template <std::floating_point Scalar>
void correlate_filters(const ConvolutionGeometry& g, const Scalar* x, const Scalar* dy,
                       Scalar* dfilters, Index batch) {
  const Index pixels = g.output.height * g.output.width, channels = g.output.channels;
  auto image = detail::padded_input<Scalar>(g);
  Buffer<Index> offsets(static_cast<std::size_t>(pixels));
  for (Index oy = 0, k = 0; oy < g.output.height; ++oy)
    for (Index ox = 0; ox < g.output.width; ++ox)
      offsets.data()[k++] =
          oy * g.stride_height * image.row_step() + ox * g.stride_width * g.input.channels;

  detail::WholeVectors<Scalar> b(pixels, channels);
  Contraction<Scalar> sum;
  sum.rows = g.kernel_height;
  sum.columns = g.kernel_width * g.input.channels;
  sum.channels = channels;
  sum.a_row = image.row_step();
  sum.a_column = 1;
  sum.offsets = offsets.data();
  sum.terms = pixels;
  sum.b_step = b.step();
  sum.start = nullptr;
  sum.c = dfilters;
  sum.c_row = sum.columns * channels;
  sum.c_column = channels;
  for (Index n = 0; n < batch; ++n) {
    sum.a = image.show(x + n * g.input.size());
    sum.b = b.show(dy + n * g.output.size());
    sum.run();
  }
}

namespace detail {

/// One axis of a transposed convolution with stride s, for the input places that are congruent to
/// `phase - pad` mod s: they see the kernel places phase, phase + s, ..., and the place
/// i = q * s + phase - pad gets kernel place phase + s * j times the output gradient at q - j.
struct Phase {
  Index phase, taps, first, count;  // kernel places; smallest q; number of places

  Phase(Index phase_, Index input, Index kernel, Index stride, Index pad)
      : phase(phase_), taps(phase_ < kernel ? (kernel - phase_ + stride - 1) / stride : 0) {
    const Index skipped = pad - phase;  // q * s >= skipped
    first = skipped > 0 ? (skipped + stride - 1) / stride : -(-skipped / stride);
    const Index start = first * stride - skipped;  // first input place of this phase
    count = start < input ? (input - start + stride - 1) / stride : 0;
  }

  /// Zeros that its sum needs before and after `output` gradients.
  [[nodiscard]] Index margin_before() const {
    return taps && count ? std::max<Index>(0, taps - 1 - first) : 0;
  }
  [[nodiscard]] Index margin_after(Index output) const {
    return taps && count ? std::max<Index>(0, first + count - output) : 0;
  }
};

}  // namespace detail

/// dx = the transpose of the linear part of `convolve` applied to dy: dx is overwritten.
template <std::floating_point Scalar>
void convolve_transposed(const ConvolutionGeometry& g, const Scalar* dy, const Scalar* filters,
                         Scalar* dx, Index batch) {
  using detail::Phase;
  const auto vertical = [&](Index phase) {
    return Phase(phase, g.input.height, g.kernel_height, g.stride_height, g.pad_top);
  };
  const auto horizontal = [&](Index phase) {
    return Phase(phase, g.input.width, g.kernel_width, g.stride_width, g.pad_left);
  };
  Index top = 0, bottom = 0, left = 0, right = 0;
  for (Index phase = 0; phase < g.stride_height; ++phase) {
    top = std::max(top, vertical(phase).margin_before());
    bottom = std::max(bottom, vertical(phase).margin_after(g.output.height));
  }
  for (Index phase = 0; phase < g.stride_width; ++phase) {
    left = std::max(left, horizontal(phase).margin_before());
    right = std::max(right, horizontal(phase).margin_after(g.output.width));
  }
  detail::PaddedImage<Scalar> image(g.output, top, left, top + g.output.height + bottom,
                                    left + g.output.width + right);

  // Filters of all phases, one after the other, with the input channels fastest.
  const Index inputs = g.input.channels, outputs = g.output.channels;
  const Index padded = Contraction<Scalar>::padded(inputs);
  const Index taps = g.kernel_height * g.kernel_width * outputs;
  Buffer<Scalar> b(static_cast<std::size_t>(taps * padded));
  Buffer<Index> offsets(static_cast<std::size_t>(taps));
  Buffer<Scalar> zeros(static_cast<std::size_t>(padded));
  std::fill_n(zeros.data(), padded, Scalar(0));
  Index k = 0;
  for (Index py = 0; py < g.stride_height; ++py)
    for (Index px = 0; px < g.stride_width; ++px)
      for (Index j = vertical(py).taps - 1; j >= 0; --j)
        for (Index i = horizontal(px).taps - 1; i >= 0; --i) {
          const Index place = (py + j * g.stride_height) * g.kernel_width + px + i * g.stride_width;
          const Scalar* const from = filters + place * inputs * outputs;
          for (Index co = 0; co < outputs; ++co, ++k) {
            offsets.data()[k] = co - j * image.row_step() - i * outputs;
            Scalar* const to = b.data() + k * padded;
            for (Index ci = 0; ci < inputs; ++ci) to[ci] = from[ci * outputs + co];
            std::fill(to + inputs, to + padded, Scalar(0));
          }
        }

  Contraction<Scalar> sum;
  sum.channels = inputs;
  sum.a_row = image.row_step();
  sum.a_column = outputs;
  sum.b_step = padded;
  sum.start = zeros.data();
  sum.c_row = g.stride_height * g.input.width * inputs;
  sum.c_column = g.stride_width * inputs;
  for (Index n = 0; n < batch; ++n) {
    const Scalar* const shown = image.show(dy + n * g.output.size());
    sum.b = b.data();
    sum.offsets = offsets.data();
    for (Index py = 0; py < g.stride_height; ++py)
      for (Index px = 0; px < g.stride_width; ++px) {
        const Phase v = vertical(py), h = horizontal(px);
        sum.rows = v.count;
        sum.columns = h.count;
        sum.terms = v.taps * h.taps * outputs;
        sum.a = shown + (v.first + top) * sum.a_row + (h.first + left) * sum.a_column;
        const Index row = v.first * g.stride_height + py - g.pad_top;
        const Index column = h.first * g.stride_width + px - g.pad_left;
        sum.c = dx + n * g.input.size() + (row * g.input.width + column) * inputs;
        if (v.count > 0 && h.count > 0) sum.run();
        sum.b += sum.terms * padded;
        sum.offsets += sum.terms;
      }
  }
}

}  // namespace gloro::kernels
