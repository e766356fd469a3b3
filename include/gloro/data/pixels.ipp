// The bodies of pixels.hpp.
#pragma once

#include "gloro/data/pixels.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "gloro/core/compiled.hpp"
#include "gloro/core/detail/bit_cast.hpp"
#include "gloro/core/detail/checksum.hpp"

namespace gloro::data {

GLORO_INLINE Pixels::Pixels(std::vector<std::uint8_t> bytes) { keep(std::move(bytes)); }
GLORO_INLINE Pixels::Pixels(std::vector<float> floats) { keep(std::move(floats)); }
GLORO_INLINE Pixels::Pixels(std::vector<double> doubles) {
  if (std::all_of(doubles.begin(), doubles.end(), is_float))
    keep(std::vector<float>(doubles.begin(), doubles.end()));
  else
    keep(std::move(doubles));
}
GLORO_INLINE Pixels::Pixels(std::span<const std::uint8_t> bytes, std::shared_ptr<const void> keeper)
    : values_(bytes), keeper_(std::move(keeper)) {}
GLORO_INLINE Pixels::Pixels(std::span<const float> floats, std::shared_ptr<const void> keeper)
    : values_(floats), keeper_(std::move(keeper)) {}

GLORO_INLINE std::size_t Pixels::size() const {
  return std::visit([](const auto& values) { return values.size(); }, values_);
}

GLORO_INLINE Pixels Pixels::part(std::size_t first, std::size_t count) const {
  Pixels some = *this;
  std::visit([&](const auto& all) { some.values_ = all.subspan(first, count); }, values_);
  return some;
}

template <std::floating_point Scalar>
void Pixels::copy(std::size_t first, std::size_t count, Scalar* to) const {
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

GLORO_INLINE ValueRange Pixels::range() const {
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

GLORO_INLINE void Pixels::add_to(Checksum& sum) const {
  std::visit([&](const auto& values) { sum.add(values.data(), values.size_bytes()); }, values_);
}

template <typename Value>
void Pixels::keep(std::vector<Value> values) {
  const auto kept = std::make_shared<const std::vector<Value>>(std::move(values));
  values_ = std::span<const Value>(*kept);
  keeper_ = kept;
}

GLORO_INLINE bool Pixels::is_float(double pixel) {
  if (!(std::abs(pixel) <= static_cast<double>(std::numeric_limits<float>::max())))
    return !std::isfinite(pixel);
  return gloro::detail::bit_cast<std::uint64_t>(static_cast<double>(static_cast<float>(pixel))) ==
         gloro::detail::bit_cast<std::uint64_t>(pixel);
}

#ifdef GLORO_COMPILING
template void Pixels::copy(std::size_t first, std::size_t count, float* to) const;
template void Pixels::copy(std::size_t first, std::size_t count, double* to) const;
#endif

}  // namespace gloro::data
