// Workers: a pool of threads that runs a loop over independent pieces of work. Which thread runs
// which piece is left open; results are deterministic because every piece writes its own place and
// sums over pieces are taken afterwards in a fixed order (tree_sum).
//
// Loops may be as short as a layer of one image, a few microseconds, while a sleeping thread takes
// tens to wake: so threads watch for the next loop for a moment before they sleep.
//
// A pool runs one loop at a time. Whoever finds it taken, or finds himself in a process that its
// threads did not follow into, runs his loop alone: the same bits, later. Nobody waits for a pool.
#pragma once

#include <functional>
#include <memory>

#include "gloro/core/shape.hpp"

namespace gloro {

/// May be lent to any number of threads, and within its own loops.
class Workers {
 public:
  /// `threads` in all, the calling one counted; 0 means one for each core. Throws ArgumentError for
  /// more than most_threads().
  explicit Workers(int threads = 0);
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  ~Workers();

  /// Of this machine, as far as this process may use them.
  [[nodiscard]] static int cores();

  /// Four a core, beyond which threads do nothing but wait for each other, and 64 everywhere: what is
  /// right on one machine is no mistake on a smaller one.
  [[nodiscard]] static int most_threads();

  [[nodiscard]] int threads() const;

  /// Calls body(i) once for each i in [0, count), in any order, on all threads; returns when all are
  /// done. All threads compute in the caller's floating-point environment (its rounding mode, say).
  /// The first exception thrown by a body is rethrown here, after the others have ended. Where the
  /// threads are busy with another loop, be it the one whose body calls this, or stayed behind in
  /// the process that made them, the caller runs all bodies by itself, in order.
  void for_each(Index count, const std::function<void(Index)>& body);

 private:
  class Pool;

  std::unique_ptr<Pool> pool_;
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

#ifndef GLORO_COMPILED
#include "gloro/parallel/workers.ipp"
#endif
