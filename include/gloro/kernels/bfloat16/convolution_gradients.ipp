// The bodies of convolution_gradients.hpp.
#pragma once

#include "gloro/kernels/bfloat16/convolution_gradients.hpp"

#include <algorithm>
#include <cstddef>

#include "gloro/core/buffer.hpp"
#include "gloro/core/compiled.hpp"
#include "gloro/kernels/bfloat16/terms.hpp"
#include "gloro/kernels/reach.hpp"

namespace gloro::kernels::bfloat16 {

GLORO_INLINE void convolve_transposed(const Operations& unit, const Filters& filters,
                                      const Activations& dy, Activations& dx) {
  const ConvolutionGeometry& g = filters.geometry();
  const Axis rows = g.vertical(), columns = g.horizontal();
  const detail::Session session(unit);
  detail::Terms terms(g.kernel_height * g.kernel_width * filters.output_blocks());
  alignas(64) float sums[block_size];
  alignas(64) const float no_bias[side] = {};
  BlockSum sum{.a = dy.values.data(), .a_step = dy.step, .c = sums};
  Finish finish{.sums = sums, .bias = no_bias, .y_step = dx.step};
  for (Index c = 0; c < filters.input_blocks(); ++c) {
    sum.b = filters.transposed(c);
    for (Index iy = 0; iy < rows.input; ++iy) {
      const detail::Taps ys = detail::taps_that_read(rows, iy);
      for (Index ix = 0; ix < columns.input; ++ix) {
        const detail::Taps xs = detail::taps_that_read(columns, ix);
        terms.clear();
        for (Index ky = ys.first; ky < ys.end; ky += rows.stride)
          for (Index kx = xs.first; kx < xs.end; kx += columns.stride) {
            const Index oy = (iy + rows.pad - ky) / rows.stride;
            const Index ox = (ix + columns.pad - kx) / columns.stride;
            for (Index j = 0; j < filters.output_blocks(); ++j)
              terms.add((oy * columns.output + ox) * side * dy.step + j * side,
                        ((ky * columns.kernel + kx) * filters.output_blocks() + j) * block_size);
          }
        terms.show(sum);
        unit.multiply(sum);
        finish.y = dx.pixel(iy * columns.input + ix) + c * side;
        unit.finish(finish);
      }
    }
  }
}

namespace detail {

/// The sum of a block into `height` x `width` values of `to`, whose rows are `step` apart: added to them, or
/// instead of them. A block that reaches beyond goes by a copy.
inline void sum_into(const Operations& unit, BlockSum sum, float* to, Index step, Index height,
                     Index width, bool adds) {
  if (height >= side && width >= side) {
    sum.c = to;
    sum.c_step = step;
    sum.adds = adds;
    return unit.multiply(sum);
  }
  alignas(64) float block[block_size];
  sum.c = block;
  unit.multiply(sum);
  for (Index i = 0; i < std::min(side, height); ++i)
    for (Index k = 0; k < std::min(side, width); ++k)
      to[i * step + k] = adds ? to[i * step + k] + block[i * side + k] : block[i * side + k];
}

}  // namespace detail

GLORO_INLINE void correlate_filters(const Operations& unit, const ConvolutionGeometry& g,
                                    const Activations& x, Activations& dy,
                                    const std::uint16_t* swapped, float* dfilters, float* dbias,
                                    bool adds) {
  const Axis rows = g.vertical(), columns = g.horizontal();
  const Index inputs = blocks_of(g.input.channels), outputs = blocks_of(g.output.channels);
  const Index channels = g.output.channels;
  // A few rows of the output at a time, so that what the taps share stays in cache.
  constexpr Index cached = 1 << 19;
  const Index row_size = (columns.input * inputs * rows.stride + columns.output * outputs) *
                         block_size * static_cast<Index>(sizeof(BFloat16));
  const Index group = std::clamp<Index>(cached / row_size, 1, rows.output);
  Buffer<BFloat16> transposed(static_cast<std::size_t>(
      checked_product(checked_product(rows.input, columns.input), inputs * block_size)));
  Buffer<BFloat16> pairs(static_cast<std::size_t>(
      checked_product(checked_product(group, columns.output), outputs * block_size)));
  Buffer<float> sums(static_cast<std::size_t>(outputs * side));
  std::fill_n(sums.data(), outputs * side, 0.0F);
  detail::Terms terms(group * columns.output);
  const detail::Session session(unit);
  Index done = 0;  // rows of x that are transposed
  for (Index first = 0; first < rows.output; first += group) {
    const Index end = std::min(rows.output, first + group);
    for (Index p = first * columns.output; p < end * columns.output; ++p)
      for (Index j = 0; j < outputs; ++j)
        unit.take_back(
            {.dy = dy.pixel(p) + j * side,
             .dy_step = dy.step,
             .swapped = swapped ? swapped + (p * outputs + j) * side : nullptr,
             .pairs = pairs.data() + ((p - first * columns.output) * outputs + j) * block_size,
             .sums = sums.data() + j * side});
    const Index needed =
        std::clamp<Index>((end - 1) * rows.stride - rows.pad + rows.kernel, done, rows.input);
    for (Index p = done * columns.input; p < needed * columns.input; ++p)
      for (Index c = 0; c < inputs; ++c)
        unit.transpose({.from = x.pixel(p) + c * side,
                        .from_step = x.step,
                        .to = transposed.data() + (p * inputs + c) * block_size});
    done = needed;
    for (Index ky = 0; ky < rows.kernel; ++ky) {
      const Reach own(ky, rows);
      const Index top = std::max(own.begin, first), bottom = std::min(own.end, end);
      for (Index kx = 0; kx < columns.kernel; ++kx) {
        const Reach xs(kx, columns);
        terms.clear();
        for (Index oy = top; oy < bottom; ++oy)
          for (Index ox = xs.begin; ox < xs.end; ++ox)
            terms.add(((oy * rows.stride - rows.pad + ky) * columns.input + ox * columns.stride -
                       columns.pad + kx) *
                          inputs * block_size,
                      ((oy - first) * columns.output + ox) * outputs * block_size);
        BlockSum sum;
        terms.show(sum);
        const bool is_added = adds || first > 0;
        if (sum.terms == 0 && is_added) continue;
        for (Index c = 0; c < inputs; ++c)
          for (Index j = 0; j < outputs; ++j) {
            sum.a = transposed.data() + c * block_size;
            sum.b = pairs.data() + j * block_size;
            detail::sum_into(
                unit, sum,
                dfilters + ((ky * columns.kernel + kx) * g.input.channels + c * side) * channels +
                    j * side,
                channels, g.input.channels - c * side, channels - j * side, is_added);
          }
      }
    }
  }
  for (Index k = 0; dbias && k < channels; ++k) dbias[k] += sums.data()[k];
}

}  // namespace gloro::kernels::bfloat16
