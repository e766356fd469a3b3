// The bodies of product.hpp.
#pragma once

#include "gloro/kernels/product.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>

#include "gloro/core/buffer.hpp"
#include "gloro/core/compiled.hpp"
#include "gloro/kernels/contraction.hpp"
#include "gloro/kernels/packing.hpp"
#include "gloro/kernels/simd.hpp"
#include "gloro/kernels/tile.hpp"
#include "gloro/parallel/workers.hpp"

namespace gloro::kernels {

namespace detail {

/// y(j) = start(j) + sum over k of W(j, k) x(k) for the whole vectors of outputs from `begin` to
/// `end`, the first sample: W is read once, where it stands.
template <typename Scalar>
void multiply_sample(const Product<Scalar>& p, const Scalar* start, Index begin, Index end) {
  constexpr Index width = vector_width<Scalar>;
  const Summation summation(p.inputs);
  const auto offsets = offsets_of({.count = summation.block});
  Tile<Scalar> tile;
  tile.offsets = offsets.data();
  tile.b_step = p.outputs;
  for (Index k = 0; k < p.inputs; k += summation.block)
    for (Index j = begin; j < end; j += row_vectors * width) {
      tile.a = p.x + k;
      tile.terms = std::min(summation.block, p.inputs - k);
      tile.b = p.weights + k * p.outputs + j;
      tile.c = p.y + j;
      tile.start = k == 0 ? start + j : tile.c;
      row_kernel<Scalar>(std::min<Index>(row_vectors, (end - j) / width))(tile);
    }
}

/// The same for all samples, a few: the outputs of each are shared out among the workers.
template <typename Scalar>
void multiply_samples(Product<Scalar> p, const Scalar* start, Workers* workers) {
  constexpr Index width = vector_width<Scalar>;
  const Index vectors = p.outputs / width;
  const bool shared = workers && is_worth_sharing(p.outputs, p.inputs);
  const Index parts = shared ? std::min<Index>(workers->threads(), vectors) : 1;
  for (Index n = 0; n < p.batch; ++n) {
    const auto part = [&](Index i) {
      multiply_sample(p, start, part_begin(vectors, i, parts) * width,
                      part_begin(vectors, i + 1, parts) * width);
    };
    if (shared)
      workers->for_each(parts, std::cref(part));
    else
      part(0);
    // Takes some sums again, from the start.
    if (vectors * width < p.outputs) multiply_sample(p, start, p.outputs - width, p.outputs);
    p.x += p.inputs;
    p.y += p.outputs;
  }
}

}  // namespace detail

template <std::floating_point Scalar>
void multiply(const Product<Scalar>& p, Workers* workers) {
  constexpr Index panel = tile_vectors * vector_width<Scalar>;
  const Index outputs = p.outputs, inputs = p.inputs;
  const Summation summation(inputs);
  auto start = detail::zeros<Scalar>(whole_vectors<Scalar>(outputs));
  if (p.bias) std::copy_n(p.bias, outputs, start.data());
  if (p.batch < tile_rows / 2 && outputs >= vector_width<Scalar>)  // too few to be worth packing W
    return detail::multiply_samples<Scalar>(p, start.data(), workers);
  Buffer<Scalar> a(static_cast<std::size_t>(checked_product(p.batch, summation.block)));
  auto b = detail::zeros<Scalar>(panel * summation.block);
  const auto offsets = detail::offsets_of({.count = summation.block});
  Contraction<Scalar> sum;
  sum.columns = p.batch;
  sum.a = a.data();
  sum.a_column = summation.block;
  sum.offsets = offsets.data();
  sum.b = b.data();
  sum.b_step = panel;
  sum.c_column = outputs;
  for (Index k = 0; k < inputs; k += summation.block) {
    const Scalar* const weights = p.weights + k * outputs;
    sum.terms = std::min(summation.block, inputs - k);
    pack<Scalar>({.rows = p.batch,
                  .columns = sum.terms,
                  .from = p.x + k,
                  .from_step = inputs,
                  .to = a.data(),
                  .to_step = summation.block});
    for (Index j = 0; j < outputs; j += panel) {
      sum.channels = std::min(panel, outputs - j);
      pack<Scalar>({.rows = sum.terms,
                    .columns = sum.channels,
                    .from = weights + j,
                    .from_step = outputs,
                    .to = b.data(),
                    .to_step = panel});
      const bool last = j + panel >= outputs;
      detail::prefetch<Scalar>(
          {.from = last ? weights + sum.terms * outputs : weights + j + panel,
           .step = outputs,
           .rows = last ? std::min(summation.block, inputs - k - sum.terms) : sum.terms});
      sum.start = k == 0 ? start.data() + j : nullptr;
      sum.c = p.y + j;
      sum.run();
    }
  }
}

#ifdef GLORO_COMPILING
template void multiply<float>(const Product<float>&, Workers*);
template void multiply<double>(const Product<double>&, Workers*);
#endif

}  // namespace gloro::kernels
