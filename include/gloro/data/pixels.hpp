// Pixels: the values of images, bytes as they came from the file or numbers of the user's own, in memory
// or where somebody keeps them, a mapped file say. Bytes stay bytes (a quarter of the memory) and become
// pixels in [0, 1] when they are copied: the pixel is the float nearest to byte / 255, also in double, so
// that both see the same.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include "gloro/core/detail/checksum.hpp"
#include "gloro/data/value_range.hpp"

namespace gloro::data {

/// The pixel that a byte stands for: the float nearest to byte / 255.
[[nodiscard]] constexpr float pixel_of(std::uint8_t byte) {
  return static_cast<float>(byte) / 255.0F;
}

/// A value that never changes: copies share the values.
class Pixels {
 public:
  Pixels() = default;
  Pixels(std::vector<std::uint8_t> bytes) { keep(std::move(bytes)); }
  /// Numbers in the network's own unit, taken as they are.
  Pixels(std::vector<float> floats) { keep(std::move(floats)); }
  /// The same in double; kept as floats where each of them is one.
  Pixels(std::vector<double> doubles) {
    if (std::all_of(doubles.begin(), doubles.end(), is_float))
      keep(std::vector<float>(doubles.begin(), doubles.end()));
    else
      keep(std::move(doubles));
  }
  /// Values that lie where `keeper` keeps them, unchanged: they are read when a batch asks for them.
  Pixels(std::span<const std::uint8_t> bytes, std::shared_ptr<const void> keeper)
      : values_(bytes), keeper_(std::move(keeper)) {}
  Pixels(std::span<const float> floats, std::shared_ptr<const void> keeper)
      : values_(floats), keeper_(std::move(keeper)) {}

  [[nodiscard]] std::size_t size() const {
    return std::visit([](const auto& values) { return values.size(); }, values_);
  }
  [[nodiscard]] bool are_bytes() const { return std::holds_alternative<Bytes>(values_); }
  /// Whether every one is a number of the type Scalar.
  template <std::floating_point Scalar>
  [[nodiscard]] bool fit() const {
    return !std::same_as<Scalar, float> || !std::holds_alternative<Doubles>(values_);
  }

  /// `count` of them from `first` on, which share the values of these.
  [[nodiscard]] Pixels part(std::size_t first, std::size_t count) const {
    Pixels some = *this;
    std::visit([&](const auto& all) { some.values_ = all.subspan(first, count); }, values_);
    return some;
  }

  /// Copies `count` of them from `first` on.
  template <std::floating_point Scalar>
  void copy(std::size_t first, std::size_t count, Scalar* to) const {
    static constexpr auto pixels = [] {
      std::array<float, 256> table{};
      for (std::size_t byte = 0; byte < 256; ++byte)
        table[byte] = pixel_of(static_cast<std::uint8_t>(byte));
      return table;
    }();
    std::visit(
        [&](const auto& values) {
          const auto* from = values.data() + first;
          for (std::size_t k = 0; k < count; ++k)
            if constexpr (std::same_as<decltype(values), const Bytes&>)
              to[k] = static_cast<Scalar>(pixels[from[k]]);
            else
              to[k] = static_cast<Scalar>(from[k]);
        },
        values_);
  }

  /// The unit of bytes, 0 to 1; of other pixels the least and the largest (of none: 0 to 0).
  [[nodiscard]] ValueRange range() const {
    return std::visit(
        [](const auto& values) -> ValueRange {
          if constexpr (std::same_as<decltype(values), const Bytes&>) {
            return {0, 1};
          } else {
            if (values.empty()) return {0, 0};
            const auto [least, most] = std::minmax_element(values.begin(), values.end());
            return {static_cast<double>(*least), static_cast<double>(*most)};
          }
        },
        values_);
  }

  void add_to(Checksum& sum) const {
    std::visit([&](const auto& values) { sum.add(values.data(), values.size_bytes()); }, values_);
  }

 private:
  using Bytes = std::span<const std::uint8_t>;
  using Floats = std::span<const float>;
  using Doubles = std::span<const double>;

  template <typename Value>
  void keep(std::vector<Value> values) {
    const auto kept = std::make_shared<const std::vector<Value>>(std::move(values));
    values_ = std::span<const Value>(*kept);
    keeper_ = kept;
  }

  /// To the bit, whatever the thread's floating-point environment makes of denormals.
  [[nodiscard]] static bool is_float(double pixel) {
    if (!(std::abs(pixel) <= static_cast<double>(std::numeric_limits<float>::max())))
      return !std::isfinite(pixel);
    return std::bit_cast<std::uint64_t>(static_cast<double>(static_cast<float>(pixel))) ==
           std::bit_cast<std::uint64_t>(pixel);
  }

  std::variant<Bytes, Floats, Doubles> values_;
  std::shared_ptr<const void> keeper_;  // of those
};

}  // namespace gloro::data
