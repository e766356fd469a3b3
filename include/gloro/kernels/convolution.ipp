// The bodies of convolution.hpp.
#pragma once

#include "gloro/kernels/convolution.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "gloro/core/buffer.hpp"
#include "gloro/core/compiled.hpp"
#include "gloro/kernels/contraction.hpp"
#include "gloro/kernels/packing.hpp"
#include "gloro/parallel/workers.hpp"

namespace gloro::kernels {

template <std::floating_point Scalar>
void convolve(const Convolution<Scalar>& all, Workers* workers) {
  const ConvolutionGeometry& g = all.geometry;
  const Index taps = g.taps(), channels = g.output.channels;
  auto image = detail::padded_input<Scalar>(g);
  Buffer<Index> offsets(static_cast<std::size_t>(taps));
  for (Index ky = 0, k = 0; ky < g.kernel_height; ++ky)
    for (Index i = 0; i < g.kernel_width * g.input.channels; ++i)
      offsets.data()[k++] = ky * image.row_step() + i;
  detail::WholeRows<Scalar> b({.rows = taps, .channels = channels});
  auto start = detail::zeros<Scalar>(b.step());
  if (all.bias) std::copy_n(all.bias, channels, start.data());

  Contraction<Scalar> sum;
  sum.rows = g.output.height;
  sum.columns = g.output.width;
  sum.channels = channels;
  sum.a_row = g.stride_height * image.row_step();
  sum.a_column = g.stride_width * g.input.channels;
  sum.offsets = offsets.data();
  sum.terms = taps;
  sum.b = b.show(all.filters);
  sum.b_step = b.step();
  sum.start = start.data();
  sum.c_row = g.output.width * channels;
  sum.c_column = channels;
  for (Index n = 0; n < all.batch; ++n) {
    sum.a = image.show(all.x + n * g.input.size());
    sum.c = all.y + n * g.output.size();
    sum.run(workers);
  }
}

template <std::floating_point Scalar>
void correlate_filters(const FilterCorrelation<Scalar>& all) {
  const ConvolutionGeometry& g = all.geometry;
  const Index pixels = g.output.height * g.output.width, channels = g.output.channels;
  auto image = detail::padded_input<Scalar>(g);
  Buffer<Index> offsets(static_cast<std::size_t>(pixels));
  for (Index oy = 0, k = 0; oy < g.output.height; ++oy)
    for (Index ox = 0; ox < g.output.width; ++ox)
      offsets.data()[k++] =
          oy * g.stride_height * image.row_step() + ox * g.stride_width * g.input.channels;
  detail::WholeRows<Scalar> b({.rows = pixels, .channels = channels});

  Contraction<Scalar> sum;
  sum.rows = g.kernel_height;
  sum.columns = g.kernel_width * g.input.channels;
  sum.channels = channels;
  sum.a_row = image.row_step();
  sum.a_column = 1;
  sum.offsets = offsets.data();
  sum.terms = pixels;
  sum.b_step = b.step();
  sum.c = all.dfilters;
  sum.c_row = sum.columns * channels;
  sum.c_column = channels;
  for (Index n = 0; n < all.batch; ++n) {
    sum.a = image.show(all.x + n * g.input.size());
    sum.b = b.show(all.dy + n * g.output.size());
    sum.run();
  }
}

#ifdef GLORO_COMPILING
template void convolve<float>(const Convolution<float>&, Workers*);
template void convolve<double>(const Convolution<double>&, Workers*);
template void correlate_filters<float>(const FilterCorrelation<float>&);
template void correlate_filters<double>(const FilterCorrelation<double>&);
#endif

}  // namespace gloro::kernels
