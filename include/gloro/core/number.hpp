// Numbers in text, such as those in the names of losses, schedules and augmentations: read in the C
// locale, whatever the program's own.
#pragma once

#include <cstddef>
#include <locale>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>

namespace gloro {

/// Takes a decimal number from the front of `text`; none where it begins with something else. By a
/// stream: the std::from_chars of libc++ cannot read double before version 20.
[[nodiscard]] inline std::optional<double> take_number(std::string_view& text) {
  std::istringstream in{std::string(text)};
  in.imbue(std::locale::classic());
  double number = 0;
  if (!(in >> std::noskipws >> number)) return {};
  text = in.eof() ? std::string_view{} : text.substr(static_cast<std::size_t>(in.tellg()));
  return number;
}

/// The number that all of `text` is; none where it is something else.
[[nodiscard]] inline std::optional<double> to_number(std::string_view text) {
  const std::optional<double> number = take_number(text);
  return text.empty() ? number : std::nullopt;
}

}  // namespace gloro
