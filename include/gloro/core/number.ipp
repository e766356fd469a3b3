// The bodies of number.hpp.
#pragma once

#include "gloro/core/number.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <limits>
#include <locale>
#include <sstream>

#include "gloro/core/compiled.hpp"
#include "gloro/core/detail/text_by_stream.hpp"

namespace gloro {

namespace detail {

#if defined(_LIBCPP_VERSION) && _LIBCPP_VERSION < 14000
namespace writing = by_stream;
#else
namespace writing {
template <std::floating_point Real>
[[nodiscard]] std::string shortest(Real value) {
  char text[64];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}
[[nodiscard]] inline std::string general(double value, int digits) {
  char text[64];
  return {text,
          std::to_chars(text, text + sizeof text, value, std::chars_format::general, digits).ptr};
}
[[nodiscard]] inline std::string fixed(double value, int decimals) {
  std::string text(320 + static_cast<std::size_t>(decimals), '\0');
  char* const begin = text.data();
  const auto [end, error] =
      std::to_chars(begin, begin + text.size(), value, std::chars_format::fixed, decimals);
  text.resize(static_cast<std::size_t>(end - begin));
  return text;
}
}  // namespace writing
#endif

/// Length of the decimal number that `text` begins with, such as -1.5e-3; 0 where it begins with none.
[[nodiscard]] inline std::size_t decimal_length(std::string_view text) {
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t begin = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    return at - begin;
  };
  const auto skip = [&](std::string_view any) {
    const bool is_there = at < text.size() && any.find(text[at]) != std::string_view::npos;
    at += is_there;
    return is_there;
  };
  skip("+-");
  std::size_t count = digits();
  if (skip(".")) count += digits();
  if (count == 0) return 0;
  const std::size_t end = at;
  if (skip("eE")) {
    skip("+-");
    if (digits() > 0) return at;
  }
  return end;
}

/// Takes a decimal number; none where its size is beyond double. By a stream: the std::from_chars of
/// libc++ cannot read double before version 20.
[[nodiscard]] inline std::optional<double> take_decimal(std::string_view& text) {
  const std::string_view decimal = text.substr(0, decimal_length(text));
  std::istringstream in{std::string(decimal)};
  in.imbue(std::locale::classic());
  double number = 0;
  in >> number;
  // libc++ calls a denormal a failure.
  if (decimal.empty() || (!in && std::abs(number) >= std::numeric_limits<double>::min())) return {};
  const std::string_view mantissa = decimal.substr(0, decimal.find_first_of("eE"));
  if (number == 0 && mantissa.find_first_of("123456789") != std::string_view::npos) return {};
  text.remove_prefix(decimal.size());
  return number + 0.0;  // no minus before a zero
}

}  // namespace detail

GLORO_INLINE std::optional<double> take_number(std::string_view& text) {
  std::string_view rest = text;
  std::optional<double> number = detail::take_decimal(rest);
  if (number && rest.starts_with('/')) {
    rest.remove_prefix(1);
    const std::optional<double> divisor = detail::take_decimal(rest);
    if (!divisor || !std::isfinite(*number / *divisor)) return {};
    number = *number / *divisor + 0.0;
  }
  if (number) text = rest;
  return number;
}

GLORO_INLINE std::optional<double> to_number(std::string_view text) {
  const std::optional<double> number = take_number(text);
  return text.empty() ? number : std::nullopt;
}

template <std::integral Whole>
std::optional<Whole> to_whole(std::string_view text) {
  Whole number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end) return {};
  return number;
}

template <std::floating_point Real>
std::string number_text(Real value) {
  return std::isnan(value) ? "nan" : detail::writing::shortest(value);
}

GLORO_INLINE std::string rounded_text(double value, int digits) {
  return detail::writing::general(value, std::min(digits, 17));
}

GLORO_INLINE std::string fixed_text(double value, int decimals) {
  return detail::writing::fixed(value, decimals);
}

#ifdef GLORO_COMPILING
template std::optional<int> to_whole(std::string_view text);
template std::optional<long> to_whole(std::string_view text);
template std::optional<long long> to_whole(std::string_view text);
template std::optional<unsigned> to_whole(std::string_view text);
template std::optional<unsigned long> to_whole(std::string_view text);
template std::optional<unsigned long long> to_whole(std::string_view text);
template std::string number_text(float value);
template std::string number_text(double value);
template std::string number_text(long double value);
#endif

}  // namespace gloro
