// Processes: those that train one model together, each with the whole model and a share of the work.
// This one is a process by itself; over MPI it is parallel/mpi_processes.hpp. Three ways to talk
// carry everything, and none of them computes: every sum is taken here, in an order of our own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

#include "gloro/core/shape.hpp"

namespace gloro {

/// Talking is for the thread that began the program, and for all processes in the same order.
class Processes {
 public:
  struct Outgoing {
    int to;
    std::span<const std::byte> bytes;
  };
  struct Incoming {
    int from;
    std::span<std::byte> bytes;
  };
  /// What one process has and all are to get.
  struct Part {
    int owner;
    std::span<std::byte> bytes;
  };
  /// Items [first, end) of a list.
  struct Share {
    Index first, end;
    [[nodiscard]] Index size() const { return end - first; }
  };
  /// What talking has cost this process so far.
  struct Traffic {
    std::uint64_t bytes = 0;  ///< that left it
    double seconds = 0;       ///< waiting for slower processes included
  };

  Processes() = default;
  Processes(const Processes&) = delete;
  Processes& operator=(const Processes&) = delete;
  virtual ~Processes() = default;

  /// For those who train without others.
  [[nodiscard]] static Processes& alone();

  [[nodiscard]] virtual int rank() const { return 0; }
  [[nodiscard]] virtual int count() const { return 1; }
  /// How many of them run on this machine, this one counted.
  [[nodiscard]] virtual int neighbours() const { return 1; }
  /// Whether this process is the one that writes files and talks to people.
  [[nodiscard]] bool is_first() const { return rank() == 0; }

  /// What process `rank` takes of `items`: contiguous, in the order of ranks, as even as can be.
  [[nodiscard]] Share share(Index items, int rank) const {
    return {items * rank / count(), items * (rank + 1) / count()};
  }
  [[nodiscard]] Share share(Index items) const { return share(items, rank()); }

  /// Sends and receives all of these at once. Messages between two processes arrive in their order,
  /// and both must name the same sizes.
  void exchange(std::span<const Outgoing> outgoing, std::span<const Incoming> incoming);

  /// Everybody gets each part from its owner, where it lies. All must name the same parts, in the same
  /// order.
  void gather_parts(std::span<const Part> parts);

  /// Process p brings the bytes from ends[p - 1] (or 0) to ends[p] of `all`, and gets the others'.
  void gather(std::span<std::byte> all, std::span<const std::size_t> ends);

  /// Everybody gets what the first process has in `bytes`.
  void broadcast(std::span<std::byte> bytes);

  /// Every process's value, in the order of ranks.
  template <typename Value>
  requires std::is_trivially_copyable_v<Value>
  [[nodiscard]] std::vector<Value> gather(const Value& own) {
    const auto processes = static_cast<std::size_t>(count());
    std::vector<Value> all(processes);
    std::vector<std::size_t> ends(processes);
    for (std::size_t p = 0; p < processes; ++p) ends[p] = (p + 1) * sizeof(Value);
    all[static_cast<std::size_t>(rank())] = own;
    gather(std::as_writable_bytes(std::span(all)), ends);
    return all;
  }

  /// The sum of all processes' values, in the order of ranks.
  template <typename Value>
  [[nodiscard]] Value sum(const Value& own) {
    const std::vector<Value> all = gather(own);
    Value total = all.front();
    for (std::size_t p = 1; p < all.size(); ++p) total += all[p];
    return total;
  }

  /// The first process's value.
  template <typename Value>
  requires std::is_trivially_copyable_v<Value>
  [[nodiscard]] Value first(Value own) {
    broadcast(std::as_writable_bytes(std::span(&own, 1)));
    return own;
  }

  [[nodiscard]] const Traffic& traffic() const { return traffic_; }

 private:
  virtual void do_exchange(std::span<const Outgoing>, std::span<const Incoming>) {}
  virtual void do_gather(std::span<std::byte>, std::span<const std::size_t>) {}
  virtual void do_broadcast(std::span<std::byte>) {}

  template <typename Talk>
  void timed(Talk&& talk);

  Traffic traffic_;
};

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/parallel/processes.ipp"
#endif
