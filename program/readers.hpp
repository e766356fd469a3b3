// Readers: from the text of an option to its value. They read a text whole or refuse it, in a sentence that says
// what was expected and what came. `kind` is what the help shows; one of words apart by | lists all that there are.
#pragma once

#include <gloro/core/error.hpp>
#include <gloro/core/number.hpp>
#include <gloro/parallel/workers.hpp>

#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

namespace command_line {

/// A mistake of the command line: exit code 2.
class Mistake : public gloro::ArgumentError {
 public:
  using ArgumentError::ArgumentError;
};

/// What `read` returns; an argument that it refuses is a mistake of the command line.
template <typename Read>
auto checked(Read&& read) {
  try {
    return read();
  } catch (const gloro::ArgumentError& error) {
    throw Mistake(error.what());
  }
}

[[noreturn]] inline void refuse(const std::string& expected, const std::string& text) {
  throw Mistake(gloro::message("expected ", expected, ", got '", text, "'"));
}

/// Any text but none: the text of a variable that is not set is a mistake.
struct Text {
  static constexpr const char* kind = "TEXT";
  std::string operator()(const std::string& text) const {
    if (text.empty()) refuse("a text", text);
    return text;
  }
};

/// The path of a file, and of a folder.
struct File : Text {
  static constexpr const char* kind = "FILE";
};
struct Folder : Text {
  static constexpr const char* kind = "FOLDER";
};

/// A finite number, 36/255 for example, from `least` on or, if that is excluded, above it.
struct Number {
  static constexpr const char* kind = "NUMBER";
  double least = 0;
  bool is_excluded = false;
  double operator()(const std::string& text) const {
    const std::optional<double> number = gloro::to_number(text);
    if (!number || *number < least || (is_excluded && *number == least))
      refuse(gloro::message("a number ", is_excluded ? "> " : ">= ", least), text);
    return *number;
  }
};

inline constexpr Number positive{.least = 0, .is_excluded = true};
inline constexpr Number not_negative{};

/// A number between 0 and 1, neither of them.
struct Share {
  static constexpr const char* kind = "NUMBER";
  double operator()(const std::string& text) const {
    const std::optional<double> number = gloro::to_number(text);
    if (!number || !(*number > 0 && *number < 1)) refuse("a number between 0 and 1", text);
    return *number;
  }
};

inline constexpr Share share{};

/// A whole number from `least` to `most`.
template <std::integral Whole>
struct WholeNumber {
  static constexpr const char* kind = "COUNT";
  Whole least, most;
  Whole operator()(const std::string& text) const {
    const std::optional<Whole> number = gloro::to_whole<Whole>(text);
    if (!number || *number < least || *number > most)
      refuse(gloro::message("a whole number from ", least, " to ", most), text);
    return *number;
  }
};

/// As far as sums and products of a few counts stay exact in 64 bits.
[[nodiscard]] inline WholeNumber<int> count_from(int least) {
  return {least, std::numeric_limits<int>::max()};
}
[[nodiscard]] inline WholeNumber<int> threads() { return {0, gloro::Workers::most_threads()}; }
[[nodiscard]] inline WholeNumber<std::uint64_t> seed() {
  return {0, std::numeric_limits<std::uint64_t>::max()};
}

/// A text of which the library makes something by `make`, or else throws.
template <typename Make>
struct Checked {
  static constexpr const char* kind = "TEXT";
  Make make;
  std::string operator()(const std::string& text) const {
    (void)make(Text{}(text));
    return text;
  }
};

template <typename Make>
Checked(Make) -> Checked<Make>;

}  // namespace command_line
