// The bottom logit against cases worked by hand, ties and damaged numbers among them.
#include "catch.hpp"

#include <limits>
#include <vector>

#include "gloro/model/bottom.hpp"

using namespace gloro;

namespace {

template <typename Scalar>
Vector<Scalar> column(const std::vector<Scalar>& values) {
  return Eigen::Map<const Vector<Scalar>>(values.data(), static_cast<Index>(values.size()));
}

template <typename Scalar>
Matrix<Scalar> symmetric(const std::vector<std::vector<Scalar>>& rows) {
  const auto size = static_cast<Index>(rows.size());
  Matrix<Scalar> matrix(size, size);
  for (Index i = 0; i < size; ++i)
    for (Index j = 0; j < size; ++j)
      matrix(i, j) = rows[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)];
  return matrix;
}

}  // namespace

TEMPLATE_TEST_CASE("Bottom is what the rivals of the top class could reach within epsilon", "",
                   float, double) {
  using Scalar = TestType;
  const Matrix<Scalar> margins = symmetric<Scalar>({{0, 1, 8}, {1, 0, 2}, {8, 2, 0}});
  // Top is class 0; class 1 reaches 3 + 0.5 * 1, class 2 reaches 0 + 0.5 * 8.
  const auto bottom = bottom_logit(column<Scalar>({5, 3, 0}), margins, Scalar(0.5));
  CHECK(bottom.top == 0);
  CHECK(bottom.rival == 2);
  CHECK(bottom.value == 4);
  // Top is class 1, whose margins count: class 0 reaches 3 + 0.5, class 2 reaches 2.75 + 1.
  const auto other = bottom_logit(column<Scalar>({3, 4, Scalar(2.75)}), margins, Scalar(0.5));
  CHECK(other.top == 1);
  CHECK(other.rival == 2);
  CHECK(other.value == Scalar(3.75));
  // With epsilon zero bottom is the runner-up.
  const auto plain = bottom_logit(column<Scalar>({5, 3, 0}), margins, Scalar(0));
  CHECK(plain.rival == 1);
  CHECK(plain.value == 3);
}

TEMPLATE_TEST_CASE("A tie leaves bottom at the top logit, so that no class beats it", "", float,
                   double) {
  using Scalar = TestType;
  const Matrix<Scalar> none = Matrix<Scalar>::Zero(2, 2);  // equal rows of the head: K = 0
  const auto tie = bottom_logit(column<Scalar>({0, 0}), none, Scalar(0.3));
  CHECK(tie.top == 0);
  CHECK(tie.rival == 1);
  CHECK(tie.value == 0);
  const auto late = bottom_logit(column<Scalar>({1, 7, 7}),
                                 Matrix<Scalar>(Matrix<Scalar>::Zero(3, 3)), Scalar(0));
  CHECK(late.top == 1);
  CHECK(late.rival == 2);
  CHECK(late.value == 7);
}

TEST_CASE("With one class only there is no rival, and bottom is at minus infinity") {
  const auto bottom =
      bottom_logit(column<double>({-3}), Matrix<double>(Matrix<double>::Zero(1, 1)), 0.5);
  CHECK(bottom.top == 0);
  CHECK(bottom.rival == 0);
  CHECK(bottom.value == -std::numeric_limits<double>::infinity());
}

TEST_CASE("A rival at minus infinity is still a rival") {
  constexpr double infinite = std::numeric_limits<double>::infinity();
  const Matrix<double> margins = Matrix<double>::Ones(2, 2);
  const auto bottom = bottom_logit(column<double>({0, -infinite}), margins, 0.5);
  CHECK(bottom.rival == 1);
  CHECK(bottom.value == -infinite);
}

TEST_CASE("No class beats bottom where a logit or a margin is no number") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (Index damaged = 0; damaged < 4; ++damaged) {
    Vector<double> logits = column<double>({1, 5, 2, 3});
    logits(damaged) = nan;
    const auto bottom = bottom_logit(logits, Matrix<double>(Matrix<double>::Ones(4, 4)), 0.1);
    CHECK_FALSE(logits(bottom.top) > bottom.value);
  }
  for (const Index damaged : {0, 2, 3}) {
    Matrix<double> margins = Matrix<double>::Ones(4, 4);
    margins(1, damaged) = margins(damaged, 1) = nan;
    const auto bottom = bottom_logit(column<double>({1, 5, 2, 3}), margins, 0.1);
    CHECK_FALSE(5 > bottom.value);
  }
}
