// Processes played by threads of one program, so that what processes do together can be tested
// without MPI, and under the sanitizers.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gloro/parallel/processes.hpp"

namespace threaded {

using gloro::Processes;

/// Messages under way, by sender and receiver.
class Post {
 public:
  void send(int from, int to, std::span<const std::byte> bytes) {
    const std::lock_guard lock(mutex_);
    boxes_[{from, to}].emplace_back(bytes.begin(), bytes.end());
    arrived_.notify_all();
  }
  /// False if the message has another size than `bytes`.
  [[nodiscard]] bool receive(int from, int to, std::span<std::byte> bytes) {
    std::unique_lock lock(mutex_);
    auto& box = boxes_[{from, to}];
    arrived_.wait(lock, [&] { return !box.empty(); });
    const std::vector<std::byte> message = std::move(box.front());
    box.pop_front();
    if (message.size() != bytes.size()) return false;
    std::copy(message.begin(), message.end(), bytes.begin());
    return true;
  }
  [[nodiscard]] bool is_empty() {
    const std::lock_guard lock(mutex_);
    return std::all_of(boxes_.begin(), boxes_.end(),
                       [](const auto& box) { return box.second.empty(); });
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::map<std::pair<int, int>, std::deque<std::vector<std::byte>>> boxes_;
};

class Process : public Processes {
 public:
  Process(Post& post, int rank, int count) : post_(post), rank_(rank), count_(count) {}
  [[nodiscard]] int rank() const override { return rank_; }
  [[nodiscard]] int count() const override { return count_; }
  [[nodiscard]] int neighbours() const override { return count_; }

 private:
  void do_exchange(std::span<const Outgoing> outgoing,
                   std::span<const Incoming> incoming) override {
    for (const Outgoing& message : outgoing) post_.send(rank_, message.to, message.bytes);
    for (const Incoming& message : incoming) take(message.from, message.bytes);
  }
  void do_gather(std::span<std::byte> all, std::span<const std::size_t> ends) override {
    const auto part = [&](int p) {
      const std::size_t begin = p > 0 ? ends[static_cast<std::size_t>(p) - 1] : 0;
      return all.subspan(begin, ends[static_cast<std::size_t>(p)] - begin);
    };
    for (int p = 0; p < count_; ++p)
      if (p != rank_) post_.send(rank_, p, part(rank_));
    for (int p = 0; p < count_; ++p)
      if (p != rank_) take(p, part(p));
  }
  void do_broadcast(std::span<std::byte> bytes) override {
    if (rank_ > 0) return take(0, bytes);
    for (int p = 1; p < count_; ++p) post_.send(0, p, bytes);
  }
  void take(int from, std::span<std::byte> bytes) {
    if (!post_.receive(from, rank_, bytes)) throw gloro::Error("a message of another size");
  }

  Post& post_;
  int rank_, count_;
};

/// body(processes) in `count` threads, a process each; what each threw, in the order of ranks, empty
/// where it threw nothing. A process that throws while others wait for it would hang, as anywhere.
template <typename Body>
std::vector<std::string> run(int count, Body&& body) {
  Post post;
  std::vector<std::string> errors(static_cast<std::size_t>(count));
  std::vector<std::thread> threads;
  for (int rank = 0; rank < count; ++rank)
    threads.emplace_back([&, rank] {
      try {
        Process process(post, rank, count);
        body(process);
      } catch (const std::exception& error) {
        errors[static_cast<std::size_t>(rank)] = error.what();
      }
    });
  for (auto& thread : threads) thread.join();
  for (auto& error : errors)
    if (error.empty() && !post.is_empty()) error = "messages that nobody took";
  return errors;
}

}  // namespace threaded
