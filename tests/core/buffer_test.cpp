// Buffer: freed memory comes back to the thread that freed it, and copies are copies.
#include "catch.hpp"

#include <cstdint>
#include <new>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "gloro/core/buffer.hpp"

using gloro::Buffer;
using gloro::detail::largest_kept, gloro::detail::rounded_size;

TEST_CASE("A buffer is aligned to a cache line, whatever its size") {
  for (std::size_t size = 1; size < 3000; size = size * 3 / 2 + 1) {
    const Buffer<float> buffer(size);
    CHECK(buffer.size() == size);
    CHECK(reinterpret_cast<std::uintptr_t>(buffer.data()) % 64 == 0);
  }
}

TEST_CASE("A size is rounded up by at most a quarter, to a size that rounds to itself") {
  CHECK(rounded_size(1) == 256);
  CHECK(rounded_size(256) == 256);
  CHECK(rounded_size(257) == 320);
  CHECK(rounded_size(512) == 512);
  CHECK(rounded_size(513) == 640);
  for (std::size_t bytes = 257; bytes <= largest_kept; bytes += bytes / 7) {
    const std::size_t rounded = rounded_size(bytes);
    CHECK(rounded >= bytes);
    CHECK(4 * rounded <= 5 * bytes + 4);
    CHECK(rounded_size(rounded) == rounded);
  }
  CHECK(rounded_size(largest_kept) == largest_kept);
  CHECK(rounded_size(largest_kept + 1) == largest_kept + 1);
}

TEST_CASE("A thread gets the buffer back that it freed last") {
  const float* first = nullptr;
  const float* second = nullptr;
  {
    const Buffer<float> a(1000), b(1000);
    first = a.data();
    second = b.data();
  }  // b is freed before a
  const Buffer<float> c(1000);
  CHECK(c.data() == first);
  const Buffer<double> d(500);  // the same bytes
  CHECK(static_cast<const void*>(d.data()) == static_cast<const void*>(second));
}

TEST_CASE("A loop over the same sizes takes no new memory after its first round") {
  const std::vector<std::size_t> sizes{10, 300, 300, 4000, 70000, 1000000};
  std::set<const void*> seen;
  std::size_t after_first = 0;
  for (int round = 0; round < 50; ++round) {
    std::vector<Buffer<float>> held;
    for (const std::size_t size : sizes) seen.insert(held.emplace_back(size).data());
    if (round == 0) after_first = seen.size();
  }
  CHECK(after_first == sizes.size());
  CHECK(seen.size() == after_first);
}

TEST_CASE("The largest recycled size and the sizes beyond it work alike") {
  for (const std::size_t bytes : {largest_kept, largest_kept + 64}) {
    Buffer<char> buffer(bytes);
    buffer.data()[0] = 1;
    buffer.data()[bytes - 1] = 2;
    CHECK(buffer.data()[0] + buffer.data()[bytes - 1] == 3);
  }
}

TEST_CASE("A buffer may be freed by another thread than took it") {
  Buffer<int> buffer(500);
  buffer.data()[499] = 7;
  int seen = 0;
  std::thread([moved = std::move(buffer), &seen] { seen = moved.data()[499]; }).join();
  CHECK(seen == 7);
  CHECK(buffer.data() == nullptr);  // NOLINT: a moved-from buffer is empty
  CHECK(buffer.size() == 0);
}

TEST_CASE("A copied buffer has contents of its own") {
  Buffer<int> original(3);
  for (int i = 0; i < 3; ++i) original.data()[i] = i;
  Buffer<int> copy(original);
  copy.data()[1] = 9;
  CHECK(original.data()[1] == 1);
  original = copy;
  CHECK(original.data()[1] == 9);
  CHECK(original.data() != copy.data());
  original = std::as_const(original);  // to itself
  CHECK(original.data()[1] == 9);
}

TEST_CASE("An empty buffer takes no memory, and an impossible one is refused") {
  CHECK(Buffer<double>(0).data() == nullptr);
  CHECK_THROWS_AS(Buffer<double>(std::size_t(-1) / 8), std::bad_alloc);
}
