// The three products of convolutions in bfloat16 against plain loops. Values are small whole numbers, so
// that sums are exact in any order and only the result is rounded: all must agree to the last bit.
#include "catch.hpp"

#include <random>
#include <string>
#include <vector>

#include "gloro/core/tensor.hpp"
#include "gloro/kernels/bfloat16/convolution.hpp"
#include "gloro/kernels/bfloat16/convolution_gradients.hpp"
#include "gloro/kernels/bfloat16/patches.hpp"
#include "kernels/bfloat16_units.hpp"
#include "kernels/plain_convolution.hpp"

using namespace gloro;
using gloro::kernels::ConvolutionGeometry;
using gloro::kernels::bfloat16::Activations;
using gloro::kernels::bfloat16::convolve;
using gloro::kernels::bfloat16::convolve_transposed;
using gloro::kernels::bfloat16::correlate_filters;
using gloro::kernels::bfloat16::Filters;
using gloro::kernels::bfloat16::in_float;
using gloro::kernels::bfloat16::name_of;
using gloro::kernels::bfloat16::of_patches;
using gloro::kernels::bfloat16::Operations;
using gloro::kernels::bfloat16::operations;
using gloro::kernels::bfloat16::patches_of;
using gloro::kernels::bfloat16::rounded;
using gloro::kernels::bfloat16::side;
using gloro::kernels::bfloat16::takes_patches;
using gloro::kernels::bfloat16::Unit;
using gloro::kernels::bfloat16::value_of;

namespace {

Tensor<float> whole_numbers(Shape shape, Index batch, std::mt19937& random) {
  Tensor<float> values(shape, batch);
  for (Index i = 0; i < values.size(); ++i) values.data()[i] = static_cast<float>(random() % 7) - 3;
  return values;
}

std::vector<float> whole_numbers(Index count, std::mt19937& random) {
  const Tensor<float> values = whole_numbers(Shape::flat(count), 1, random);
  return {values.data(), values.data() + count};
}

float once_rounded(double value) { return value_of(rounded(static_cast<float>(value))); }

const std::vector<ConvolutionGeometry>& geometries() {
  using plain_loops::geometry;
  static const std::vector<ConvolutionGeometry> all{
      geometry({6, 6, 32}, 32, 3, 3, 1, 1, {1, 1, 1, 1}),   // whole blocks
      geometry({7, 5, 40}, 70, 3, 2, 2, 1, {1, 1, 0, 1}),   // blocks in part
      geometry({8, 8, 33}, 2, 4, 4, 2, 2, {1, 1, 1, 1}),    // a stride that divides the kernel
      geometry({9, 4, 64}, 16, 2, 3, 3, 2, {0, 0, 2, 2}),   // a stride that leaves pixels out
      geometry({5, 5, 9}, 12, 1, 1, 1, 1, {0, 0, 0, 0}),    // pixel by pixel
      geometry({3, 3, 10}, 8, 5, 5, 1, 1, {3, 3, 3, 3}),    // windows that see zeros alone
      geometry({4, 3, 34}, 50, 4, 3, 1, 1, {0, 0, 0, 0}),   // a dense layer
      geometry({1, 1, 100}, 34, 1, 1, 1, 1, {0, 0, 0, 0}),  // on a flat sample
      geometry({7, 40, 32}, 32, 3, 3, 1, 1, {1, 1, 1, 1}),  // rows in several groups
      geometry({12, 10, 1}, 16, 4, 4, 2, 2, {1, 1, 1, 1}),  // of patches
      geometry({9, 9, 3}, 33, 3, 3, 1, 1, {1, 1, 1, 1}),    //
      geometry({11, 11, 3}, 8, 5, 5, 3, 2, {0, 3, 1, 0}),   // of several blocks
      geometry({6, 6, 1}, 10, 6, 6, 1, 1, {0, 0, 0, 0})};   // the whole image at once
  return all;
}

}  // namespace

TEST_CASE("Products of a convolution in bfloat16 are those of plain loops, on every unit") {
  std::mt19937 random(4);
  for (const ConvolutionGeometry& g : geometries())
    for (const Index batch : {Index{1}, Index{21}, Index{32}}) {
      const auto x = whole_numbers(g.input, batch, random),
                 dy = whole_numbers(g.output, batch, random);
      const auto filters = whole_numbers(g.taps() * g.output.channels, random);
      const auto bias = whole_numbers(g.output.channels, random);
      std::vector<double> y(static_cast<std::size_t>(x.batch() * g.output.size()));
      std::vector<double> dx(static_cast<std::size_t>(x.size())), dfilters(filters.size());
      for (Index n = 0; n < batch; ++n)
        plain_loops::for_each_product(g, [&](Index i, Index w, Index o) {
          const auto in = static_cast<std::size_t>(n * g.input.size() + i);
          const auto out = static_cast<std::size_t>(n * g.output.size() + o);
          const auto filter = static_cast<std::size_t>(w);
          const double value = static_cast<double>(x.sample(n)[i]);
          const double weight = static_cast<double>(filters[filter]);
          const double slope = static_cast<double>(dy.sample(n)[o]);
          y[out] += value * weight;
          dx[in] += slope * weight;
          dfilters[filter] += slope * value;
        });

      for (const Unit which : bfloat16_units::all()) {
        INFO(name_of(which) << ": " << g.input << " to " << g.output << ", batch " << batch);
        const Operations& unit = operations(which);
        const bool is_of_patches = takes_patches(g);
        Filters rounded_filters(is_of_patches ? of_patches(g) : g);
        for (Index strip = 0; strip < rounded_filters.strips(); ++strip)
          rounded_filters.round(unit, filters.data(), strip);
        rounded_filters.set_bias(bias.data());
        const Activations in = is_of_patches ? patches_of(unit, g, x) : rounded(x);
        Activations out(g.output, batch);
        convolve(unit, rounded_filters, in, out);
        const Tensor<float> result = in_float(out);
        REQUIRE(result.shape() == g.output);
        REQUIRE(result.batch() == batch);
        Index wrong = 0;
        for (Index i = 0; i < result.size(); ++i) {
          const auto channel = static_cast<std::size_t>(i % g.output.channels);
          wrong += result.data()[i] != once_rounded(y[static_cast<std::size_t>(i)] +
                                                    static_cast<double>(bias[channel]));
        }
        CHECK(wrong == 0);

        Activations slopes = rounded(dy);
        if (!is_of_patches) {
          Activations by_input(g.input, batch);
          convolve_transposed(unit, rounded_filters, slopes, by_input);
          const Tensor<float> gradient = in_float(by_input);
          for (Index i = 0; i < gradient.size(); ++i)
            wrong += gradient.data()[i] != once_rounded(dx[static_cast<std::size_t>(i)]);
          CHECK(wrong == 0);
        }

        // Written by the first, added to by the second.
        std::vector<float> by_filters(filters.size(), std::nanf("")), by_bias(bias.size(), 5);
        for (const bool adds : {false, true})
          correlate_filters(unit, rounded_filters.geometry(), in, slopes, nullptr,
                            by_filters.data(), by_bias.data(), adds);
        for (std::size_t i = 0; i < filters.size(); ++i)
          wrong += static_cast<double>(by_filters[i]) != 2 * dfilters[i];
        CHECK(wrong == 0);
        for (std::size_t c = 0; c < bias.size(); ++c) {
          double sum = 5;
          for (Index i = static_cast<Index>(c); i < dy.size(); i += g.output.channels)
            sum += 2 * static_cast<double>(dy.data()[i]);
          wrong += static_cast<double>(by_bias[c]) != sum;
        }
        CHECK(wrong == 0);
      }
    }
}

TEST_CASE("MinMax behind a convolution in bfloat16 sorts, and its marks lead gradients back") {
  std::mt19937 random(5);
  const auto g = plain_loops::geometry({5, 5, 32}, 44, 3, 3, 1, 1, {1, 1, 1, 1});
  const auto x = whole_numbers(g.input, 7, random), dy = whole_numbers(g.output, 7, random);
  const auto filters = whole_numbers(g.taps() * g.output.channels, random);
  for (const Unit which : bfloat16_units::all()) {
    INFO(name_of(which));
    const Operations& unit = operations(which);
    Filters rounded_filters(g);
    for (Index strip = 0; strip < rounded_filters.strips(); ++strip)
      rounded_filters.round(unit, filters.data(), strip);
    rounded_filters.set_bias(nullptr);
    const Activations in = rounded(x);
    Activations out(g.output, 7), sorted(g.output, 7);
    std::vector<std::uint16_t> swapped(static_cast<std::size_t>(out.pixels() * 2 * side));
    convolve(unit, rounded_filters, in, out);
    convolve(unit, rounded_filters, in, sorted, swapped.data());
    const Tensor<float> y = in_float(out), by_pairs = in_float(sorted);
    Activations slopes = rounded(dy);
    std::vector<float> dfilters(filters.size()), dbias(44);
    correlate_filters(unit, g, in, slopes, swapped.data(), dfilters.data(), dbias.data());
    const Tensor<float> back = in_float(slopes);
    for (Index i = 0; i < y.size(); i += 2) {
      const float first = y.data()[i], second = y.data()[i + 1];
      CHECK(by_pairs.data()[i] == std::min(first, second));
      CHECK(by_pairs.data()[i + 1] == std::max(first, second));
      const Index from = first < second ? i : i + 1;
      CHECK(back.data()[i] == dy.data()[from]);
      CHECK(back.data()[i + 1] == dy.data()[from == i ? i + 1 : i]);
    }
  }
}
