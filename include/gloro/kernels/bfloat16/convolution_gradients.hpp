// The gradients of a convolution in bfloat16, by its input and by its filters, with sums in float.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "gloro/core/buffer.hpp"
#include "gloro/kernels/bfloat16/activations.hpp"
#include "gloro/kernels/bfloat16/filters.hpp"
#include "gloro/kernels/bfloat16/terms.hpp"

namespace gloro::kernels::bfloat16 {

/// dx = the gradient by the convolution's input.
inline void convolve_transposed(const Operations& unit, const Filters& filters,
                                const Activations& dy, Activations& dx) {
  const ConvolutionGeometry& g = filters.geometry();
  const Axis rows = g.vertical(), columns = g.horizontal();
  const detail::Session session(unit);
  detail::Terms terms(g.kernel_height * g.kernel_width * filters.output_blocks());
  alignas(64) float sums[block_size];
  alignas(64) const float no_bias[side] = {};
  BlockSum sum{.a = dy.values.data(), .a_step = dy.step, .c = sums};
  Finish finish{.sums = sums, .bias = no_bias, .y_step = dx.step};
  // The taps k by which output places o = (i + pad - k) / stride met input place i.
  const auto first_tap = [](const Axis& axis, Index i) {
    const Index last = (axis.output - 1) * axis.stride;  // i + pad - k is at most that
    const Index least = std::max<Index>(0, i + axis.pad - last),
                phase = (i + axis.pad) % axis.stride;
    return least + (phase + axis.stride - least % axis.stride) % axis.stride;
  };
  const auto end_tap = [](const Axis& axis, Index i) {
    return std::min(axis.kernel, i + axis.pad + 1);
  };
  for (Index c = 0; c < filters.input_blocks(); ++c) {
    sum.b = filters.transposed(c);
    for (Index iy = 0; iy < rows.input; ++iy)
      for (Index ix = 0; ix < columns.input; ++ix) {
        terms.clear();
        for (Index ky = first_tap(rows, iy); ky < end_tap(rows, iy); ky += rows.stride)
          for (Index kx = first_tap(columns, ix); kx < end_tap(columns, ix); kx += columns.stride) {
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

/// Takes `dy`, the gradient by the output, back through MinMax if `swapped` says where it swapped, and adds
/// the gradients by the filters (ky, kx, ci, co) and, where they are not null, by the bias. Unless `adds`,
/// the filters' are written instead.
inline void correlate_filters(const Operations& unit, const ConvolutionGeometry& g,
                              const Activations& x, Activations& dy, const std::uint16_t* swapped,
                              float* dfilters, float* dbias, bool adds = true) {
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
  alignas(64) float part[block_size];
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
      detail::Taps ys = detail::places_of(rows, ky);
      ys = {std::max(ys.first, first), std::min(ys.end, end)};
      for (Index kx = 0; kx < columns.kernel; ++kx) {
        const detail::Taps xs = detail::places_of(columns, kx);
        terms.clear();
        for (Index oy = ys.first; oy < ys.end; ++oy)
          for (Index ox = xs.first; ox < xs.end; ++ox)
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
            float* const to =
                dfilters +
                (((ky * columns.kernel + kx) * g.input.channels + c * side) * channels + j * side);
            const Index height = std::min(side, g.input.channels - c * side);
            const Index width = std::min(side, channels - j * side);
            const bool is_whole = height == side && width == side;
            sum.c = is_whole ? to : part;
            sum.c_step = is_whole ? channels : side;
            sum.adds = is_whole && is_added;
            unit.multiply(sum);
            for (Index i = 0; !is_whole && i < height; ++i)
              for (Index k = 0; k < width; ++k)
                to[i * channels + k] =
                    is_added ? to[i * channels + k] + part[i * side + k] : part[i * side + k];
          }
      }
    }
  }
  for (Index k = 0; dbias && k < channels; ++k) dbias[k] += sums.data()[k];
}

}  // namespace gloro::kernels::bfloat16
