// The bodies of buffer.hpp.
#pragma once

#include "gloro/core/buffer.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <new>
#include <vector>

#if defined(__MINGW32__) && !defined(__clang__)
#include <pthread.h>
#endif

#include "gloro/core/compiled.hpp"

namespace gloro::detail {

/// Freed blocks of one thread, by size class: four classes for each power of two.
class BufferStore {
 public:
  static constexpr std::size_t smallest = 256;
  static constexpr std::size_t blocks_per_class = 16;

  ~BufferStore() {
    alive() = false;
    for (auto& blocks : free_)
      for (void* block : blocks) release(block);
  }

  /// Bytes really taken for a request: rounded up by at most a quarter.
  [[nodiscard]] static std::size_t rounded(std::size_t bytes) {
    if (bytes <= smallest) return smallest;
    if (bytes > largest_kept) return bytes;
    const std::size_t step = std::bit_floor(bytes - 1) / 4;
    return (bytes + step - 1) / step * step;
  }

  [[nodiscard]] static void* take(std::size_t bytes) {
    if (alive() && bytes <= largest_kept) {
      auto& blocks = store().free_[index(bytes)];
      if (!blocks.empty()) {
        void* block = blocks.back();
        blocks.pop_back();
        return block;
      }
    }
    return ::operator new (bytes, std::align_val_t{buffer_alignment});
  }

  static void give(void* block, std::size_t bytes) noexcept {
    if (alive() && bytes <= largest_kept) {
      auto& blocks = store().free_[index(bytes)];
      if (blocks.size() < blocks_per_class) {
        blocks.push_back(block);  // capacity is reserved: cannot throw
        return;
      }
    }
    release(block);
  }

 private:
  static constexpr std::size_t classes = std::size_t{4} * 20;

  BufferStore() {
    for (auto& blocks : free_) blocks.reserve(blocks_per_class);
    alive() = true;
  }

#if defined(__MINGW32__) && !defined(__clang__)
  // GCC for Windows frees what is thread_local before it runs the destructors: so the thread library
  // keeps the store.
  static BufferStore& store() {
    static const pthread_key_t key = [] {
      pthread_key_t made{};
      const auto free_store = [](void* store) { delete static_cast<BufferStore*>(store); };
      if (::pthread_key_create(&made, free_store) != 0) throw std::bad_alloc();
      return made;
    }();
    if (void* const there = ::pthread_getspecific(key)) return *static_cast<BufferStore*>(there);
    auto* const made = new BufferStore;
    (void)::pthread_setspecific(key, made);
    return *made;
  }
#else
  static BufferStore& store() {
    thread_local BufferStore instance;
    return instance;
  }
#endif

  // Outlives the store itself (it has no destructor), so that a tensor in static storage that is
  // destroyed after its thread's store goes to the heap. Starts true: the first use makes the store.
  static bool& alive() {
    thread_local bool flag = true;
    return flag;
  }

  static void release(void* block) noexcept {
    ::operator delete (block, std::align_val_t{buffer_alignment});
  }

  /// Class of a rounded size.
  [[nodiscard]] static std::size_t index(std::size_t bytes) {
    const auto power = static_cast<std::size_t>(std::bit_width(bytes - 1)) - 1;  // 2^power < bytes
    const std::size_t quarter = (bytes - 1) >> (power - 2) & 3;
    return (power - 7) * 4 + quarter;
  }

  std::array<std::vector<void*>, classes> free_;
};

GLORO_INLINE std::size_t rounded_size(std::size_t bytes) { return BufferStore::rounded(bytes); }
GLORO_INLINE void* take_block(std::size_t bytes) { return BufferStore::take(bytes); }
GLORO_INLINE void give_block(void* block, std::size_t bytes) noexcept {
  BufferStore::give(block, bytes);
}

}  // namespace gloro::detail
