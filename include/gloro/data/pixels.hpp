// Pixels: the values of images, bytes as they came from the file or numbers of the user's own, in memory
// or where somebody keeps them, a mapped file say. Bytes stay bytes (a quarter of the memory) and become
// pixels in [0, 1] when they are copied: the pixel is the float nearest to byte / 255, also in double, so
// that both see the same.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <variant>
#include <vector>

#include "gloro/data/value_range.hpp"

namespace gloro {
class Checksum;
}

namespace gloro::data {

/// The pixel that a byte stands for: the float nearest to byte / 255.
[[nodiscard]] constexpr float pixel_of(std::uint8_t byte) {
  return static_cast<float>(byte) / 255.0F;
}

/// A value that never changes: copies share the values.
class Pixels {
 public:
  Pixels() = default;
  Pixels(std::vector<std::uint8_t> bytes);
  /// Numbers in the network's own unit, taken as they are.
  Pixels(std::vector<float> floats);
  /// The same in double; kept as floats where each of them is one.
  Pixels(std::vector<double> doubles);
  /// Values that lie where `keeper` keeps them, unchanged: they are read when a batch asks for them.
  Pixels(std::span<const std::uint8_t> bytes, std::shared_ptr<const void> keeper);
  Pixels(std::span<const float> floats, std::shared_ptr<const void> keeper);

  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] bool are_bytes() const { return std::holds_alternative<Bytes>(values_); }
  /// The values where they lie, of whichever type they are kept in; the other two are empty.
  [[nodiscard]] std::span<const std::uint8_t> bytes() const { return kept<std::uint8_t>(); }
  [[nodiscard]] std::span<const float> floats() const { return kept<float>(); }
  [[nodiscard]] std::span<const double> doubles() const { return kept<double>(); }
  /// Whether every one is a number of the type Scalar.
  template <std::floating_point Scalar>
  [[nodiscard]] bool fit() const {
    return !std::same_as<Scalar, float> || !std::holds_alternative<Doubles>(values_);
  }

  /// `count` of them from `first` on, which share the values of these.
  [[nodiscard]] Pixels part(std::size_t first, std::size_t count) const;

  /// Copies `count` of them from `first` on.
  template <std::floating_point Scalar>
  void copy(std::size_t first, std::size_t count, Scalar* to) const;

  /// The unit of bytes, 0 to 1; of other pixels the least and the largest (of none: 0 to 0).
  [[nodiscard]] ValueRange range() const;

  void add_to(Checksum& sum) const;

 private:
  using Bytes = std::span<const std::uint8_t>;
  using Floats = std::span<const float>;
  using Doubles = std::span<const double>;

  template <typename Value>
  [[nodiscard]] std::span<const Value> kept() const {
    const auto* const values = std::get_if<std::span<const Value>>(&values_);
    return values ? *values : std::span<const Value>();
  }

  template <typename Value>
  void keep(std::vector<Value> values);

  /// To the bit, whatever the thread's floating-point environment makes of denormals.
  [[nodiscard]] static bool is_float(double pixel);

  std::variant<Bytes, Floats, Doubles> values_;
  std::shared_ptr<const void> keeper_;  // of those
};

}  // namespace gloro::data

#ifndef GLORO_COMPILED
#include "gloro/data/pixels.ipp"
#endif
