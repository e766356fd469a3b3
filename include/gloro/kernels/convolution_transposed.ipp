// The bodies of convolution_transposed.hpp.
#pragma once

#include "gloro/kernels/convolution_transposed.hpp"

#include <algorithm>
#include <cstddef>

#include "gloro/core/buffer.hpp"
#include "gloro/kernels/contraction.hpp"
#include "gloro/kernels/packing.hpp"
#include "gloro/kernels/reach.hpp"
#include "gloro/kernels/simd.hpp"
#include "gloro/parallel/workers.hpp"

namespace gloro::kernels {

namespace detail {

/// One axis of a transposed convolution with stride s and the input places i = q * s + phase - pad.
/// They meet the kernel places phase + s * j, with the output gradient at q - j.
struct Phase {
  Index place;         ///< the first i, for q = first
  Index first, count;  ///< q runs from `first` over `count` places
  Index taps;          ///< j runs from 0 over `taps` kernel places

  Phase(Index phase, const Axis& axis) {
    const Index before = axis.pad - phase;  // i >= 0 means q * stride >= before
    const Index stride = axis.stride;
    first = before > 0 ? (before + stride - 1) / stride : -(-before / stride);
    place = first * stride - before;
    count = place < axis.input ? (axis.input - place + stride - 1) / stride : 0;
    taps = phase < axis.kernel ? (axis.kernel - phase + stride - 1) / stride : 0;
  }

  /// Zeros that its sums read before and after `output` gradients.
  [[nodiscard]] Index margin_before() const {
    return count > 0 && taps > 0 ? std::max<Index>(0, taps - 1 - first) : 0;
  }
  [[nodiscard]] Index margin_after(Index output) const {
    return count > 0 && taps > 0 ? std::max<Index>(0, first + count - output) : 0;
  }
};

template <typename Scalar>
void convolve_transposed_by_phases(const TransposedConvolution<Scalar>& all, Workers* workers) {
  const ConvolutionGeometry& g = all.geometry;
  const auto vertical = [rows = g.vertical()](Index phase) { return Phase(phase, rows); };
  const auto horizontal = [columns = g.horizontal()](Index phase) { return Phase(phase, columns); };
  Index top = 0, bottom = 0, left = 0, right = 0;
  for (Index phase = 0; phase < g.stride_height; ++phase) {
    top = std::max(top, vertical(phase).margin_before());
    bottom = std::max(bottom, vertical(phase).margin_after(g.output.height));
  }
  for (Index phase = 0; phase < g.stride_width; ++phase) {
    left = std::max(left, horizontal(phase).margin_before());
    right = std::max(right, horizontal(phase).margin_after(g.output.width));
  }
  PaddedImage<Scalar> image(g.output, {.top = top,
                                       .left = left,
                                       .height = top + g.output.height + bottom,
                                       .width = left + g.output.width + right});

  // The filters of all phases, one phase after the other, with the input channels fastest.
  const Index inputs = g.input.channels, outputs = g.output.channels;
  const Index step = whole_vectors<Scalar>(inputs);
  const Index terms = g.kernel_height * g.kernel_width * outputs;
  auto b = zeros<Scalar>(terms, step);
  Buffer<Index> offsets(static_cast<std::size_t>(terms));
  Index k = 0;
  for (Index py = 0; py < g.stride_height; ++py)
    for (Index px = 0; px < g.stride_width; ++px)
      for (Index j = vertical(py).taps - 1; j >= 0; --j)
        for (Index i = horizontal(px).taps - 1; i >= 0; --i) {
          const Index ky = py + j * g.stride_height, kx = px + i * g.stride_width;
          pack_transposed<Scalar>(
              {.rows = inputs,
               .columns = outputs,
               .from = all.filters + (ky * g.kernel_width + kx) * inputs * outputs,
               .from_step = outputs,
               .to = b.data() + k * step,
               .to_step = step});
          for (Index co = 0; co < outputs; ++co)
            offsets.data()[k++] = co - j * image.row_step() - i * outputs;
        }

  const auto start = zeros<Scalar>(step);
  Contraction<Scalar> sum;
  sum.channels = inputs;
  sum.a_row = image.row_step();
  sum.a_column = outputs;
  sum.b_step = step;
  sum.start = start.data();
  sum.c_row = g.stride_height * g.input.width * inputs;
  sum.c_column = g.stride_width * inputs;
  for (Index n = 0; n < all.batch; ++n) {
    const Scalar* const shown = image.show(all.dy + n * g.output.size());
    sum.b = b.data();
    sum.offsets = offsets.data();
    for (Index py = 0; py < g.stride_height; ++py)
      for (Index px = 0; px < g.stride_width; ++px) {
        const Phase v = vertical(py), h = horizontal(px);
        sum.terms = v.taps * h.taps * outputs;
        if (v.count > 0 && h.count > 0) {
          sum.rows = v.count;
          sum.columns = h.count;
          // Without taps the sums are zeros, and the place in the image does not exist.
          sum.a = sum.terms == 0
                      ? shown
                      : shown + (v.first + top) * sum.a_row + (h.first + left) * sum.a_column;
          sum.c = all.dx + n * g.input.size() + (v.place * g.input.width + h.place) * inputs;
          sum.run(workers);
        }
        sum.b += sum.terms * step;
        sum.offsets += sum.terms;
      }
  }
}

/// The same for inputs of few channels, which would leave vectors mostly empty: first the products
/// of a row of output gradients with all filter taps, then their sum over the windows that share a
/// pixel.
template <typename Scalar>
void convolve_transposed_by_taps(const TransposedConvolution<Scalar>& all) {
  const ConvolutionGeometry& g = all.geometry;
  const Index taps = g.taps(), step = whole_vectors<Scalar>(taps);
  const Index inputs = g.input.channels, outputs = g.output.channels;
  auto b = zeros<Scalar>(outputs, step);
  pack_transposed<Scalar>({.rows = taps,
                           .columns = outputs,
                           .from = all.filters,
                           .from_step = outputs,
                           .to = b.data(),
                           .to_step = step});
  Buffer<Scalar> products(static_cast<std::size_t>(checked_product(g.output.width, step)));
  const auto start = zeros<Scalar>(step);
  const auto offsets = offsets_of({.count = outputs});

  Contraction<Scalar> sum;
  sum.columns = g.output.width;
  sum.channels = step;
  sum.a_column = outputs;
  sum.offsets = offsets.data();
  sum.terms = outputs;
  sum.b = b.data();
  sum.b_step = step;
  sum.start = start.data();
  sum.c = products.data();
  sum.c_column = step;
  const Axis columns = g.horizontal();
  const auto add_row = [&](Index ky, Scalar* row) {
    for (Index kx = 0; kx < g.kernel_width; ++kx) {
      const Reach reach(kx, columns);
      for (Index ci = 0; ci < inputs; ++ci)
        for (Index ox = reach.begin; ox < reach.end; ++ox)
          row[(ox * g.stride_width + kx - g.pad_left) * inputs + ci] +=
              products.data()[ox * step + (ky * g.kernel_width + kx) * inputs + ci];
    }
  };
  std::fill_n(all.dx, all.batch * g.input.size(), Scalar(0));
  for (Index n = 0; n < all.batch; ++n)
    for (Index oy = 0; oy < g.output.height; ++oy) {
      sum.a = all.dy + n * g.output.size() + oy * g.output.width * outputs;
      sum.run();
      for (Index ky = 0; ky < g.kernel_height; ++ky) {
        const Index iy = oy * g.stride_height + ky - g.pad_top;
        if (iy >= 0 && iy < g.input.height)
          add_row(ky, all.dx + n * g.input.size() + iy * g.input.width * inputs);
      }
    }
}

}  // namespace detail

template <std::floating_point Scalar>
void convolve_transposed(const TransposedConvolution<Scalar>& all, Workers* workers) {
  if (2 * all.geometry.input.channels <= vector_width<Scalar>)
    detail::convolve_transposed_by_taps(all);
  else
    detail::convolve_transposed_by_phases(all, workers);
}

#ifdef GLORO_COMPILING
template void convolve_transposed<float>(const TransposedConvolution<float>&, Workers*);
template void convolve_transposed<double>(const TransposedConvolution<double>&, Workers*);
#endif

}  // namespace gloro::kernels
