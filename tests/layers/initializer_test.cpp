// Initialisers: orthonormal frames, and Glorot's range.
#include "catch.hpp"

#include <cmath>
#include <limits>
#include <utility>

#include "gloro/layers/initializer.hpp"

using namespace gloro;

TEST_CASE("Orthogonal weights have orthonormal rows or columns") {
  Random random(1);
  const double u = std::numeric_limits<double>::epsilon();
  for (const auto& [outputs, inputs] : {std::pair<Index, Index>{5, 5}, {3, 40}, {40, 3}, {1, 9}}) {
    const Matrix<double> w = initial_weights(Initializer::orthogonal, outputs, inputs, 1, random);
    REQUIRE(w.rows() == outputs);
    REQUIRE(w.cols() == inputs);
    const Matrix<double> gram =
        outputs <= inputs ? Matrix<double>(w * w.transpose()) : Matrix<double>(w.transpose() * w);
    const Matrix<double> identity = Matrix<double>::Identity(gram.rows(), gram.cols());
    CHECK((gram - identity).norm() <= 4 * u * static_cast<double>(gram.size() + inputs));
  }
}

TEST_CASE("Orthogonal weights favour no sign") {
  Random random(2);
  double sum = 0;
  constexpr int draws = 400;
  for (int i = 0; i < draws; ++i)
    sum += initial_weights(Initializer::orthogonal, 3, 3, 1, random).sum();
  // The nine entries of a uniform frame sum to mean 0 and variance 9 / 3.
  CHECK(std::abs(sum / draws) < 5 * std::sqrt(3.0 / draws));
}

TEST_CASE("Glorot weights fill the range of their fan-in and fan-out") {
  Random random(3);
  const Index outputs = 20, positions = 9, inputs = 4 * positions;
  const auto w = initial_weights(Initializer::glorot, outputs, inputs, positions, random);
  REQUIRE(w.rows() == outputs);
  REQUIRE(w.cols() == inputs);
  const double limit = std::sqrt(6.0 / static_cast<double>(inputs + outputs * positions));
  const double largest = w.cwiseAbs().maxCoeff();
  CHECK(largest <= limit * (1 + 1e-6));
  CHECK(largest > 0.98 * limit);  // 720 draws: all below that with probability 5e-7
  const double count = static_cast<double>(w.size());
  CHECK(std::abs(w.mean()) < 5 * limit / std::sqrt(3 * count));
}

TEST_CASE("The same generator draws the same weights") {
  for (const auto how : {Initializer::orthogonal, Initializer::glorot}) {
    Random one(4), two(4);
    CHECK(initial_weights(how, 4, 7, 1, one) == initial_weights(how, 4, 7, 1, two));
  }
}
