// Errors: every mistake that a user can make is reported by an exception derived from gloro::Error,
// whose text names what was expected and what came.
#pragma once

#include <concepts>
#include <initializer_list>
#include <ostream>
#include <stdexcept>
#include <string>

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

namespace detail {

/// One part of a message, anything printable, and how it is printed: all that a message compiles anew for
/// a type that it had no part of yet.
class Printed {
 public:
  Printed(const char* text)
      : part_(text),
        print_([](std::ostream& out, const void* part) { out << static_cast<const char*>(part); }) {
  }
  template <typename Part>
  Printed(const Part& part)
      : part_(&part), print_([](std::ostream& out, const void* whole) {
          if constexpr (std::floating_point<Part>)
            out << number_text(*static_cast<const Part*>(whole));
          else
            out << *static_cast<const Part*>(whole);
        }) {}

  void print(std::ostream& out) const { print_(out, part_); }

 private:
  const void* part_;
  void (*print_)(std::ostream&, const void*);
};

[[nodiscard]] std::string text_of(std::initializer_list<Printed> parts);

}  // namespace detail

/// Concatenates anything printable: `throw ArgumentError(message("epsilon must be >= 0, got ", e))`.
/// Numbers have all their digits, whatever the locale.
template <typename... Parts>
[[nodiscard]] std::string message(const Parts&... parts) {
  return detail::text_of({detail::Printed(parts)...});
}

namespace detail {

/// The system's words for an error number.
[[nodiscard]] std::string reason(int number);

}  // namespace detail

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/core/error.ipp"
#endif
