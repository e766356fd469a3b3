// MpiProcesses: the processes that mpirun started, by the C interface of MPI 3. MPI carries bytes and
// adds nothing: the order of every sum is the library's own, whatever the network delivers first.
// mpi::run is the frame of a program: `mpirun -np 4 PROGRAM` and plain `PROGRAM` are both right.
#pragma once

// Open MPI and MPICH would bring their C++ bindings, of which the standard has long been rid.
#ifndef OMPI_SKIP_MPICXX
#define OMPI_SKIP_MPICXX 1
#endif
#ifndef MPICH_SKIP_MPICXX
#define MPICH_SKIP_MPICXX 1
#endif
#include <mpi.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <exception>
#include <iostream>
#include <limits>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/parallel/processes.hpp"

namespace gloro::mpi {

/// Throws Error, naming the call, where MPI reports one.
inline void check(int code, const char* call) {
  if (code == MPI_SUCCESS) return;
  std::string text(MPI_MAX_ERROR_STRING, '\0');
  int length = 0;
  MPI_Error_string(code, text.data(), &length);
  text.resize(static_cast<std::size_t>(length));
  throw Error(message(call, " failed: ", text));
}

/// All processes of the program. Made once, between MPI_Init_thread and MPI_Finalize (mpi::run).
class MpiProcesses : public Processes {
 public:
  MpiProcesses() {
    check(MPI_Comm_dup(MPI_COMM_WORLD, &all_), "MPI_Comm_dup");
    check(MPI_Comm_set_errhandler(all_, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
    check(MPI_Comm_rank(all_, &rank_), "MPI_Comm_rank");
    check(MPI_Comm_size(all_, &count_), "MPI_Comm_size");
    MPI_Comm machine = MPI_COMM_NULL;
    check(MPI_Comm_split_type(all_, MPI_COMM_TYPE_SHARED, rank_, MPI_INFO_NULL, &machine),
          "MPI_Comm_split_type");
    check(MPI_Comm_size(machine, &neighbours_), "MPI_Comm_size");
    check(MPI_Comm_free(&machine), "MPI_Comm_free");
  }
  ~MpiProcesses() override { MPI_Comm_free(&all_); }

  [[nodiscard]] int rank() const override { return rank_; }
  [[nodiscard]] int count() const override { return count_; }
  [[nodiscard]] int neighbours() const override { return neighbours_; }

 private:
  static constexpr int tag = 0;

  /// MPI 3 counts in int; so large a message is cut.
  static constexpr std::size_t most_bytes = std::size_t{1} << 30;

  void do_exchange(std::span<const Outgoing> outgoing,
                   std::span<const Incoming> incoming) override {
    requests_.clear();
    for (const Incoming& message : incoming)
      in_pieces(message.bytes, [&](std::byte* at, int bytes) {
        check(MPI_Irecv(at, bytes, MPI_BYTE, message.from, tag, all_, &requests_.emplace_back()),
              "MPI_Irecv");
      });
    for (const Outgoing& message : outgoing)
      in_pieces(message.bytes, [&](const std::byte* at, int bytes) {
        check(MPI_Isend(at, bytes, MPI_BYTE, message.to, tag, all_, &requests_.emplace_back()),
              "MPI_Isend");
      });
    check(MPI_Waitall(static_cast<int>(requests_.size()), requests_.data(), MPI_STATUSES_IGNORE),
          "MPI_Waitall");
  }

  void do_gather(std::span<std::byte> all, std::span<const std::size_t> ends) override {
    if (all.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
      throw Error(message("MPI 3 gathers at most 2 GiB at once, wanted ", all.size(), " bytes"));
    sizes_.clear();
    offsets_.clear();
    int begin = 0;
    for (const std::size_t end : ends) {
      offsets_.push_back(begin);
      sizes_.push_back(static_cast<int>(end) - begin);
      begin = static_cast<int>(end);
    }
    check(MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_BYTE, all.data(), sizes_.data(), offsets_.data(),
                         MPI_BYTE, all_),
          "MPI_Allgatherv");
  }

  void do_broadcast(std::span<std::byte> bytes) override {
    in_pieces(bytes, [&](std::byte* at, int size) {
      check(MPI_Bcast(at, size, MPI_BYTE, 0, all_), "MPI_Bcast");
    });
  }

  template <typename Byte, typename Use>
  static void in_pieces(std::span<Byte> bytes, Use&& use) {
    for (; !bytes.empty(); bytes = bytes.subspan(std::min(bytes.size(), most_bytes)))
      use(bytes.data(), static_cast<int>(std::min(bytes.size(), most_bytes)));
  }

  MPI_Comm all_ = MPI_COMM_NULL;
  int rank_ = 0, count_ = 1, neighbours_ = 1;
  std::vector<MPI_Request> requests_;
  std::vector<int> sizes_, offsets_;
};

/// Starts MPI, calls `program(processes)`, an int, and ends MPI. An exception of one of several processes
/// is told on the standard error and ends all, with status 1: none is left waiting for one that has
/// gone. That of a single process is passed on.
template <typename Program>
int run(int argc, char** argv, Program&& program) {
  int provided = 0;
  if (MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided) != MPI_SUCCESS) return 1;
  int rank = 0, count = 1;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &count);
  try {
    if (provided < MPI_THREAD_FUNNELED) throw Error("this MPI does not go together with threads");
    int status = 0;
    {
      MpiProcesses processes;
      status = program(processes);
    }
    MPI_Finalize();
    return status;
  } catch (const std::exception& error) {
    if (count == 1) {
      MPI_Finalize();
      throw;
    }
    // What all have found wrong is told once: by the first, who ends the others while they wait.
    if (rank > 0) std::this_thread::sleep_for(std::chrono::milliseconds(500));
    std::cerr << (argc > 0 ? argv[0] : "gloro");
    std::cerr << " (process " << rank << " of " << count << "): " << error.what() << std::endl;
    MPI_Abort(MPI_COMM_WORLD, 1);
    return 1;
  }
}

}  // namespace gloro::mpi
