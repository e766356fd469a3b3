// Replaces operator new by one that counts. On Linux the linker sends the program's calls of malloc
// here (--wrap=malloc), Eigen's among them; elsewhere those are not counted.
#include "allocations.hpp"

#include <cstddef>
#include <cstdlib>
#include <new>

#ifdef _WIN32
#include <malloc.h>
#endif

namespace {

thread_local long count = 0;

#ifdef _WIN32  // which has a free of its own for them
void* aligned_block(std::size_t align, std::size_t bytes) {
  return ::_aligned_malloc(bytes, align);
}
void free_aligned(void* block) { ::_aligned_free(block); }
#else
void* aligned_block(std::size_t align, std::size_t bytes) {
  return std::aligned_alloc(align, (bytes + align) / align * align);
}
void free_aligned(void* block) { std::free(block); }
#endif

}  // namespace

long bench::allocations() { return count; }

#ifdef __linux__
extern "C" void* __real_malloc(std::size_t bytes);
extern "C" void* __wrap_malloc(std::size_t bytes) {
  ++count;
  return __real_malloc(bytes);
}
#endif

void* operator new(std::size_t bytes) {
#ifndef __linux__
  ++count;
#endif
  if (void* block = std::malloc(bytes > 0 ? bytes : 1)) return block;
  throw std::bad_alloc();
}
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  ++count;
  const auto align = static_cast<std::size_t>(alignment);
  if (void* block = aligned_block(align, bytes)) return block;
  throw std::bad_alloc();
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
#ifndef __linux__
  ++count;
#endif
  return std::malloc(bytes > 0 ? bytes : 1);
}
void* operator new[](std::size_t bytes) { return operator new(bytes); }
void* operator new[](std::size_t bytes, const std::nothrow_t& which) noexcept {
  return operator new(bytes, which);
}
void* operator new[](std::size_t bytes, std::align_val_t align) {
  return operator new(bytes, align);
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete[](void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }
void operator delete[](void* block, std::size_t) noexcept { std::free(block); }
void operator delete(void* block, std::align_val_t) noexcept { free_aligned(block); }
void operator delete[](void* block, std::align_val_t) noexcept { free_aligned(block); }
void operator delete(void* block, std::size_t, std::align_val_t) noexcept { free_aligned(block); }
void operator delete[](void* block, std::size_t, std::align_val_t) noexcept { free_aligned(block); }
