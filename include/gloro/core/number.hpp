// Numbers in text, read and written: the same on every machine, whatever the locales of C and C++.
// What is no number, infinity and NaN among it, is never read as one.
#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <string_view>

namespace gloro {

/// Takes a number, a decimal one or a fraction of two such as 36/255, from the front of `text`; none,
/// and the text stays, where it begins with something else or the number is beyond double.
[[nodiscard]] std::optional<double> take_number(std::string_view& text);

/// The finite number that all of `text` is; none where it is something else.
[[nodiscard]] std::optional<double> to_number(std::string_view text);

/// The whole number that all of `text` is, in digits; none where it is something else or does not fit.
template <std::integral Whole>
[[nodiscard]] std::optional<Whole> to_whole(std::string_view text);

/// The shortest text that reads back as the same value: nothing is rounded away.
template <std::floating_point Real>
[[nodiscard]] std::string number_text(Real value);

/// `value` to so many significant digits, rounded to nearest: for what claims nothing.
[[nodiscard]] std::string rounded_text(double value, int digits);

/// `value` with so many decimals, rounded to nearest: for coordinates, seconds and the like.
[[nodiscard]] std::string fixed_text(double value, int decimals);

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/core/number.ipp"
#endif
