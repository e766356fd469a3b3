// Text for the report: numbers that claim neither more accuracy nor less than they have, whatever
// the locale, and strings that cannot break out of the page.
#pragma once

#include <cmath>
#include <locale>
#include <sstream>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gloro/core/decimal.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/number.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/core/utf8.hpp"
#include "gloro/layers/description.hpp"

namespace gloro::report {

/// Concatenates anything printable, whatever the locale; numbers to six digits, for charts.
template <typename... Parts>
[[nodiscard]] std::string joined(const Parts&... parts) {
  std::ostringstream text;
  text.imbue(std::locale::classic());
  (text << ... << parts);
  return text.str();
}

/// `text` as the content of an element or a quoted attribute of HTML and SVG, in UTF-8.
[[nodiscard]] inline std::string escaped(std::string_view text) {
  std::string safe;
  for (const char c : utf8_text(text)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '&')
      safe += "&amp;";
    else if (c == '<')
      safe += "&lt;";
    else if (c == '>')
      safe += "&gt;";
    else if (c == '"')
      safe += "&quot;";
    else if (c == '\'')
      safe += "&#39;";
    else if (byte < 0x20 || byte == 0x7f)
      safe += ' ';
    else
      safe += c;
  }
  return safe;
}

/// Rounded to nearest, for coordinates and for numbers that prove nothing.
[[nodiscard]] inline std::string fixed(double value, int digits) {
  if (std::isnan(value)) return "–";
  if (std::isinf(value)) return value > 0 ? "∞" : "−∞";
  return fixed_text(value, digits);
}

/// A proved radius, >= 0: rounded down, so that it stays proved.
[[nodiscard]] inline std::string radius_text(double radius) {
  return std::isinf(radius) ? "∞" : decimal_down(radius, 4);
}

/// A bound that holds from above, >= 0: rounded up to `digits` decimals, at least one.
[[nodiscard]] inline std::string rounded_up(double value, int digits) {
  if (std::isinf(value)) return "∞";
  const std::string exact = fixed_text(value, 1074);
  const std::size_t end = exact.find('.') + 1 + static_cast<std::size_t>(digits);
  std::string cut = exact.substr(0, end);
  if (exact.find_first_not_of('0', end) == std::string::npos) return cut;
  std::size_t at = cut.size();
  while (at > 0 && (cut[at - 1] == '9' || cut[at - 1] == '.')) {  // carry
    --at;
    if (cut[at] == '9') cut[at] = '0';
  }
  if (at == 0) return "1" + cut;
  ++cut[at - 1];
  return cut;
}

/// Percent with two decimals, exact and rounded down.
[[nodiscard]] inline std::string percent(Index count, Index of) {
  return of > 0 ? percent_down(count, of) + " %" : "–";
}

/// What percent(count, of) leaves of a hundred.
[[nodiscard]] inline std::string rest_percent(Index count, Index of) {
  return of > 0 ? percent_rest(count, of) + " %" : "–";
}

/// An epsilon with all its digits, and as 36/255 where it is that number and the decimals are longer.
[[nodiscard]] inline std::string epsilon_text(double epsilon) {
  std::string plain = number_text(epsilon);
  const double steps = std::round(epsilon * 255);
  if (plain.size() > 5 && steps < 1e6 && steps / 255 == epsilon)
    return joined(static_cast<Index>(steps), "/255");
  return plain;
}

[[nodiscard]] inline std::string shape_text(const Shape& shape) {
  if (shape.is_flat()) return joined(shape.channels);
  return joined(shape.height, "×", shape.width, "×", shape.channels);
}

/// A layer's type and options in one line: `conv2d, filters 16, kernel 4×4, padding same`.
[[nodiscard]] inline std::string layer_text(const Description& description) {
  constexpr std::size_t most = 6;  // values of a list that are shown
  const auto list = [](const auto& values, const char* between) {
    std::string text;
    for (std::size_t i = 0; i < values.size() && i < most; ++i)
      text.append(i > 0 ? between : "").append(message(values[i]));
    return text.append(values.size() > most ? " …" : "");
  };
  struct Printer {
    const decltype(list)& list_of;
    std::string operator()(bool truth) const { return truth ? "yes" : "no"; }
    std::string operator()(Index number) const { return joined(number); }
    std::string operator()(double number) const { return number_text(number); }
    std::string operator()(const std::string& word) const { return word; }
    std::string operator()(const std::vector<Index>& numbers) const {
      return list_of(numbers, numbers.size() == 2 ? "×" : " ");
    }
    std::string operator()(const std::vector<double>& numbers) const {
      return list_of(numbers, " ");
    }
    std::string operator()(const std::vector<Description>& layers) const {
      std::string text;
      for (const Description& layer : layers)
        text += (text.empty() ? "" : "; ") + layer_text(layer);
      return '(' + text + ')';
    }
  };
  std::string text = description.type;
  for (const auto& [name, value] : description.options)
    text += ", " + name + ' ' + std::visit(Printer{list}, value);
  return text;
}

}  // namespace gloro::report
