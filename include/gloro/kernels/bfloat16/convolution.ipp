// The bodies of convolution.hpp.
#pragma once

#include "gloro/kernels/bfloat16/convolution.hpp"

#include "gloro/core/compiled.hpp"
#include "gloro/kernels/bfloat16/terms.hpp"

namespace gloro::kernels::bfloat16 {

GLORO_INLINE void convolve(const Operations& unit, const Filters& filters, const Activations& x,
                           Activations& y, std::uint16_t* swapped) {
  const ConvolutionGeometry& g = filters.geometry();
  const Axis rows = g.vertical(), columns = g.horizontal();
  const detail::Session session(unit);
  detail::Terms terms(g.kernel_height * g.kernel_width * filters.input_blocks());
  alignas(64) float sums[block_size];
  BlockSum sum{.a_step = x.step, .c = sums};
  Finish finish{.sums = sums, .y_step = y.step};
  for (Index j = 0; j < filters.output_blocks(); ++j) {
    sum.b = filters.forward(j);
    finish.bias = filters.bias(j);
    for (Index oy = 0; oy < rows.output; ++oy) {
      const detail::Taps ys = detail::taps_at(rows, oy);
      detail::Taps seen{-1, -1};
      for (Index ox = 0; ox < columns.output; ++ox) {
        const detail::Taps xs = detail::taps_at(columns, ox);
        if (xs != seen) {  // the same terms, further on
          seen = xs;
          terms.clear();
          for (Index ky = ys.first; ky < ys.end; ++ky)
            for (Index kx = xs.first; kx < xs.end; ++kx)
              for (Index c = 0; c < filters.input_blocks(); ++c)
                terms.add(
                    ((ky - ys.first) * columns.input + kx - xs.first) * side * x.step + c * side,
                    ((ky * columns.kernel + kx) * filters.input_blocks() + c) * block_size);
          terms.show(sum);
        }
        if (sum.terms > 0)
          sum.a = x.pixel((oy * rows.stride - rows.pad + ys.first) * columns.input +
                          ox * columns.stride - columns.pad + xs.first);
        unit.multiply(sum);
        const Index pixel = oy * columns.output + ox;
        finish.y = y.pixel(pixel) + j * side;
        if (swapped) finish.swapped = swapped + (pixel * filters.output_blocks() + j) * side;
        unit.finish(finish);
      }
    }
  }
}

}  // namespace gloro::kernels::bfloat16
