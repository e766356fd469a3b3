// The transpose of a convolution, which backpropagation and power iteration apply. A stride of s
// splits it into s x s phases, one for each place of an input pixel modulo s; each is a convolution of
// stride 1 of the output gradients with the filter taps that meet that place.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <utility>

#include "gloro/core/buffer.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/kernels/contraction.hpp"
#include "gloro/kernels/geometry.hpp"
#include "gloro/kernels/padded_image.hpp"
#include "gloro/kernels/simd.hpp"

namespace gloro::kernels {
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

namespace detail {

/// The transpose where the input has few channels, which would leave vectors half empty: first the
/// products of every output gradient with all filter taps, then their sum over the windows.
template <typename Scalar>
void convolve_transposed_by_taps(const ConvolutionGeometry& g, const Scalar* dy,
                                 const Scalar* filters, Scalar* dx, Index batch) {
  const Index taps = g.taps(), padded = whole_vectors<Scalar>(taps);
  const Index outputs = g.output.channels, channels = g.input.channels;
  const Index step = g.stride_width * channels;
  Buffer<Scalar> b(static_cast<std::size_t>(outputs * padded));
  Buffer<Index> offsets(static_cast<std::size_t>(outputs));
  for (Index co = 0; co < outputs; ++co) {
    offsets.data()[co] = co;
    Scalar* const to = b.data() + co * padded;
    for (Index k = 0; k < taps; ++k) to[k] = filters[k * outputs + co];
    std::fill(to + taps, to + padded, Scalar(0));
  }
  Buffer<Scalar> zeros(static_cast<std::size_t>(padded));
  std::fill_n(zeros.data(), padded, Scalar(0));
  Buffer<Scalar> products(static_cast<std::size_t>(g.output.width * padded));

  Contraction<Scalar> sum;
  sum.rows = 1;
  sum.columns = g.output.width;
  sum.channels = padded;
  sum.a_row = sum.c_row = 0;
  sum.a_column = outputs;
  sum.offsets = offsets.data();
  sum.terms = outputs;
  sum.b = b.data();
  sum.b_step = padded;
  sum.start = zeros.data();
  sum.c = products.data();
  sum.c_column = padded;
  // The outputs whose window has its column kx inside the image.
  const auto inside = [&](Index kx) {
    const Index begin = g.pad_left > kx ? (g.pad_left - kx + g.stride_width - 1) / g.stride_width : 0;
    const Index room = g.input.width - 1 + g.pad_left - kx;
    const Index end = room < 0 ? 0 : std::min(g.output.width, room / g.stride_width + 1);
    return std::pair(std::min(begin, end), end);
  };
  std::fill_n(dx, batch * g.input.size(), Scalar(0));
  for (Index n = 0; n < batch; ++n)
    for (Index oy = 0; oy < g.output.height; ++oy) {
      sum.a = dy + n * g.output.size() + oy * g.output.width * outputs;
      sum.run();
      for (Index ky = 0; ky < g.kernel_height; ++ky) {
        const Index iy = oy * g.stride_height + ky - g.pad_top;
        if (iy < 0 || iy >= g.input.height) continue;
        Scalar* const row = dx + n * g.input.size() + iy * g.input.width * g.input.channels;
        for (Index kx = 0; kx < g.kernel_width; ++kx) {
          const auto [begin, end] = inside(kx);
          const Index column = begin * g.stride_width + kx - g.pad_left;
          for (Index ci = 0; ci < channels; ++ci) {
            Scalar* to = row + column * channels + ci;
            const Scalar* product =
                products.data() + begin * padded + (ky * g.kernel_width + kx) * channels + ci;
            for (Index ox = begin; ox < end; ++ox, to += step, product += padded) *to += *product;
          }
        }
      }
    }
}

}  // namespace detail

/// dx = the transpose of the linear part of `convolve` applied to dy: dx is overwritten.
template <std::floating_point Scalar>
void convolve_transposed(const ConvolutionGeometry& g, const Scalar* dy, const Scalar* filters,
                         Scalar* dx, Index batch) {
  using detail::Phase;
  if (2 * g.input.channels <= vector_width<Scalar>)
    return detail::convolve_transposed_by_taps(g, dy, filters, dx, batch);
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
  const Index padded = whole_vectors<Scalar>(inputs);
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
