// Terms: which blocks meet in a product, and the unit's readiness for it.
#pragma once

#include <algorithm>
#include <cstddef>

#include "gloro/core/buffer.hpp"
#include "gloro/kernels/bfloat16/block.hpp"
#include "gloro/kernels/bfloat16/unit.hpp"
#include "gloro/kernels/convolution_geometry.hpp"

namespace gloro::kernels::bfloat16 {

namespace detail {

/// While it lives, this thread's unit is ready.
class Session {
 public:
  explicit Session(const Operations& unit) : unit_(unit) { unit_.begin(); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() { unit_.end(); }

 private:
  const Operations& unit_;
};

/// The terms of a block's sum, by their places.
class Terms {
 public:
  explicit Terms(Index most)
      : a_(static_cast<std::size_t>(most)), b_(static_cast<std::size_t>(most)) {}
  void clear() { count_ = 0; }
  void add(Index a, Index b) {
    a_.data()[count_] = a;
    b_.data()[count_++] = b;
  }
  void show(BlockSum& sum) const {
    sum.terms = count_;
    sum.a_offsets = a_.data();
    sum.b_offsets = b_.data();
  }

 private:
  Buffer<Index> a_, b_;
  Index count_ = 0;
};

/// The taps of an axis that meet the image from output place o: those from `first` to before `end`.
struct Taps {
  Index first, end;
  friend bool operator==(const Taps&, const Taps&) = default;
};
[[nodiscard]] inline Taps taps_at(const Axis& axis, Index o) {
  const Index begin = o * axis.stride - axis.pad;
  return {std::max<Index>(0, -begin), std::min(axis.kernel, axis.input - begin)};
}

/// The taps by which input place i was read: `first`, one in a stride, to before `end`. Tap k read it for the
/// output place (i + pad - k) / stride.
[[nodiscard]] inline Taps taps_that_read(const Axis& axis, Index i) {
  const Index last = (axis.output - 1) * axis.stride;  // i + pad - k is at most that
  const Index least = std::max<Index>(0, i + axis.pad - last);
  const Index phase = (i + axis.pad) % axis.stride;
  return {least + (phase + axis.stride - least % axis.stride) % axis.stride,
          std::min(axis.kernel, i + axis.pad + 1)};
}

}  // namespace detail

}  // namespace gloro::kernels::bfloat16
