// Workers: every piece of work is done once, whatever the threads; errors come back; sums are fixed.
#include "catch.hpp"

#include <atomic>
#include <cfenv>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "gloro/core/workers.hpp"

using namespace gloro;

TEST_CASE("Every index is visited once, over many rounds and any number of threads") {
  const int threads = GENERATE(1, 2, 3, 8);
  Workers workers(threads);
  CHECK(workers.threads() == threads);
  for (Index count = 0; count < 40; ++count)
    for (int round = 0; round < 20; ++round) {
      std::vector<std::atomic<int>> visits(static_cast<std::size_t>(count));
      workers.for_each(count, [&](Index i) { ++visits[static_cast<std::size_t>(i)]; });
      int wrong = 0;
      for (const auto& visit : visits) wrong += visit != 1;
      REQUIRE(wrong == 0);
    }
}

TEST_CASE("Thousands of short rounds end, and each sees what the one before it wrote") {
  Workers workers(4);
  std::vector<int> before(4, 0), after(4, 0);
  for (int round = 0; round < 5000; ++round) {
    workers.for_each(4, [&](Index i) {  // plain ints: the end of a round orders memory
      const auto at = static_cast<std::size_t>(i);
      after[at] = before[(at + 1) % 4] + 1;
    });
    before.swap(after);
  }
  for (const int value : before) CHECK(value == 5000);
}

TEST_CASE("A loop over nothing calls nothing") {
  Workers workers(3);
  workers.for_each(0, [](Index) { throw std::logic_error("called"); });
}

TEST_CASE("An exception of a body comes back to the caller, and the workers go on") {
  const int threads = GENERATE(1, 2, 4);
  Workers workers(threads);
  for (int round = 0; round < 200; ++round) {
    std::atomic<int> running = 0;
    CHECK_THROWS_WITH(workers.for_each(50,
                                       [&](Index i) {
                                         ++running;
                                         if (i == 7) {
                                           --running;
                                           throw std::runtime_error("seven");
                                         }
                                         --running;
                                       }),
                      "seven");
    REQUIRE(running == 0);  // nobody works on after the return
    std::atomic<int> sum = 0;
    workers.for_each(10, [&](Index i) { sum += static_cast<int>(i); });
    REQUIRE(sum == 45);
  }
}

TEST_CASE("Where all bodies throw, one exception comes back") {
  Workers workers(4);
  CHECK_THROWS_AS(workers.for_each(100, [](Index) { throw ArgumentError("all"); }), ArgumentError);
}

TEST_CASE("Zero threads mean one a core, fewer are refused") {
  CHECK(Workers(0).threads() >= 1);
  CHECK_THROWS_AS(Workers(-1), ArgumentError);
}

TEST_CASE("A tree sum adds neighbours, then neighbours of those, the result in the first") {
  const auto order = [](Index count) {
    std::vector<std::string> terms;
    for (Index i = 0; i < count; ++i) terms.push_back(std::to_string(i));
    tree_sum(count, [&](Index i, Index j) {
      auto& into = terms[static_cast<std::size_t>(i)];
      into = "(" + into + "+" + terms[static_cast<std::size_t>(j)] + ")";
    });
    return terms.empty() ? std::string() : terms.front();
  };
  CHECK(order(0).empty());
  CHECK(order(1) == "0");
  CHECK(order(2) == "(0+1)");
  CHECK(order(3) == "((0+1)+2)");
  CHECK(order(4) == "((0+1)+(2+3))");
  CHECK(order(6) == "(((0+1)+(2+3))+(4+5))");
  CHECK(order(8) == "(((0+1)+(2+3))+((4+5)+(6+7)))");
}

TEST_CASE("All threads compute as the caller does, whatever it was when they were made") {
  Workers workers(3);
  const volatile double one = 1, three = 3;
  const auto quotients = [&] {
    std::vector<double> all(3);
    std::atomic<int> arrived = 0;
    workers.for_each(3, [&](Index i) {
      ++arrived;
      while (arrived < 3) std::this_thread::yield();  // one piece a thread
      all[static_cast<std::size_t>(i)] = one / three;
    });
    return all;
  };
  const std::vector<double> nearest = quotients();
  std::fesetround(FE_UPWARD);
  const std::vector<double> upward = quotients();
  std::fesetround(FE_TONEAREST);
  CHECK(quotients() == nearest);
  for (const double quotient : nearest) CHECK(quotient == nearest[0]);
  for (const double quotient : upward) CHECK(quotient > nearest[0]);
}
