// Aligned memory that is recycled per thread.
//
// A forward pass takes and returns the same few sizes again and again, so freed buffers are kept in
// a small thread-local store and handed out again, the last one freed first (it is still in cache).
// After the first pass over a batch size no layer asks the heap for anything.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

namespace gloro {
namespace detail {

inline constexpr std::size_t buffer_alignment = 64;  // a cache line, and the widest SIMD register

/// Freed blocks of one thread, by size class: four classes for each power of two.
class BufferStore {
 public:
  static constexpr std::size_t smallest = 256;
  static constexpr std::size_t largest = std::size_t{1} << 26;  // larger blocks go to the heap
  static constexpr std::size_t blocks_per_class = 16;

  ~BufferStore() {
    alive() = false;
    for (auto& blocks : free_)
      for (void* block : blocks) release(block);
  }

  /// Bytes really taken for a request: rounded up by at most a quarter.
  [[nodiscard]] static std::size_t rounded(std::size_t bytes) {
    if (bytes <= smallest) return smallest;
    if (bytes > largest) return bytes;
    const std::size_t step = std::bit_floor(bytes - 1) / 4;
    return (bytes + step - 1) / step * step;
  }

  [[nodiscard]] static void* take(std::size_t bytes) {
    if (alive() && bytes <= largest) {
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
    if (alive() && bytes <= largest) {
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

  static BufferStore& store() {
    thread_local BufferStore instance;
    return instance;
  }

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

}  // namespace detail

/// Uninitialised, 64-byte aligned storage for `size` scalars. Copying copies the contents.
template <typename Scalar>
class Buffer {
  static_assert(std::is_trivially_copyable_v<Scalar>);

 public:
  Buffer() = default;
  explicit Buffer(std::size_t size) : size_(size) {
    if (size > std::size_t(-1) / sizeof(Scalar) / 2) throw std::bad_alloc();
    if (size == 0) return;
    bytes_ = detail::BufferStore::rounded(size * sizeof(Scalar));
    data_ = static_cast<Scalar*>(detail::BufferStore::take(bytes_));
  }
  Buffer(const Buffer& other) : Buffer(other.size_) {
    for (std::size_t i = 0; i < size_; ++i) data_[i] = other.data_[i];
  }
  Buffer(Buffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        bytes_(std::exchange(other.bytes_, 0)) {}
  Buffer& operator=(Buffer other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~Buffer() {
    if (data_) detail::BufferStore::give(data_, bytes_);
  }

  [[nodiscard]] Scalar* data() { return data_; }
  [[nodiscard]] const Scalar* data() const { return data_; }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  Scalar* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace gloro
