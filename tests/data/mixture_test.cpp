#include "gloro/data/mixture.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "catch.hpp"
#include "gloro/core/error.hpp"
#include "gloro/data/batches.hpp"

using namespace gloro;
using data::Dataset;
using data::Mixture;

namespace {

/// Images of one pixel each, first, first + 1, ...; labels 0 and 1 in turn.
Dataset counting(Index samples, int first) {
  std::vector<float> pixels;
  std::vector<int> labels;
  for (int n = 0; n < samples; ++n) {
    pixels.push_back(static_cast<float>(first + n));
    labels.push_back(n % 2);
  }
  return {"counting", Shape::flat(1), std::move(pixels), std::move(labels), 2};
}

}  // namespace

TEST_CASE("images by themselves have the batches that they ever had") {
  const Mixture alone(counting(10, 0));
  const data::EpochBatches batches = alone.batches(4, 7, 3);
  const auto order = data::epoch_order(10, 7, 3);
  CHECK(batches.samples == order);
  REQUIRE(batches.count() == 3);
  for (Index b = 0; b < 3; ++b) {
    const auto expected = data::batch_of(order, 4, b), got = batches.batch(b);
    CHECK(std::vector<Index>(got.begin(), got.end()) ==
          std::vector<Index>(expected.begin(), expected.end()));
  }
  CHECK_THROWS_AS(batches.batch(3), ArgumentError);
}

TEST_CASE("a share of each batch is of the extra images and each image comes once an epoch") {
  const Mixture mixed(counting(20, 0), counting(100, 1000), 0.7);
  const data::EpochBatches batches = mixed.batches(10, 1, 0);
  REQUIRE(batches.count() == 7);  // 3 of 20 in each
  std::map<Index, int> seen;
  for (Index b = 0; b < 7; ++b) {
    const auto batch = batches.batch(b);
    const auto own = std::count_if(batch.begin(), batch.end(), [](Index i) { return i < 20; });
    CHECK(own == (b < 6 ? 3 : 2));
    CHECK(std::ssize(batch) == (b < 6 ? 10 : 2 + 4));  // 7 * 2 / 3 in the last
    for (const Index i : batch) ++seen[i];
  }
  for (Index i = 0; i < 20; ++i) CHECK(seen[i] == 1);
  for (const auto& [i, times] : seen) CHECK((times == 1 && i < 120));
}

TEST_CASE("the extra images go on from epoch to epoch, each once before any comes again") {
  const Mixture mixed(counting(12, 0), counting(25, 1000), 0.5);  // 12 of them an epoch
  std::vector<Index> stream;
  for (std::uint64_t epoch = 0; epoch < 25; ++epoch)
    for (const Index i : mixed.batches(8, 5, epoch).samples)
      if (i >= 12) stream.push_back(i - 12);
  REQUIRE(stream.size() == 300);
  std::vector<Index> first(stream.begin(), stream.begin() + 25);
  for (std::size_t pass = 0; pass < 12; ++pass) {
    std::vector<Index> all(stream.begin() + static_cast<std::ptrdiff_t>(25 * pass),
                           stream.begin() + static_cast<std::ptrdiff_t>(25 * (pass + 1)));
    if (pass > 0) CHECK(all != first);
    std::sort(all.begin(), all.end());
    for (Index i = 0; i < 25; ++i) CHECK(all[static_cast<std::size_t>(i)] == i);
  }
}

TEST_CASE("fewer extra images than an epoch asks for come again within it") {
  const Mixture mixed(counting(20, 0), counting(3, 1000), 0.5);
  std::array<int, 3> seen{};
  for (const Index i : mixed.batches(4, 5, 0).samples)
    if (i >= 20) ++seen[static_cast<std::size_t>(i - 20)];
  CHECK(seen[0] + seen[1] + seen[2] == 20);
  CHECK(*std::max_element(seen.begin(), seen.end()) == 7);
}

TEST_CASE("a mixture's samples and labels are those of the two") {
  const Mixture mixed(counting(20, 0), counting(30, 1000), 0.5);
  const std::array<Index, 4> which{3, 20, 49, 0};
  const Tensor<float> batch = mixed.batch(which);
  const std::vector<float> expected{3, 1000, 1029, 0};
  for (Index n = 0; n < 4; ++n) CHECK(batch.sample(n)[0] == expected[static_cast<std::size_t>(n)]);
  CHECK(mixed.labels(which) == std::vector<int>{1, 0, 1, 0});
  CHECK_THROWS_AS(mixed.batch(std::array<Index, 1>{50}), ArgumentError);
}

TEST_CASE("a mixture depends on the seed and the epoch alone") {
  const Mixture mixed(counting(20, 0), counting(30, 1000), 0.5);
  CHECK(mixed.batches(8, 1, 2).samples == mixed.batches(8, 1, 2).samples);
  CHECK(mixed.batches(8, 1, 2).samples != mixed.batches(8, 1, 3).samples);
  CHECK(mixed.batches(8, 1, 2).samples != mixed.batches(8, 2, 2).samples);
}

TEST_CASE("what cannot be mixed is refused") {
  const Dataset images = counting(20, 0);
  for (const double share : {0.0, 1.0, -0.5, 2.0})
    CHECK_THROWS_AS(Mixture(images, counting(5, 9), share), ArgumentError);
  CHECK_THROWS_AS(Mixture(images, images.head(0), 0.5), ArgumentError);
  CHECK_THROWS_AS(
      Mixture(images, Dataset("flat", Shape::flat(2), std::vector<float>(4), {0, 1}), 0.5),
      ArgumentError);
  CHECK_THROWS_AS(Mixture(images, Dataset("bare", Shape::flat(1), std::vector<float>(4)), 0.5),
                  ArgumentError);
  CHECK_THROWS_WITH(
      Mixture(images, Dataset("more", Shape::flat(1), std::vector<float>(2), {0, 2}), 0.5),
      ContainsText("label 2 is none of the 2 classes"));
  CHECK_THROWS_WITH(Mixture(images, counting(5, 9), 0.1).batches(4, 0, 0),
                    ContainsText("cannot hold a share of 0.1"));
}
