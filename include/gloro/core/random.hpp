// Random: a counter-based generator (Philox 4x32-10; Salmon, Moraes, Dror and Shaw, "Parallel random
// numbers: as easy as 1, 2, 3", SC 2011). A number depends on (seed, stream, position) alone, so any
// sample of any epoch can draw its own numbers in any order and on any thread: same seed, same bits.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <span>
#include <utility>

namespace gloro {

class Random {
 public:
  using Block = std::array<std::uint32_t, 4>;

  explicit Random(std::uint64_t seed, std::uint64_t stream = 0) : seed_(seed), stream_(stream) {}

  /// An independent generator, determined by this one's seed and stream and by `index`.
  [[nodiscard]] Random split(std::uint64_t index) const {
    const Block mixed = philox({low(index), high(index), low(stream_), high(stream_)},
                               {low(seed_) ^ 0x5851f42dU, high(seed_) ^ 0x4c957f2dU});
    return Random(join(mixed[0], mixed[1]), join(mixed[2], mixed[3]));
  }

  /// 64 uniform bits.
  std::uint64_t bits() {
    if (position_ % 2 == 0) {
      const std::uint64_t counter = position_ / 2;
      block_ = philox({low(counter), high(counter), low(stream_), high(stream_)},
                      {low(seed_), high(seed_)});
    }
    const std::size_t half = position_++ % 2 * 2;
    return join(block_[half], block_[half + 1]);
  }

  /// Uniform in [0, 1), 53 bits.
  double uniform() { return static_cast<double>(bits() >> 11) * 0x1p-53; }

  /// Uniform in [from, to).
  double uniform(double from, double to) { return from + (to - from) * uniform(); }

  /// Uniform in {0, ..., count - 1}; count > 0. Rejection keeps it unbiased.
  std::uint64_t below(std::uint64_t count) {
    const std::uint64_t limit = UINT64_MAX - UINT64_MAX % count;
    for (;;)
      if (const std::uint64_t draw = bits(); draw < limit) return draw % count;
  }

  /// Standard normal (Box and Muller 1958).
  double normal() {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
    return radius * std::cos(2.0 * std::numbers::pi * uniform());
  }

  /// Fisher-Yates: every order equally likely.
  template <typename T>
  void shuffle(std::span<T> items) {
    for (std::size_t i = items.size(); i > 1; --i)
      std::swap(items[i - 1], items[static_cast<std::size_t>(below(i))]);
  }

  /// The bijection itself: ten rounds of `counter` under `key`.
  [[nodiscard]] static Block philox(Block counter, std::array<std::uint32_t, 2> key) {
    for (int round = 0; round < 10; ++round) {
      const std::uint64_t first = std::uint64_t{0xD2511F53U} * counter[0];
      const std::uint64_t second = std::uint64_t{0xCD9E8D57U} * counter[2];
      counter = {high(second) ^ counter[1] ^ key[0], low(second), high(first) ^ counter[3] ^ key[1],
                 low(first)};
      key[0] += 0x9E3779B9U;
      key[1] += 0xBB67AE85U;
    }
    return counter;
  }

 private:
  [[nodiscard]] static std::uint32_t low(std::uint64_t word) {
    return static_cast<std::uint32_t>(word);
  }
  [[nodiscard]] static std::uint32_t high(std::uint64_t word) {
    return static_cast<std::uint32_t>(word >> 32);
  }
  [[nodiscard]] static std::uint64_t join(std::uint32_t low, std::uint32_t high) {
    return std::uint64_t{high} << 32 | low;
  }

  std::uint64_t seed_;
  std::uint64_t stream_;
  std::uint64_t position_ = 0;
  Block block_{};
};

}  // namespace gloro
