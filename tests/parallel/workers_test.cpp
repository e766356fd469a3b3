// Workers: every piece of work is done once, whatever the threads; errors come back; sums are fixed.
#include "catch.hpp"

#include <atomic>
#include <cfenv>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "gloro/parallel/workers.hpp"

#if defined(__unix__) || defined(__APPLE__)
#include <sys/wait.h>
#include <unistd.h>
#endif

using namespace gloro;

namespace {

/// Whether one loop of `workers` visits each index once.
bool visits_each_once(Workers& workers, Index count) {
  std::vector<std::atomic<int>> visits(static_cast<std::size_t>(count));
  workers.for_each(count, [&](Index i) {
    std::this_thread::yield();  // so that loops of several callers meet
    ++visits[static_cast<std::size_t>(i)];
  });
  for (const auto& visit : visits)
    if (visit != 1) return false;
  return true;
}

}  // namespace

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

TEST_CASE("Threads that share a pool each get their own loop done") {
  Workers workers(3);
  std::atomic<int> wrong = 0, ready = 0;
  const auto caller = [&] {
    ++ready;
    while (ready < 4) std::this_thread::yield();
    for (int round = 0; round < 300; ++round) wrong += !visits_each_once(workers, 2 + round % 7);
  };
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) callers.emplace_back(caller);
  for (auto& thread : callers) thread.join();
  CHECK(wrong == 0);
}

TEST_CASE("Who finds the pool taken runs his loop alone and waits for nobody") {
  Workers workers(2);
  std::atomic<int> inside = 0;
  std::atomic<bool> leave = false;
  std::thread holder([&] {
    workers.for_each(2, [&](Index) {
      ++inside;
      while (!leave) std::this_thread::yield();
    });
  });
  while (inside < 2) std::this_thread::yield();
  std::vector<Index> order;
  bool alone = true;
  const auto self = std::this_thread::get_id();
  workers.for_each(5, [&](Index i) {
    order.push_back(i);
    alone = alone && std::this_thread::get_id() == self;
  });
  CHECK(order == std::vector<Index>{0, 1, 2, 3, 4});
  CHECK(alone);
  CHECK_THROWS_AS(workers.for_each(5, [](Index) { throw ArgumentError("mine"); }), ArgumentError);
  leave = true;
  holder.join();
  CHECK(visits_each_once(workers, 5));
}

TEST_CASE("Loops within loops of the same pool end on whichever thread they begin") {
  Workers workers(3), others(2);
  std::atomic<int> visits = 0;
  workers.for_each(6, [&](Index) {
    workers.for_each(4, [&](Index) {
      others.for_each(3, [&](Index) { workers.for_each(2, [&](Index) { ++visits; }); });
    });
  });
  CHECK(visits == 6 * 4 * 3 * 2);
}

TEST_CASE("An exception of a loop within a loop comes back through both") {
  Workers workers(3);
  for (int round = 0; round < 200; ++round) {
    CHECK_THROWS_WITH(workers.for_each(4,
                                       [&](Index i) {
                                         workers.for_each(4, [&](Index j) {
                                           if (i == 2 && j == 3) throw std::runtime_error("inner");
                                         });
                                       }),
                      "inner");
    REQUIRE(visits_each_once(workers, 8));
  }
}

#if defined(__unix__) || defined(__APPLE__)
namespace {

/// What `work` returns in a child of this process; -1 if it does not end within half a minute.
template <typename Work>
int in_a_child(Work work) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(30);
    int code = 100;
    try {
      code = work();
    } catch (...) {
      code = 101;
    }
    ::_exit(code);
  }
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child) return -2;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("A child of fork runs the loops of its parent's pool alone and can let it go") {
  const bool asleep = GENERATE(true, false);
  std::optional<Workers> workers(3);
  REQUIRE(visits_each_once(*workers, 9));
  if (asleep) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const auto child = [&] {
    if (!visits_each_once(*workers, 9)) return 1;
    workers.reset();
    return 7;
  };
  CHECK(in_a_child(child) == 7);
  CHECK(in_a_child([&] { return in_a_child(child); }) == 7);
  CHECK(visits_each_once(*workers, 9));
}

TEST_CASE("A fork in the middle of another thread's loop leaves a child that is not held up") {
  std::optional<Workers> workers(2);
  std::atomic<int> inside = 0;
  std::atomic<bool> leave = false;
  std::thread holder([&] {
    workers->for_each(2, [&](Index) {
      ++inside;
      while (!leave) std::this_thread::yield();
    });
  });
  while (inside < 2) std::this_thread::yield();
  CHECK(in_a_child([&] {
          if (!visits_each_once(*workers, 9)) return 1;
          workers.reset();
          return 7;
        }) == 7);
  leave = true;
  holder.join();
}

TEST_CASE("A body that forks and comes back in the child is refused there") {
  Workers workers(2);
  const auto self = std::this_thread::get_id();
  const pid_t parent = ::getpid();
  int code = 0;
  try {
    std::atomic<int> arrived = 0;
    workers.for_each(2, [&](Index) {
      ++arrived;
      while (arrived < 2) std::this_thread::yield();  // one piece a thread
      if (std::this_thread::get_id() != self) return;
      const pid_t child = ::fork();
      if (child == 0) {
        ::alarm(30);
        return;
      }
      int status = 0;
      ::waitpid(child, &status, 0);
      code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    });
  } catch (const Error&) {
    if (::getpid() != parent) ::_exit(7);
    throw;
  }
  if (::getpid() != parent) ::_exit(1);
  CHECK(code == 7);
}

#if !defined(__SANITIZE_THREAD__)  // which allows a child no threads of its own
TEST_CASE("A child of fork makes a pool of its own") {
  Workers workers(2);
  REQUIRE(visits_each_once(workers, 9));  // a thread that begins holds AddressSanitizer's locks
  CHECK(in_a_child([] {
          Workers own(3);
          return visits_each_once(own, 9) ? 7 : 1;
        }) == 7);
}
#endif
#endif
