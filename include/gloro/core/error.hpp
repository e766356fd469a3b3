// Errors: every mistake that a user can make is reported by an exception derived from gloro::Error,
// whose text names what was expected and what came.
#pragma once

#include <sstream>
#include <stdexcept>
#include <string>

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
template <typename... Parts>
[[nodiscard]] std::string message(const Parts&... parts) {
  std::ostringstream text;
  (text << ... << parts);
  return text.str();
}

}  // namespace gloro
