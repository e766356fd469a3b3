// Interruption: Ctrl-C, TERM and HUP as a question that a program asks between two steps, so that it
// can save, clean up and say how to go on. A second signal ends it at once.
#pragma once

#include <atomic>
#include <csignal>
#include <cstddef>

/// Catches the signals while it lives, but for those that the caller has chosen to ignore (nohup).
class Interruption {
 public:
  Interruption() {
    for (std::size_t i = 0; i < 3; ++i) {
      before_[i] = std::signal(numbers[i], receive);
      if (before_[i] == SIG_IGN) std::signal(numbers[i], SIG_IGN);
    }
  }
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
  ~Interruption() {
    for (std::size_t i = 0; i < 3; ++i)
      if (before_[i] != SIG_ERR) std::signal(numbers[i], before_[i]);
  }

  /// The signal that came; 0: none.
  [[nodiscard]] static int signal() { return received; }

 private:
#ifdef SIGHUP
  static constexpr int numbers[] = {SIGINT, SIGTERM, SIGHUP};
#else
  static constexpr int numbers[] = {SIGINT, SIGTERM, SIGTERM};
#endif
  static inline std::atomic<int> received{0};
  static_assert(std::atomic<int>::is_always_lock_free);  // what a handler may touch

  static void receive(int number) {
    int none = 0;
    if (received.compare_exchange_strong(none, number)) return;
    std::signal(number, SIG_DFL);
    std::raise(number);
  }

  void (*before_[3])(int);
};
