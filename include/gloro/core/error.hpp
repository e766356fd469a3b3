// Errors: every mistake that a user can make is reported by an exception derived from gloro::Error,
// whose text names what was expected and what came.
#pragma once

#include <concepts>
#include <locale>
#include <sstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <type_traits>

#include "gloro/core/number.hpp"

namespace gloro {

/// Root of all exceptions that the library throws.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A tensor or layer does not fit where it was put.
class ShapeError : public Error {
 public:
  using Error::Error;
};

/// An argument lies outside its documented range.
class ArgumentError : public Error {
 public:
  using Error::Error;
};

/// A file is missing, damaged or not what it claims to be; the text begins with its path.
class FileError : public Error {
 public:
  using Error::Error;
};

/// Concatenates anything printable: `throw ArgumentError(message("epsilon must be >= 0, got ", e))`.
/// Numbers have all their digits, whatever the locale.
template <typename... Parts>
[[nodiscard]] std::string message(const Parts&... parts) {
  std::ostringstream text;
  text.imbue(std::locale::classic());
  const auto put = [&text](const auto& part) {
    if constexpr (std::floating_point<std::decay_t<decltype(part)>>)
      text << number_text(part);
    else
      text << part;
  };
  (put(parts), ...);
  return text.str();
}

namespace detail {

/// The system's words for an error number.
[[nodiscard]] inline std::string reason(int number) {
  return std::generic_category().message(number);
}

}  // namespace detail

}  // namespace gloro
