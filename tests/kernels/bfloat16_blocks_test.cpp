// What each unit that this machine has does to a block, against plain C++; and that against numbers worked
// by hand. Values are small whole numbers: no order of their sums rounds anything, so all must agree to
// the last bit.
#include "catch.hpp"

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "gloro/kernels/bfloat16/unit.hpp"
#include "kernels/bfloat16_units.hpp"

using namespace gloro::kernels::bfloat16;
using gloro::Index;

namespace {

std::vector<BFloat16> whole_numbers(std::size_t count, std::mt19937& random) {
  std::vector<BFloat16> values(count);
  for (auto& value : values) value = rounded(static_cast<float>(random() % 17) - 8);
  return values;
}

std::vector<std::uint16_t> bits(const std::vector<BFloat16>& values) {
  std::vector<std::uint16_t> result;
  for (const BFloat16 value : values) result.push_back(value.bits);
  return result;
}

constexpr std::size_t block = block_size;

}  // namespace

TEST_CASE("A float is rounded to the nearest bfloat16, ties to even, and NaN stays NaN") {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  for (const float exact : {0.0F, -0.0F, 1.0F, -1.5F, 256.0F, 0x1p-126F, 0x1p-133F, infinity})
    CHECK(value_of(rounded(exact)) == exact);
  CHECK(std::signbit(value_of(rounded(-0.0F))));
  CHECK(value_of(rounded(257.0F)) == 256.0F);  // halfway: to the even one
  CHECK(value_of(rounded(259.0F)) == 260.0F);
  CHECK(value_of(rounded(std::nextafter(257.0F, 300.0F))) == 258.0F);
  CHECK(value_of(rounded(std::nextafter(259.0F, 0.0F))) == 258.0F);
  CHECK(value_of(rounded(std::numeric_limits<float>::max())) == infinity);
  for (const float nan : {std::nanf(""), -std::nanf("")}) CHECK(std::isnan(value_of(rounded(nan))));
  // Its payload must not round up to an infinity.
  CHECK(std::isnan(value_of(rounded(std::bit_cast<float>(0x7f800001U)))));
  CHECK(std::isnan(value_of(rounded(std::bit_cast<float>(0x7fffffffU)))));
}

TEST_CASE("Every unit multiplies blocks as a loop does") {
  std::mt19937 random(1);
  constexpr Index terms = 5, a_step = 70, c_step = 45;
  const auto a = whole_numbers(terms * 32 * a_step, random);
  const auto b = whole_numbers(terms * block, random);
  std::vector<Index> a_places, b_places;
  for (const Index t : {3, 0, 4, 1, 2}) {
    a_places.push_back(t * 32 * a_step + 2 * t);
    b_places.push_back((t + 2) % terms * block_size);
  }
  for (const bool adds : {false, true})
    for (const Index count : {Index{0}, terms})
      for (const Unit unit : bfloat16_units::all()) {
        INFO(name_of(unit) << ", adds " << adds << ", terms " << count);
        std::vector<float> c(32 * c_step);
        for (auto& value : c) value = static_cast<float>(random() % 100);
        std::vector<float> expected = c;
        for (Index i = 0; i < 32; ++i)
          for (Index j = 0; j < 32; ++j) {
            double sum =
                adds ? static_cast<double>(c[static_cast<std::size_t>(i * c_step + j)]) : 0;
            for (Index t = 0; t < count; ++t)
              for (Index k = 0; k < 32; ++k) {
                const auto at = static_cast<std::size_t>(t);
                const Index from_a = a_places[at] + i * a_step + k;
                const Index from_b = b_places[at] + in_pairs(k, j);
                sum += static_cast<double>(value_of(a[static_cast<std::size_t>(from_a)])) *
                       static_cast<double>(value_of(b[static_cast<std::size_t>(from_b)]));
              }
            expected[static_cast<std::size_t>(i * c_step + j)] = static_cast<float>(sum);
          }
        const Operations& on = operations(unit);
        on.begin();
        on.multiply({.terms = count,
                     .a = a.data(),
                     .a_step = a_step,
                     .a_offsets = a_places.data(),
                     .b = b.data(),
                     .b_offsets = b_places.data(),
                     .c = c.data(),
                     .c_step = c_step,
                     .adds = adds});
        on.end();
        CHECK(c == expected);
      }
}

TEST_CASE("Sums become activations, sorted in pairs, and gradients find their way back") {
  std::mt19937 random(2);
  std::vector<float> sums(block), bias(32);
  for (auto& value : sums) value = static_cast<float>(static_cast<int>(random() % 21) - 10) / 8;
  for (auto& value : bias) value = static_cast<float>(random() % 5) - 2;
  sums[2] = sums[3] = std::nanf("");  // a pair of which nothing can be said
  sums[4] = std::numeric_limits<float>::infinity();
  sums[5] = -sums[4];
  constexpr Index step = 40;
  for (const Unit unit : bfloat16_units::all()) {
    INFO(name_of(unit));
    const Operations& on = operations(unit);
    std::vector<BFloat16> plain(32 * step), sorted(32 * step);
    std::vector<std::uint16_t> swapped(32);
    on.finish({.sums = sums.data(), .bias = bias.data(), .y = plain.data(), .y_step = step});
    on.finish({.sums = sums.data(),
               .bias = bias.data(),
               .y = sorted.data(),
               .y_step = step,
               .swapped = swapped.data()});
    for (std::size_t i = 0; i < 32; ++i)
      for (std::size_t pair = 0; pair < 16; ++pair) {
        const std::size_t at = i * step + 2 * pair, from = i * 32 + 2 * pair;
        const float first = sums[from] + bias[2 * pair],
                    second = sums[from + 1] + bias[2 * pair + 1];
        if (std::isnan(first)) {
          CHECK(std::isnan(value_of(plain[at])));
          CHECK(std::isnan(value_of(sorted[at + 1])));
          continue;
        }
        CHECK(value_of(plain[at]) == first);
        CHECK(value_of(plain[at + 1]) == second);
        CHECK(value_of(sorted[at]) == std::min(first, second));
        CHECK(value_of(sorted[at + 1]) == std::max(first, second));
        const bool is_swapped = swapped[i] >> pair & 1;
        CHECK(is_swapped == !(first < second));
      }

    std::vector<BFloat16> dy = whole_numbers(32 * step, random), pairs(block);
    const std::vector<BFloat16> before = dy;
    std::vector<float> bias_gradient(32, 100);
    on.take_back({.dy = dy.data(),
                  .dy_step = step,
                  .swapped = swapped.data(),
                  .pairs = pairs.data(),
                  .sums = bias_gradient.data()});
    for (std::size_t j = 0; j < 32; ++j) {
      float sum = 100;
      for (std::size_t i = 0; i < 32; ++i) {
        const std::size_t source = swapped[i] >> j / 2 & 1 ? j ^ 1 : j;
        CHECK(dy[i * step + j].bits == before[i * step + source].bits);
        const auto place =
            static_cast<std::size_t>(in_pairs(static_cast<Index>(i), static_cast<Index>(j)));
        CHECK(pairs[place].bits == dy[i * step + j].bits);
        sum += value_of(dy[i * step + j]);
      }
      CHECK(bias_gradient[j] == sum);
    }
    for (std::size_t i = 0; i < 32; ++i)  // between the rows, nothing
      for (std::size_t j = 32; j < step; ++j)
        CHECK(dy[i * step + j].bits == before[i * step + j].bits);

    std::vector<BFloat16> untouched = before;
    on.take_back({.dy = untouched.data(),
                  .dy_step = step,
                  .pairs = pairs.data(),
                  .sums = bias_gradient.data()});
    CHECK(bits(untouched) == bits(before));
  }
}

TEST_CASE("Every unit transposes, rounds filters and gathers patches alike") {
  std::mt19937 random(3);
  std::normal_distribution<float> normal;
  const auto x = whole_numbers(32 * 50, random);
  std::vector<float> weights(32 * 37);
  for (auto& value : weights) value = normal(random);
  for (const Unit unit : bfloat16_units::all()) {
    INFO(name_of(unit));
    const Operations& on = operations(unit);
    std::vector<BFloat16> turned(block), pairs(block), transposed(block);
    on.transpose({.from = x.data(), .from_step = 50, .to = turned.data()});
    on.round_filters({.from = weights.data(),
                      .from_step = 37,
                      .pairs = pairs.data(),
                      .transposed_pairs = transposed.data()});
    for (std::size_t i = 0; i < 32; ++i)
      for (std::size_t j = 0; j < 32; ++j) {
        CHECK(turned[j * 32 + i].bits == x[i * 50 + j].bits);
        const auto row = static_cast<Index>(i), column = static_cast<Index>(j);
        const auto expected = rounded(weights[i * 37 + j]).bits;
        CHECK(pairs[static_cast<std::size_t>(in_pairs(row, column))].bits == expected);
        CHECK(transposed[static_cast<std::size_t>(in_pairs(column, row))].bits == expected);
      }

    struct Window {
      Index runs, run, step;
    };
    for (const Window window : {Window{4, 4, 32},
                                {3, 9, 32},
                                {3, 3, 32},
                                {1, 32, 32},
                                {2, 16, 32},
                                {4, 12, 64},
                                {5, 15, 96}}) {
      const Index line = window.run + 3, frame = window.runs * line + 2;
      const auto images = whole_numbers(static_cast<std::size_t>(32 * frame), random);
      std::vector<BFloat16> patches(static_cast<std::size_t>(32 * window.step), rounded(99));
      on.gather({.from = images.data(),
                 .sample_step = frame,
                 .run_step = line,
                 .runs = window.runs,
                 .run = window.run,
                 .to = patches.data(),
                 .to_step = window.step});
      for (Index n = 0; n < 32; ++n)
        for (Index i = 0; i < window.step; ++i) {
          const Index r = i / window.run;
          const auto expected =
              r < window.runs
                  ? images[static_cast<std::size_t>(n * frame + r * line + i % window.run)].bits
                  : 0;
          CHECK(patches[static_cast<std::size_t>(n * window.step + i)].bits == expected);
        }
    }
  }
}

TEST_CASE("A unit that is not there is refused by name") {
  CHECK(is_there(Unit::plain));
  CHECK(is_there(best_unit()));
  if (is_there(Unit::amx)) CHECK(is_there(Unit::avx512));
  for (const Unit unit : {Unit::avx512, Unit::amx, Unit::neon})
    if (!is_there(unit)) CHECK_THROWS_WITH(operations(unit), ContainsText(name_of(unit)));
}
