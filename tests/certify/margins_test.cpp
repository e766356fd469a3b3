// Margins by themselves, on logits and errors given by hand: what they prove against exact
// arithmetic, down to the last bit.
#include "catch.hpp"

#include <cmath>
#include <cstddef>
#include <vector>

#include "gloro/certify/detail/margins.hpp"
#include "networks.hpp"

using namespace gloro;

namespace by_hand {

/// Rows one apart, in one dimension: K is 1, rounded up.
inline Margins one_apart() { return {networks::column<double>({1, 0}), std::vector<double>{}}; }

/// No rounding in the head.
inline HeadRounding none() {
  return HeadRounding(
      networks::linear<double>(networks::column<double>({1, 0}), networks::column<double>({0, 0}))
          .head());
}

inline HeadRounding given(double relative, double absolute) {
  HeadRounding rounding = none();
  rounding.relative << relative, 0;
  rounding.absolute << absolute, 0;
  return rounding;
}

inline double radius(const Margins& margins, const std::vector<double>& logits, double error) {
  return margins.judge(logits.data(), ActivationBound{}, given(0, error), 0).radius;
}

}  // namespace by_hand

TEST_CASE("a radius is never above its margin over K, not by one bit") {
  Random random(1);
  for (int i = 0; i < 5000; ++i) {
    Matrix<double> head(2, 1);
    head << random.uniform(0.5, 2), 0;
    const Margins margins(head, std::vector<double>{random.uniform(0.5, 2)});
    const double k = margins.constants()(0, 1);
    const double margin = random.uniform(0.5, 2);
    const double proved = by_hand::radius(margins, {margin, 0}, 0);
    CHECK(std::fma(proved, k, -margin) <= 0);
    CHECK(proved >= margin / k * (1 - 1e-14));
  }
}

TEST_CASE("a margin hardly above its error proves no more than what is left of it") {
  // The margin is 1 + 2^-53 + 2^-60, which double rounds up to 1 + 2^-52; all but about 2^-40 of it
  // is error, so that what the rounding adds shows beside what is left.
  const double behind = -(0x1p-53 + 0x1p-60);
  const Margins margins = by_hand::one_apart();
  const double least = 1 - 0x1p-40;  // of the error, which is claimed a little larger
  const double error = margins.rounding_error(0, 1, ActivationBound{}, by_hand::given(0, least));
  REQUIRE(1 - behind == 1 + 0x1p-52);
  const double left = (1 - error) + (0x1p-53 + 0x1p-60);  // exact: the difference, then few bits
  const double proved = by_hand::radius(margins, {1, behind}, least);
  CHECK(proved > 0);
  CHECK(std::fma(proved, margins.constants()(0, 1), -left) <= 0);
}

TEST_CASE("the error of a margin is rounded up") {
  Random random(2);
  const Margins margins({networks::column<double>({1, 1}), std::vector<double>{}});  // K = 0
  for (int i = 0; i < 2000; ++i) {
    // (r_0 + r_1) n + (a_0 + a_1), of numbers whose sums are exact: the product's error is known.
    const auto few_bits = [&] {
      return std::ldexp(std::floor(random.uniform(1, 2) * 0x1p40), -40);
    };
    HeadRounding rounding = by_hand::none();
    rounding.relative << few_bits(), few_bits();
    rounding.absolute << few_bits() * 0x1p-60, 0;
    const double norm = few_bits();
    const double sum = rounding.relative.sum(), product = sum * norm;
    const double rest = std::fma(sum, norm, -product) + rounding.absolute(0);
    const double claimed = margins.rounding_error(0, 1, {norm, 0}, rounding);
    CHECK(claimed - product >= rest);
    CHECK(claimed <= product * (1 + 1e-14));
  }
}

TEST_CASE("the error of a margin is that of both of its rows") {
  // Row 0 is zero and exact; row 1 is its input, 1 and numbers that are lost beside it in its sum.
  const Index inputs = 64;
  Matrix<float> weight = Matrix<float>::Zero(2, inputs);
  weight.row(1).setConstant(0x1.fep-13F);
  weight(1, 0) = 1;
  const auto model = networks::linear<float>(weight, Matrix<float>::Zero(2, 1));
  Tensor<float> x(Shape::flat(inputs), 1);
  x.matrix() = weight.row(1).transpose();
  const double exact = weight.row(1).cast<double>().squaredNorm();
  const double error = std::abs(static_cast<double>(model.logits(x).data()[1]) - exact);
  REQUIRE(error > 0x1p-20);
  const Margins margins(weight, std::vector<double>{});
  const HeadRounding rounding(model.head());
  const ActivationBound at_head{std::sqrt(exact) * (1 + 1e-15), 0};
  CHECK(margins.rounding_error(0, 1, at_head, rounding) >= error);
  CHECK(margins.rounding_error(1, 0, at_head, rounding) >= error);
}

TEST_CASE("what the body errs moves a margin by the distance of its rows") {
  Matrix<double> head(2, 2);
  head << 3, 0, 0, 4;
  const Margins margins(head, std::vector<double>{2});
  CHECK(margins.constants()(0, 1) >= 10);
  CHECK(margins.constants()(1, 0) >= 10);
  const HeadRounding rounding = by_hand::none();
  CHECK(margins.rounding_error(0, 1, {0, 0.5}, rounding) >= 2.5);
  CHECK(margins.rounding_error(0, 1, {0, 0.5}, rounding) <= 2.5 * (1 + 1e-13));
}

TEST_CASE("an answer is refuted only if no class that the error allows on top could be proved") {
  // Class 0 leads, too little for class 2, whose row is far away. Class 1 may be ahead of it within the
  // error, and then has class 2 far below: only a more exact evaluation can tell.
  const Margins margins({networks::column<double>({0, 0, 100}), std::vector<double>{}});
  HeadRounding rounding(networks::linear<double>(networks::column<double>({0, 0, 100}),
                                                 networks::column<double>({0, 0, 0}))
                            .head());
  const auto verdict = [&](double error) {
    rounding.relative.setZero();
    rounding.absolute << 0, error, 0;
    const double logits[] = {1, 0.995, 0.5};
    return margins.judge(logits, ActivationBound{}, rounding, 0.1).verdict;
  };
  CHECK(verdict(0.01) == Margins::Verdict::open);
  CHECK(verdict(0) == Margins::Verdict::refuted);
}

TEST_CASE("with too many classes for a table opposite rows are as far apart as both are long") {
  const Index classes = 6000;
  REQUIRE_FALSE(Margins::has_table(classes, 1));
  Matrix<float> head(classes, 1);
  for (Index i = 0; i < classes; ++i) head(i, 0) = i % 2 == 0 ? 3.0F : -2.0F;
  const Margins margins(head, std::vector<double>{2});
  CHECK(margins.constant(0, 1) >= 10);
  CHECK(margins.constant(1, 0) >= 10);
  CHECK(margins.constant(0, 1) <= 10 * (1 + 1e-12));
  CHECK(margins.constant(4, 4) == 0);
}

TEST_CASE("a product of bounds is rounded up at every factor") {
  const double a =
      1 + 0x1p-30;  // its square is 1 + 2^-29 + 2^-60: to the nearest, the last is lost
  CHECK(rounding::product_up(std::vector<double>{a, a}) > 1 + 0x1p-29);
  CHECK(rounding::product_up(std::vector<double>{a, 3, a}) > 3 + 3 * 0x1p-29);
  CHECK(rounding::product_up(std::vector<double>{a, a}) <= (1 + 0x1p-29) * (1 + 1e-15));
}

TEST_CASE("sets and labels stand at every radius below theirs, and not at it") {
  const Certificate one{2, 0.5};
  CHECK(one.classes_at(0.25) == std::vector<int>{2});
  CHECK(one.classes_at(0.5).empty());
  CHECK(one.set_radius_of(2) == 0.5);
  CHECK(one.set_radius_of(1) == 0);
  const Certificate two{3, 0.5, {{3, 0.5}, {1, 0.25}}};
  CHECK(two.classes_at(0) == std::vector<int>{3, 1});
  CHECK(two.classes_at(0.25) == std::vector<int>{3});
  CHECK(two.classes_at(0.5).empty());
  CHECK(two.set_radius_of(3) == 0.5);
  CHECK(two.set_radius_of(1) == 0.25);
}
