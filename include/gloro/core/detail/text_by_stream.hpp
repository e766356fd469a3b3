// Numbers written by a stream as std::to_chars writes them: for standard libraries whose std::to_chars
// takes whole numbers alone (libc++ before version 14, that of Debian's emscripten).
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <ios>
#include <limits>
#include <locale>
#include <sstream>
#include <string>

namespace gloro::detail::by_stream {

template <std::floating_point Real>
[[nodiscard]] std::string written(Real value, std::ios_base::fmtflags form, int precision) {
  std::ostringstream out;
  out.imbue(std::locale::classic());
  out.setf(form, std::ios_base::floatfield);
  out.precision(precision);
  out << value;
  return out.str();
}

[[nodiscard]] inline std::string general(double value, int digits) {
  return written(value, {}, digits);
}
[[nodiscard]] inline std::string fixed(double value, int decimals) {
  return written(value, std::ios_base::fixed, decimals);
}

/// The fewest digits that read back as the same value; with an exponent where that is shorter.
template <std::floating_point Real>
[[nodiscard]] std::string shortest(Real value) {
  if (!std::isfinite(value)) return written(value, {}, 1);
  const auto reads_back = [&](const std::string& text) {
    std::istringstream in(text);
    in.imbue(std::locale::classic());
    Real back = 0;
    in >> back;
    // Beyond the largest number is a failure, whatever was read; libc++ calls a denormal one, too.
    return back == value && (in || std::abs(back) < std::numeric_limits<Real>::min());
  };
  int digits = 1;
  std::string text = written(value, std::ios_base::scientific, 0);
  while (!reads_back(text) && digits < std::numeric_limits<Real>::max_digits10)
    text = written(value, std::ios_base::scientific, digits++);
  const int exponent = std::stoi(text.substr(text.find('e') + 1));
  std::string plain = written(value, std::ios_base::fixed, std::max(0, digits - 1 - exponent));
  return plain.size() <= text.size() ? plain : text;
}

}  // namespace gloro::detail::by_stream
