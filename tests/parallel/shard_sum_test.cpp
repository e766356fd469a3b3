// ShardSum: the same bits as tree_sum in one place, for any number of vectors and processes.
#include "catch.hpp"

#include <cmath>
#include <string>
#include <vector>

#include "gloro/core/random.hpp"
#include "gloro/parallel/detail/shard_sum.hpp"
#include "parallel/threaded_processes.hpp"

using namespace gloro;

namespace {

/// Vectors of mixed magnitudes, so that another order of adding gives other bits.
std::vector<Vector<float>> vectors(Index count, Index size) {
  Random random(5);
  std::vector<Vector<float>> all;
  for (Index i = 0; i < count; ++i) {
    auto& vector = all.emplace_back(size);
    for (auto& value : vector)
      value = static_cast<float>(random.normal() * std::exp(8 * random.uniform()));
  }
  return all;
}

Vector<float> expected(std::vector<Vector<float>> all, float scale) {
  tree_sum(static_cast<Index>(all.size()), [&](Index i, Index j) {
    all[static_cast<std::size_t>(i)] += all[static_cast<std::size_t>(j)];
  });
  return scale * all.front();
}

/// As of three arrays, the last of them extra.
Segments segments(Index size, Processes& process) {
  const std::vector<Index> sizes{size / 4, size - size / 4 - size % 2};
  return {sizes, size % 2, process};
}

void gather(const Segments& segments, Vector<float>& vector) {
  const std::span<float> all(vector.data(), static_cast<std::size_t>(vector.size()));
  segments.gather<float>(0, std::span(&all, 1));
}

}  // namespace

TEST_CASE("A sum over processes has the bits of the tree in one place, at any number of them") {
  constexpr float scale = 1.0F / 48;
  for (const Index size : {1, 5, 40000})
    for (const Index count : {1, 2, 3, 7, 8, 13}) {
      if (size == 40000 && count > 8) continue;
      const auto all = vectors(count, size);
      const Vector<float> sum = expected(all, scale);
      for (const int processes : {1, 2, 3, 4, 5, 8, 11}) {
        CAPTURE(size, count, processes);
        std::vector<char> is_same(static_cast<std::size_t>(processes), 0);
        const auto errors = threaded::run(processes, [&](Processes& process) {
          const auto share = process.share(count);
          std::vector<Vector<float>> mine(all.begin() + share.first, all.begin() + share.end);
          if (mine.empty()) mine.emplace_back(Vector<float>::Constant(size, 1e30F));
          std::vector<float*> own;
          for (auto& vector : mine) own.push_back(vector.data());
          Workers workers(1);
          ShardSum<float> sum_of_shards(segments(size, process));
          sum_of_shards.compute(count, own, scale, workers);
          gather(sum_of_shards.segments(), mine.front());
          is_same[static_cast<std::size_t>(process.rank())] = mine.front() == sum;
        });
        CHECK(errors == std::vector<std::string>(static_cast<std::size_t>(processes)));
        CHECK(is_same == std::vector<char>(static_cast<std::size_t>(processes), 1));
      }
    }
}

TEST_CASE("A process sends no more than two vectors a sum, where the tree is aligned") {
  constexpr Index count = 8, size = 32 * Piece::most;
  const auto all = vectors(count, size);
  for (const int processes : {2, 4, 8}) {
    const auto errors = threaded::run(processes, [&](Processes& process) {
      const auto share = process.share(count);
      std::vector<Vector<float>> mine(all.begin() + share.first, all.begin() + share.end);
      std::vector<float*> own;
      for (auto& vector : mine) own.push_back(vector.data());
      Workers workers(2);
      ShardSum<float> sum(segments(size, process));
      sum.compute(count, own, 1, workers);
      gather(sum.segments(), mine.front());
      const auto least = 2 * size * sizeof(float) * static_cast<std::size_t>(processes - 1) /
                         static_cast<std::size_t>(processes);
      if (process.traffic().bytes != least)
        throw Error(message(process.traffic().bytes, " bytes, expected ", least));
    });
    CHECK(errors == std::vector<std::string>(static_cast<std::size_t>(processes)));
  }
}
