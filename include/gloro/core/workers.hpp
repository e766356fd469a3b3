// Workers: a pool of threads that runs a loop over independent pieces of work. Which thread runs
// which piece is left open; results are deterministic because every piece writes its own place and
// sums over pieces are taken afterwards in a fixed order (tree_sum).
#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/core/shape.hpp"

namespace gloro {

class Workers {
 public:
  /// `threads` in all, the calling one counted; 0 means one for each core.
  explicit Workers(int threads = 0) {
    if (threads < 0) throw ArgumentError(message("threads must be >= 0, got ", threads));
    if (threads == 0) threads = cores();
    try {
      for (int i = 1; i < threads; ++i) pool_.emplace_back([this] { serve(); });
    } catch (...) {  // no thread to be had: those already started must not outlive this
      stop();
      throw;
    }
  }

  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  ~Workers() { stop(); }

  /// Of this machine, as far as this process may use them.
  [[nodiscard]] static int cores() {
    return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  }

  [[nodiscard]] int threads() const { return static_cast<int>(pool_.size()) + 1; }

  /// Calls body(i) once for each i in [0, count), in any order, on all threads; returns when all are
  /// done. The first exception thrown by a body is rethrown here, after the others have ended.
  /// Not reentrant: a body must not call for_each of the same Workers.
  void for_each(Index count, const std::function<void(Index)>& body) {
    if (pool_.empty() || count <= 1) {
      for (Index i = 0; i < count; ++i) body(i);
      return;
    }
    {
      const std::lock_guard lock(mutex_);
      body_ = &body;
      count_ = count;
      next_ = 0;
      busy_ = static_cast<int>(pool_.size());
      failure_ = nullptr;
      ++generation_;
    }
    wake_.notify_all();
    work();
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return busy_ == 0; });
    body_ = nullptr;
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    for (auto& thread : pool_) thread.join();
  }

  void serve() {
    std::uint64_t seen = 0;
    for (;;) {
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [&] { return stopping_ || generation_ != seen; });
        if (stopping_) return;
        seen = generation_;
      }
      work();
      {
        const std::lock_guard lock(mutex_);
        if (--busy_ == 0) done_.notify_one();
      }
    }
  }

  void work() {
    for (Index i; (i = next_.fetch_add(1)) < count_;) {
      try {
        (*body_)(i);
      } catch (...) {
        const std::lock_guard lock(mutex_);
        if (!failure_) failure_ = std::current_exception();
        next_ = count_;
      }
    }
  }

  std::vector<std::thread> pool_;
  std::mutex mutex_;
  std::condition_variable wake_, done_;
  const std::function<void(Index)>* body_ = nullptr;
  Index count_ = 0;
  std::atomic<Index> next_ = 0;
  int busy_ = 0;
  std::uint64_t generation_ = 0;
  bool stopping_ = false;
  std::exception_ptr failure_;
};

/// Adds `count` vectors in a fixed binary tree, result in the first: ((0+1)+(2+3))+..., so that the
/// bits depend on neither the threads nor, with a subtree a process, the processes. `add(i, j)`
/// must add vector j to vector i.
template <typename Add>
void tree_sum(Index count, Add&& add) {
  for (Index stride = 1; stride < count; stride *= 2)
    for (Index i = 0; i + stride < count; i += 2 * stride) add(i, i + stride);
}

}  // namespace gloro
