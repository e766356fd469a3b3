// Aligned memory that is recycled per thread.
//
// A forward pass takes and returns the same few sizes again and again, so freed buffers are kept in
// a small thread-local store and handed out again, the last one freed first (it is still in cache).
// After the first pass over a batch size no layer asks the heap for anything.
#pragma once

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

namespace gloro {
namespace detail {

inline constexpr std::size_t buffer_alignment = 64;  // a cache line, and the widest SIMD register

inline constexpr std::size_t largest_kept = std::size_t{1} << 26;  // larger blocks go to the heap

/// Bytes really taken for a request: rounded up by at most a quarter.
[[nodiscard]] std::size_t rounded_size(std::size_t bytes);

/// A block of a rounded size: one that this thread freed, or else the heap's.
[[nodiscard]] void* take_block(std::size_t bytes);
void give_block(void* block, std::size_t bytes) noexcept;

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
    bytes_ = detail::rounded_size(size * sizeof(Scalar));
    data_ = static_cast<Scalar*>(detail::take_block(bytes_));
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
    if (data_) detail::give_block(data_, bytes_);
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

#ifndef GLORO_COMPILED
#include "gloro/core/buffer.ipp"
#endif
