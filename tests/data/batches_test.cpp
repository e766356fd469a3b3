#include "gloro/data/batches.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include "catch.hpp"

using namespace gloro;

TEST_CASE("an epoch visits every sample once") {
  auto order = data::epoch_order(1000, 3, 7);
  std::vector<Index> all(1000);
  std::iota(all.begin(), all.end(), Index{0});
  CHECK(order != all);
  std::sort(order.begin(), order.end());
  CHECK(order == all);
  CHECK(data::epoch_order(0, 1, 1).empty());
  CHECK_THROWS_AS(data::epoch_order(-1, 1, 1), ArgumentError);
}

TEST_CASE("the order depends on the seed and the epoch and on nothing else") {
  const auto order = data::epoch_order(100, 1, 5);
  CHECK(order == data::epoch_order(100, 1, 5));
  CHECK(order != data::epoch_order(100, 2, 5));
  CHECK(order != data::epoch_order(100, 1, 6));
}

TEST_CASE("every order of three samples is equally likely") {
  // 6000 draws, six orders: each count is binomial with mean 1000 and deviation 28.9.
  std::vector<int> counts(9, 0);
  for (std::uint64_t epoch = 0; epoch < 6000; ++epoch) {
    const auto order = data::epoch_order(3, 11, epoch);
    ++counts[static_cast<std::size_t>(3 * order[0] + order[1])];
  }
  for (const std::size_t pair : {1U, 2U, 3U, 5U, 6U, 7U}) {
    CHECK(counts[pair] > 1000 - 5 * 29);
    CHECK(counts[pair] < 1000 + 5 * 29);
  }
}

TEST_CASE("batches cut an order without loss") {
  const auto order = data::epoch_order(10, 1, 0);
  const Index size = GENERATE(as<Index>(), 1, 3, 5, 10, 99);
  std::vector<Index> joined;
  for (Index b = 0; b < data::batch_count(10, size); ++b) {
    const auto batch = data::batch_of(order, size, b);
    CHECK(static_cast<Index>(batch.size()) == std::min(size, 10 - b * size));
    joined.insert(joined.end(), batch.begin(), batch.end());
  }
  CHECK(joined == order);
}

TEST_CASE("batches that do not exist are refused") {
  const auto order = data::epoch_order(10, 1, 0);
  CHECK_THROWS_AS(data::batch_count(10, 0), ArgumentError);
  CHECK_THROWS_AS(data::batch_of(order, 4, 3), ArgumentError);
  CHECK_THROWS_AS(data::batch_of(order, 4, -1), ArgumentError);
}
