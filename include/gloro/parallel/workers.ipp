// The bodies of workers.hpp.
#pragma once

#include "gloro/parallel/workers.hpp"

#include <algorithm>
#include <atomic>
#include <cfenv>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#if defined(__unix__) || defined(__APPLE__)
#include <pthread.h>
#endif

#include "gloro/core/compiled.hpp"
#include "gloro/core/error.hpp"

namespace gloro {
namespace detail {

/// Forks that led to this process since the first call: of its parent's threads a child
/// has but the one that forked.
[[nodiscard]] inline int forks() {
  static std::atomic<int> count = 0;
#if defined(__unix__) || defined(__APPLE__)
  static const int failed = ::pthread_atfork(nullptr, nullptr, [] { ++count; });
  if (failed != 0) throw Error("no memory for the handler that notices a fork");
#endif
  return count.load(std::memory_order_relaxed);
}

}  // namespace detail

/// The threads, and the loop that they run.
class Workers::Pool {
 public:
  explicit Pool(int threads) {
    try {
      for (int i = 1; i < threads; ++i) threads_.emplace_back([this] { serve(); });
    } catch (...) {  // no thread to be had: those already started must not outlive this
      stop();
      throw;
    }
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool() {
    if (is_inherited())
      forget();
    else
      stop();
  }

  [[nodiscard]] int threads() const { return static_cast<int>(threads_.size()) + 1; }

  void for_each(Index count, const std::function<void(Index)>& body) {
    const Loan loan(*this, count);
    if (!loan.granted) {
      for (Index i = 0; i < count; ++i) body(i);
      return;
    }
    {
      const std::lock_guard lock(mutex_);
      body_ = &body;
      count_ = static_cast<std::size_t>(count);
      next_ = 0;
      busy_ = static_cast<int>(threads_.size());
      std::fegetenv(&environment_);
      ++generation_;
    }
    wake_.notify_all();
    work();
    if (is_inherited()) throw Error("a body called fork() and came back: its loop is the parent's");
    const auto all_done = [this] { return busy_ == 0; };
    watch(all_done);
    std::unique_lock lock(mutex_);
    done_.wait(lock, all_done);
    body_ = nullptr;
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  }

 private:
  /// The threads, for one loop that is worth them.
  struct Loan {
    Loan(Pool& of, Index count)
        : pool(of),
          granted(!of.threads_.empty() && count > 1 && !of.is_inherited() &&
                  !of.is_lent_.exchange(true, std::memory_order_acquire)) {}
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;
    ~Loan() {
      if (granted) pool.is_lent_.store(false, std::memory_order_release);
    }

    Pool& pool;
    const bool granted;
  };

  [[nodiscard]] bool is_inherited() const { return detail::forks() != forks_; }

  /// In a child there is nobody to join, and what threads held or waited for at the fork stays so:
  /// destructors would wait for ever.
  void forget() {
    for (auto& thread : threads_) std::construct_at(&thread);
    std::construct_at(&mutex_);
    std::construct_at(&wake_);
    std::construct_at(&done_);
  }

  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    for (auto& thread : threads_) thread.join();
  }

  void serve() {
    std::uint64_t seen = 0;
    const auto has_work = [&] { return stopping_ || generation_ != seen; };
    for (;;) {
      watch(has_work);
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, has_work);
        if (stopping_) return;
        seen = generation_;
      }
      std::fesetenv(&environment_);
      work();
      if (is_inherited()) return;  // a body called fork() here and came back
      {
        const std::lock_guard lock(mutex_);
        if (--busy_ == 0) done_.notify_one();
      }
    }
  }

  /// Until `happened()`, or no longer than a wake-up would take; others may have the core meanwhile.
  template <typename Condition>
  static void watch(const Condition& happened) {
    using Clock = std::chrono::steady_clock;
    for (const auto start = Clock::now(); !happened();) {
      if (Clock::now() - start > std::chrono::microseconds(50)) return;
      std::this_thread::yield();
    }
  }

  void work() {
    for (std::size_t i; (i = next_.fetch_add(1)) < count_;) {
      try {
        (*body_)(static_cast<Index>(i));
      } catch (...) {
        const std::lock_guard lock(mutex_);
        if (!failure_) failure_ = std::current_exception();
        next_ = count_;
      }
    }
  }

  const int forks_ = detail::forks();  // of the process that has the threads
  std::vector<std::thread> threads_;
  std::atomic<bool> is_lent_ = false;
  std::mutex mutex_;
  std::condition_variable wake_, done_;
  const std::function<void(Index)>* body_ = nullptr;
  std::size_t count_ = 0;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<int> busy_ = 0;
  std::atomic<std::uint64_t> generation_ = 0;
  std::atomic<bool> stopping_ = false;
  std::exception_ptr failure_;
  std::fenv_t environment_ = {};
};

GLORO_INLINE Workers::Workers(int threads) {
  if (threads < 0 || threads > most_threads())
    throw ArgumentError(message("threads must lie in [0, ", most_threads(), "], got ", threads));
  if (threads == 0) threads = cores();
  pool_ = std::make_unique<Pool>(threads);
}

GLORO_INLINE Workers::~Workers() = default;

GLORO_INLINE int Workers::cores() {
  return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

GLORO_INLINE int Workers::most_threads() { return std::max(64, 4 * cores()); }

GLORO_INLINE int Workers::threads() const { return pool_->threads(); }

GLORO_INLINE void Workers::for_each(Index count, const std::function<void(Index)>& body) {
  pool_->for_each(count, body);
}

}  // namespace gloro
