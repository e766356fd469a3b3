// A step by moments against its formula, one value at a time and in more digits, for any size and place.
#include "gloro/kernels/moments.hpp"

#include "catch.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include "gloro/kernels/simd.hpp"
#include "kernels/plain_convolution.hpp"

using gloro::Index;
using gloro::kernels::MomentStep;
using plain_loops::random_values;

namespace {

template <typename Scalar>
struct Values {
  std::vector<Scalar> w, g, mean, square;

  Values(Index size, std::mt19937& random)
      : w(random_values<Scalar>(size, random)),
        g(random_values<Scalar>(size, random)),
        mean(random_values<Scalar>(size, random)),
        square(random_values<Scalar>(size, random)) {
    for (Scalar& value : square) value *= value;
  }

  // Of `size` values from `begin` on.
  MomentStep<Scalar> step(Index begin, Index size) {
    return {.size = size,
            .w = w.data() + begin,
            .g = g.data() + begin,
            .mean = mean.data() + begin,
            .square = square.data() + begin,
            .beta1 = 0.875,
            .beta2 = 0.96875,
            .of_mean = 0.25,
            .of_gradient = 0.0625,
            .of_root = 1.5,
            .epsilon = 0x1p-10};
  }
};

template <typename Scalar>
void check_step(Index size, std::mt19937& random) {
  CAPTURE(size);
  const Values<Scalar> before(size, random);
  Values<Scalar> after = before;
  gloro::kernels::step_by_moments(after.step(0, size));
  bool right = true;
  for (std::size_t i = 0; i < before.w.size(); ++i) {
    const long double g = before.g[i], w = before.w[i];
    const long double mean = 0.875L * before.mean[i] + 0.125L * g;
    const long double square = 0.96875L * before.square[i] + 0.03125L * g * g;
    const long double root = 1.5L * std::sqrt(square) + 0x1p-10L;
    const long double step = (0.25L * mean + 0.0625L * g) / root;
    const long double unit = std::numeric_limits<Scalar>::epsilon();
    // A term of a sum may be larger than what is left of it.
    const long double terms = std::abs(before.mean[i]) + std::abs(g);
    right &= std::abs(after.mean[i] - mean) <= 2 * unit * terms;
    right &= std::abs(after.square[i] - square) <= 2 * unit * square;
    right &= std::abs(after.w[i] - (w - step)) <=
             unit * (std::abs(w) + std::abs(step) + 4 * (terms / root + std::abs(step)));
    right &= after.g[i] == before.g[i];
  }
  CHECK(right);

  // In two parts it has the same bits.
  for (Index first = 0; first <= size; first += 1 + size / 5) {
    Values<Scalar> parts = before;
    gloro::kernels::step_by_moments(parts.step(0, first));
    gloro::kernels::step_by_moments(parts.step(first, size - first));
    CHECK((parts.w == after.w && parts.mean == after.mean && parts.square == after.square));
  }
}

template <typename Scalar, typename Bits>
void check_roots() {
  constexpr int width = gloro::kernels::vector_width<Scalar>;
  std::mt19937_64 random(7);
  Index differ = 0, counted = 0;
  for (int round = 0; round < 20000; ++round) {
    Scalar lanes[width], roots[width];
    for (Scalar& lane : lanes) {
      const auto bits = static_cast<Bits>(random());
      std::memcpy(&lane, &bits, sizeof lane);
      lane = std::abs(lane);
      if (!std::isfinite(lane)) lane = 2;
    }
    gloro::kernels::store(roots, gloro::kernels::square_root(gloro::kernels::load<Scalar>(lanes)));
    for (int i = 0; i < width; ++i, ++counted) differ += roots[i] != std::sqrt(lanes[i]);
  }
  CHECK(differ == 0);
  CHECK(counted == 20000 * width);
}

}  // namespace

TEST_CASE("A step by moments is its formula, whatever the size and wherever a value stands") {
  std::mt19937 random(1);
  for (const Index size : {0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 33, 100, 257}) {
    check_step<float>(size, random);
    check_step<double>(size, random);
  }
}

TEST_CASE("A step by moments of gradients that vanish leaves a value where it is") {
  std::vector<float> w{1, -2, 0.5F}, g(3), mean(3), square(3);
  gloro::kernels::step_by_moments<float>({.size = 3,
                                          .w = w.data(),
                                          .g = g.data(),
                                          .mean = mean.data(),
                                          .square = square.data(),
                                          .beta1 = 0.9,
                                          .beta2 = 0.999,
                                          .of_mean = 0.1,
                                          .epsilon = 1e-7});
  CHECK(w == std::vector<float>{1, -2, 0.5F});
}

TEST_CASE("Roots of vectors are rounded correctly") {
  check_roots<float, std::uint32_t>();
  check_roots<double, std::uint64_t>();
}
