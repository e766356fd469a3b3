// The relaxed bottom logit: cases worked by hand, all sets and pairs tried one by one, derivatives.
#include "catch.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "gloro/core/random.hpp"
#include "gloro/model/bottom.hpp"

using namespace gloro;

namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

Vector<double> column(const std::vector<double>& values) {
  return Eigen::Map<const Vector<double>>(values.data(), static_cast<Index>(values.size()));
}

template <typename Scalar>
struct Case {
  Vector<Scalar> logits;
  Matrix<Scalar> margins;
  Scalar epsilon;
};

/// Some logits are equal; epsilon is of the size that makes sets of any size the best.
template <typename Scalar>
Case<Scalar> random_case(Index classes, std::uint64_t seed) {
  Random random(seed);
  Case<Scalar> made{Vector<Scalar>(classes), Matrix<Scalar>::Zero(classes, classes), 0};
  for (Index i = 0; i < classes; ++i) {
    made.logits(i) = static_cast<Scalar>(random.normal());
    if (i > 0 && random.uniform(0, 1) < 0.1) made.logits(i) = made.logits(i - 1);
    for (Index j = 0; j < i; ++j)
      made.margins(i, j) = made.margins(j, i) = static_cast<Scalar>(random.uniform(0.1, 2));
  }
  made.epsilon = static_cast<Scalar>(random.uniform(0, 0.6));
  return made;
}

std::vector<Guarantee> guarantees() {
  return {Guarantee::top_k(2),
          Guarantee::top_k(3),
          Guarantee::top_k(5),
          Guarantee::affinity({{0, 1}, {2, 3}, {4}}),
          Guarantee::affinity({{0, 1, 2, 3}, {3, 5}}),
          Guarantee::affinity({{1, 4}})};
}

/// By the definition: any subset of the classes is tried, as a set of its members.
struct Reference {
  double margin = -infinite;  // max over allowed sets of min over pairs of y_j - y_i - eps K_ji
  Index size = 0;             // of the largest allowed set with a margin above zero

  Reference(const Case<double>& of, const Guarantee& guarantee) {
    const Index classes = of.logits.size();
    std::vector<Index> order(static_cast<std::size_t>(classes));
    for (Index i = 0; i < classes; ++i) order[static_cast<std::size_t>(i)] = i;
    std::stable_sort(order.begin(), order.end(),
                     [&](Index a, Index b) { return of.logits(a) > of.logits(b); });
    for (unsigned set = 1; set + 1 < 1U << classes; ++set) {
      const auto has = [&](Index c) { return (set >> c & 1U) != 0; };
      Index members = 0;
      for (Index c = 0; c < classes; ++c) members += has(c);
      bool leads = true, allowed = members == 1 || guarantee.affinity_sets().empty();
      for (Index k = 0; k < members; ++k) leads = leads && has(order[static_cast<std::size_t>(k)]);
      for (const auto& affinity : guarantee.affinity_sets()) {
        bool holds_all = true;
        for (Index c = 0; c < classes; ++c)
          if (has(c)) holds_all = holds_all && std::count(affinity.begin(), affinity.end(), c) == 1;
        allowed = allowed || holds_all;
      }
      if (!leads || !allowed || members > guarantee.most_classes()) continue;
      double least = infinite;
      for (Index j = 0; j < classes; ++j)
        for (Index i = 0; i < classes; ++i)
          if (has(j) && !has(i))
            least = std::min(least, of.logits(j) - of.logits(i) - of.epsilon * of.margins(j, i));
      margin = std::max(margin, least);
      if (least > 0) size = std::max(size, members);
    }
  }
};

}  // namespace

TEST_CASE("The relaxed bottom logit fits a case worked by hand") {
  // Class 2 leads, 0 follows closely, 1 and 3 are far. K is 1, but 4 between classes 0 and 3.
  const Vector<double> logits = column({4, 1, 4.5, 2});
  Matrix<double> margins = Matrix<double>::Ones(4, 4);
  margins(0, 3) = margins(3, 0) = 4;
  // {2}: class 0 reaches 4 + 0.5. {2, 0}: 3 over 0 reaches 2 + 0.5 * 4 + 0.5 = 4.5; over 2, 2.5.
  // {2, 0, 3}: 1 over 3 reaches 1 + 0.5 + (4.5 - 2) = 4, the least.
  const auto top_1 = bottom_logit(logits, margins, 0.5, Guarantee::top_1());
  CHECK(top_1.value == 4.5);
  CHECK(top_1.size == 0);
  const auto top_2 = bottom_logit(logits, margins, 0.5, Guarantee::top_k(2));
  CHECK(top_2.value == 4.5);
  CHECK(top_2.held == 2);  // of equal sets the smallest
  CHECK(top_2.rival == 0);
  CHECK(top_2.size == 0);
  const auto top_3 = bottom_logit(logits, margins, 0.5, Guarantee::top_k(3));
  CHECK(top_3.top == 2);
  CHECK(top_3.held == 3);
  CHECK(top_3.rival == 1);
  CHECK(top_3.value == 4);
  CHECK(top_3.size == 3);
  // With epsilon 0.25: {2} 4.25, {2, 0} 3.5, {2, 0, 3} 3.75. All stand; the second is the best.
  const auto near = bottom_logit(logits, margins, 0.25, Guarantee::top_k(3));
  CHECK(near.held == 0);
  CHECK(near.rival == 3);
  CHECK(near.value == 3.5);
  CHECK(near.size == 3);
  const auto pair = bottom_logit(logits, margins, 0.25, Guarantee::affinity({{0, 2}, {1, 2, 3}}));
  CHECK(pair.value == 3.5);
  CHECK(pair.size == 2);
  const auto apart = bottom_logit(logits, margins, 0.25, Guarantee::affinity({{0, 1}, {2, 3}}));
  CHECK(apart.value == 4.25);
  CHECK(apart.size == 1);
}

TEST_CASE("The relaxed bottom logit is the best over all allowed sets, pair by pair") {
  Index by_size[6] = {};
  for (std::uint64_t seed = 0; seed < 400; ++seed)
    for (const Guarantee& guarantee : guarantees()) {
      const Case<double> of = random_case<double>(7, seed);
      const Reference expected(of, guarantee);
      const auto bottom = bottom_logit(of.logits, of.margins, of.epsilon, guarantee);
      const double margin = of.logits(bottom.top) - bottom.value;
      // Logits and eps K are below 8: a few roundings of 2^-50.
      CHECK(std::abs(margin - expected.margin) <= 0x1p-47);
      if (std::abs(expected.margin) > 0x1p-47) {
        CHECK((bottom.size > 0) == (expected.margin > 0));
        CHECK(bottom.size == expected.size);
      }
      ++by_size[bottom.size];
    }
  for (const Index count : by_size) CHECK(count > 10);
}

TEMPLATE_TEST_CASE("For K = 1 the bottom logit is the same bits as ever", "", float, double) {
  using Scalar = TestType;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Case<Scalar> of = random_case<Scalar>(6, seed);
    const auto plain = bottom_logit(of.logits, of.margins, of.epsilon);
    const auto top_1 = bottom_logit(of.logits, of.margins, of.epsilon, Guarantee::top_k(1));
    Scalar highest = -std::numeric_limits<Scalar>::infinity();
    for (Index i = 0; i < 6; ++i)
      if (i != plain.top)
        highest = std::max(highest, of.logits(i) + of.epsilon * of.margins(plain.top, i));
    CHECK(plain.value == highest);
    CHECK(top_1.value == plain.value);
    CHECK(top_1.rival == plain.rival);
    CHECK(top_1.held == plain.top);
    CHECK(top_1.size == (of.logits(plain.top) > plain.value));
    // And the general way, led to sets of one class by affinity, ends there too.
    const auto alone =
        bottom_logit(of.logits, of.margins, of.epsilon, Guarantee::affinity({{8, 9}}));
    CHECK(alone.value == plain.value);
    CHECK(alone.rival == plain.rival);
    CHECK(alone.size == top_1.size);
  }
}

TEST_CASE("A wider guarantee never has the higher bottom logit") {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const Case<float> of = random_case<float>(8, seed);
    float before = std::numeric_limits<float>::infinity();
    for (Index k = 1; k <= 7; ++k) {
      const auto bottom = bottom_logit(of.logits, of.margins, of.epsilon, Guarantee::top_k(k));
      CHECK(bottom.value <= before);
      before = bottom.value;
    }
  }
}

TEST_CASE("A tie between a member and a class outside leaves no set standing") {
  const Matrix<double> none = Matrix<double>::Zero(4, 4);
  const auto tie = bottom_logit(column({3, 2, 2, 2}), none, 0.5, Guarantee::top_k(2));
  CHECK(tie.size == 1);  // the top class alone, not it and one of three equals
  CHECK(tie.value == 2);
  const auto pair = bottom_logit(column({3, 3, 2, 2}), none, 0.5, Guarantee::top_k(2));
  CHECK(pair.size == 2);  // a tie inside is no harm
  CHECK(pair.value == 2);
  const auto all = bottom_logit(column({3, 3, 3, 3}), none, 0.5, Guarantee::top_k(3));
  CHECK(all.size == 0);
  CHECK(all.value == 3);
}

TEST_CASE("A number that is none leaves no set standing") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Guarantee guarantee = Guarantee::top_k(2);
  for (Index damaged = 0; damaged < 4; ++damaged) {
    Vector<double> logits = column({1, 5, 2, 4});
    logits(damaged) = nan;
    const auto bottom =
        bottom_logit(logits, Matrix<double>(Matrix<double>::Ones(4, 4)), 0.1, guarantee);
    CHECK(bottom.size == 0);
    CHECK_FALSE(logits(bottom.top) > bottom.value);
  }
  for (const Index damaged : {0, 2, 3}) {
    Matrix<double> margins = Matrix<double>::Ones(4, 4);
    margins(1, damaged) = margins(damaged, 1) = nan;
    const auto bottom = bottom_logit(column({1, 5, 2, 4}), margins, 0.1, guarantee);
    CHECK(bottom.size == 0);
    CHECK_FALSE(5 > bottom.value);
  }
  Matrix<double> margins = Matrix<double>::Ones(4, 4);  // of the second class, not of the top one
  margins(3, 0) = margins(0, 3) = nan;
  const auto bottom = bottom_logit(column({1, 5, 2, 4}), margins, 0.1, guarantee);
  CHECK(bottom.size == 0);
  CHECK_FALSE(5 > bottom.value);
}

TEST_CASE("A guarantee wider than the classes leaves one class outside") {
  const auto bottom = bottom_logit(column({2, 1}), Matrix<double>(Matrix<double>::Ones(2, 2)), 0.25,
                                   Guarantee::top_k(7));
  CHECK(bottom.value == 1.25);
  const auto lone = bottom_logit(column({2}), Matrix<double>(Matrix<double>::Zero(1, 1)), 0.25,
                                 Guarantee::top_k(7));
  CHECK(lone.value == -infinite);
}

TEST_CASE("The rank of a class counts those before it, of equals the first first") {
  const Vector<double> logits = column({2, 5, 2, 7});
  CHECK(rank_of(logits, 3) == 0);
  CHECK(rank_of(logits, 1) == 1);
  CHECK(rank_of(logits, 0) == 2);
  CHECK(rank_of(logits, 2) == 3);
}
