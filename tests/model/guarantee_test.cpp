// Guarantees as values: which sets of leading classes they allow, and what they refuse.
#include "catch.hpp"

#include <vector>

#include "gloro/model/guarantee.hpp"

using namespace gloro;

namespace {

Index allowed(const Guarantee& guarantee, const std::vector<Index>& leaders) {
  return guarantee.allowed(leaders);
}

}  // namespace

TEST_CASE("A guarantee is for top-1 unless it is relaxed") {
  CHECK_FALSE(Guarantee().is_relaxed());
  CHECK(Guarantee() == Guarantee::top_1());
  CHECK(Guarantee::top_k(1) == Guarantee::top_1());
  CHECK(Guarantee().text() == "top-1");
  const Guarantee top_3 = Guarantee::top_k(3);
  CHECK(top_3.is_relaxed());
  CHECK(top_3.most_classes() == 3);
  CHECK(top_3.text() == "top-3");
  CHECK(top_3.affinity_sets().empty());
  // Sets of one class each allow no more than top-1.
  CHECK_FALSE(Guarantee::affinity({{0}, {1}}).is_relaxed());
}

TEST_CASE("Top-k allows any leading classes up to k of them") {
  CHECK(allowed(Guarantee::top_k(3), {7, 1, 4}) == 3);
  CHECK(allowed(Guarantee::top_k(3), {7, 1}) == 2);
  CHECK(allowed(Guarantee::top_1(), {7}) == 1);
}

TEST_CASE("Affinity allows leading classes as far as one set has them all") {
  const Guarantee guarantee = Guarantee::affinity({{2, 0}, {3, 1, 2}, {4}});
  CHECK(guarantee.most_classes() == 3);
  CHECK(guarantee.text() == "affinity [0,2][1,2,3][4]");
  CHECK(allowed(guarantee, {0, 2, 1}) == 2);
  CHECK(allowed(guarantee, {2, 0, 1}) == 2);
  CHECK(allowed(guarantee, {2, 1, 3}) == 3);  // the first set has the first class only
  CHECK(allowed(guarantee, {3, 2, 0}) == 2);
  CHECK(allowed(guarantee, {0, 1, 2}) == 1);  // in no set together
  CHECK(allowed(guarantee, {4, 0, 2}) == 1);
  CHECK(allowed(guarantee, {5, 0, 2}) == 1);  // a class in no set stands alone
}

TEST_CASE("What cannot be a guarantee is refused in words") {
  CHECK_THROWS_WITH(Guarantee::top_k(0), ContainsText("k >= 1") && ContainsText("got 0"));
  CHECK_THROWS_AS(Guarantee::top_k(-2), ArgumentError);
  CHECK_THROWS_WITH(Guarantee::affinity({}), ContainsText("got none"));
  CHECK_THROWS_WITH(Guarantee::affinity({{1}, {}}), ContainsText("set 1 is empty"));
  CHECK_THROWS_WITH(Guarantee::affinity({{1, -3}}), ContainsText("got -3"));
  CHECK_THROWS_WITH(Guarantee::affinity({{1, 4, 1}}), ContainsText("class 1 twice"));
}

TEST_CASE("A guarantee that does not fit the classes is refused with both numbers") {
  CHECK_NOTHROW(Guarantee::top_k(9).require_classes(10));
  CHECK_THROWS_WITH(Guarantee::top_k(10).require_classes(10),
                    ContainsText("there are 10") && ContainsText("at most 9"));
  CHECK_THROWS_AS(Guarantee::affinity({{0, 1, 2}}).require_classes(3), ArgumentError);
  CHECK_THROWS_WITH(Guarantee::affinity({{0, 1}, {3, 5}}).require_classes(5),
                    ContainsText("0 to 4") && ContainsText("got 5"));
  CHECK_NOTHROW(Guarantee::affinity({{0, 1}, {3, 5}}).require_classes(6));
  CHECK_NOTHROW(Guarantee::top_1().require_classes(1));
  CHECK_THROWS_AS(Guarantee::affinity({{4}}).require_classes(4), ArgumentError);
}
