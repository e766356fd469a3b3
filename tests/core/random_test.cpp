// Random: the published vectors of Philox 4x32-10, and the statistics of what is made of its bits.
#include "catch.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <set>
#include <span>
#include <vector>

#include "gloro/core/random.hpp"

using gloro::Random;
using Block = Random::Block;

TEST_CASE("Philox gives the known answers of its authors' library") {
  // Random123, kat_vectors, philox4x32 10.
  CHECK(Random::philox(Block{0, 0, 0, 0}, {0, 0}) ==
        Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(Random::philox(Block{~0U, ~0U, ~0U, ~0U}, {~0U, ~0U}) ==
        Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(Random::philox(Block{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
                       {0xa4093822, 0x299f31d0}) ==
        Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("The stream of bits is Philox of the counter, under the seed, for the stream") {
  const std::uint64_t seed = 0x299f31d0a4093822, stream = 0x0370734413198a2e;
  Random random(seed, stream);
  for (std::uint32_t counter = 0; counter < 5; ++counter) {
    const Block block =
        Random::philox({counter, 0, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0});
    CHECK(random.bits() == (std::uint64_t{block[1]} << 32 | block[0]));
    CHECK(random.bits() == (std::uint64_t{block[3]} << 32 | block[2]));
  }
}

TEST_CASE("A copied generator goes on with the same numbers") {
  Random random(3);
  (void)random.bits();  // stop within a block
  Random copy = random;
  for (int i = 0; i < 5; ++i) CHECK(random.bits() == copy.bits());
}

TEST_CASE("Seeds, streams and splits give different numbers, the same ones the same") {
  std::set<std::uint64_t> seen;
  for (std::uint64_t seed = 0; seed < 10; ++seed)
    for (std::uint64_t stream = 0; stream < 10; ++stream) {
      seen.insert(Random(seed, stream).bits());
      for (std::uint64_t index = 0; index < 10; ++index)
        seen.insert(Random(seed, stream).split(index).bits());
    }
  CHECK(seen.size() == 10 * 10 * 11);
  CHECK(Random(1).split(2).split(3).bits() == Random(1).split(2).split(3).bits());
  Random advanced(1);
  (void)advanced.bits();
  CHECK(advanced.split(2).bits() == Random(1).split(2).bits());  // position does not matter
}

TEST_CASE("Uniform numbers lie in the half-open unit interval and fill it evenly") {
  constexpr int count = 100000;
  Random random(11);
  std::array<int, 20> bins{};
  double sum = 0;
  for (int i = 0; i < count; ++i) {
    const double u = random.uniform();
    REQUIRE((u >= 0 && u < 1));
    sum += u;
    ++bins[static_cast<std::size_t>(u * 20)];
  }
  CHECK(std::abs(sum / count - 0.5) < 5 * std::sqrt(1.0 / 12 / count));  // five sigma
  double chi_square = 0;
  for (const int bin : bins) chi_square += std::pow(bin - count / 20.0, 2) / (count / 20.0);
  CHECK(chi_square < 43.8);  // 19 degrees of freedom, p = 0.001
  const double between = random.uniform(-3, -2);
  CHECK((between >= -3 && between < -2));
}

TEST_CASE("Normal numbers have the moments of a standard normal") {
  constexpr int count = 200000;
  Random random(12);
  double sum = 0, squares = 0, cubes = 0, fourths = 0;
  int beyond_two = 0;
  for (int i = 0; i < count; ++i) {
    const double x = random.normal();
    REQUIRE(std::isfinite(x));
    sum += x;
    squares += x * x;
    cubes += x * x * x;
    fourths += x * x * x * x;
    beyond_two += std::abs(x) > 2;
  }
  // Five standard errors: the variances of x, x^2, x^3, x^4 are 1, 2, 15, 96.
  CHECK(std::abs(sum / count) < 5 * std::sqrt(1.0 / count));
  CHECK(std::abs(squares / count - 1) < 5 * std::sqrt(2.0 / count));
  CHECK(std::abs(cubes / count) < 5 * std::sqrt(15.0 / count));
  CHECK(std::abs(fourths / count - 3) < 5 * std::sqrt(96.0 / count));
  const double share = std::erfc(std::sqrt(2.0));  // P(|x| > 2)
  CHECK(std::abs(beyond_two - share * count) < 5 * std::sqrt(share * count));
}

TEST_CASE("Draws below a count reach every number equally often, and no other") {
  constexpr int count = 70000;
  Random random(13);
  std::array<int, 7> bins{};
  for (int i = 0; i < count; ++i) ++bins.at(static_cast<std::size_t>(random.below(7)));
  for (const int bin : bins) CHECK(std::abs(bin - count / 7) < 5 * std::sqrt(count / 7.0));
  CHECK(random.below(1) == 0);
  // A count just above half the range rejects almost half of the draws.
  const std::uint64_t large = (std::uint64_t{1} << 63) + 1;
  for (int i = 0; i < 100; ++i) CHECK(random.below(large) < large);
}

TEST_CASE("A shuffle permutes, and every order is equally likely") {
  std::vector<int> items(100);
  std::iota(items.begin(), items.end(), 0);
  Random random(14);
  random.shuffle(std::span(items));
  CHECK_FALSE(std::is_sorted(items.begin(), items.end()));
  std::sort(items.begin(), items.end());
  for (int i = 0; i < 100; ++i) CHECK(items[static_cast<std::size_t>(i)] == i);

  constexpr int count = 24000;
  std::array<int, 24> orders{};
  for (int i = 0; i < count; ++i) {
    std::array<int, 4> four{0, 1, 2, 3};
    random.shuffle(std::span<int>(four));
    std::size_t rank = 0;
    for (std::size_t at = 0; at < 4; ++at) {
      const auto smaller = std::count_if(four.begin() + static_cast<std::ptrdiff_t>(at), four.end(),
                                         [&](int other) { return other < four[at]; });
      rank = rank * (4 - at) + static_cast<std::size_t>(smaller);
    }
    ++orders[rank];
  }
  for (const int order : orders) CHECK(std::abs(order - 1000) < 5 * std::sqrt(1000.0));
}
