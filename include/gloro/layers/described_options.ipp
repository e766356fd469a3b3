// The bodies of described_options.hpp.
#pragma once

#include "gloro/layers/described_options.hpp"

#include <cmath>
#include <variant>

#include "gloro/core/compiled.hpp"
#include "gloro/core/error.hpp"

namespace gloro {

GLORO_INLINE DescribedOptions::DescribedOptions(const Description& description,
                                                const Catalogue* catalogue, int depth)
    : description_(description),
      catalogue_(catalogue),
      depth_(depth),
      used_(description.options.size(), false) {}

GLORO_INLINE Index DescribedOptions::number(std::string_view name) {
  const auto* value = std::get_if<Index>(&required(name));
  if (!value) refuse(name, "a whole number");
  return in_range(name, *value);
}

GLORO_INLINE bool DescribedOptions::truth(std::string_view name, bool otherwise) {
  const auto* value = find(name);
  if (!value) return otherwise;
  if (!std::holds_alternative<bool>(*value)) refuse(name, "true or false");
  return std::get<bool>(*value);
}

GLORO_INLINE double DescribedOptions::real(std::string_view name) {
  const auto& value = required(name);
  if (const auto* whole = std::get_if<Index>(&value)) return as_real(name, *whole);
  const auto* number = std::get_if<double>(&value);
  if (!number || !std::isfinite(*number)) refuse(name, "a finite number");
  return *number;
}

GLORO_INLINE Extent DescribedOptions::extent(std::string_view name) {
  const auto& value = required(name);
  if (const auto* both = std::get_if<Index>(&value)) return Extent(in_range(name, *both));
  const auto* list = std::get_if<std::vector<Index>>(&value);
  if (!list || list->size() != 2) refuse(name, "a whole number or a list of two");
  return Extent(in_range(name, (*list)[0]), in_range(name, (*list)[1]));
}

GLORO_INLINE Padding DescribedOptions::padding(std::string_view name) {
  const auto& value = required(name);
  if (const auto* word = std::get_if<std::string>(&value)) {
    if (*word == "same") return Padding::same;
    if (*word == "valid") return Padding::valid;
  }
  const auto* list = std::get_if<std::vector<Index>>(&value);
  if (!list || list->size() != 4) refuse(name, "\"same\", \"valid\" or [top, bottom, left, right]");
  for (const Index amount : *list) (void)in_range(name, amount);
  return Padding((*list)[0], (*list)[1], (*list)[2], (*list)[3]);
}

GLORO_INLINE std::size_t DescribedOptions::choice(std::string_view name,
                                                  const std::vector<std::string>& words,
                                                  std::size_t otherwise) {
  const auto* value = find(name);
  if (!value) return otherwise;
  const auto* word = std::get_if<std::string>(value);
  for (std::size_t i = 0; word && i < words.size(); ++i)
    if (*word == words[i]) return i;
  std::string list;
  for (const auto& known : words) list += (list.empty() ? "\"" : " or \"") + known + "\"";
  refuse(name, list);
}

template <typename Scalar>
std::vector<Scalar> DescribedOptions::values(std::string_view name) {
  const auto& value = required(name);
  std::vector<Scalar> list;
  if (const auto* reals = std::get_if<std::vector<double>>(&value))
    for (const double real : *reals) list.push_back(static_cast<Scalar>(real));
  else if (const auto* whole = std::get_if<std::vector<Index>>(&value))
    for (const Index number : *whole) list.push_back(static_cast<Scalar>(as_real(name, number)));
  else
    refuse(name, "a list of numbers");
  for (const Scalar entry : list)
    if (!std::isfinite(entry)) refuse(name, "finite numbers");
  return list;
}

GLORO_INLINE void DescribedOptions::expect_no_more() const {
  for (std::size_t i = 0; i < used_.size(); ++i)
    if (!used_[i])
      throw ArgumentError(
          message(description_.type, " has no option '", description_.options[i].first, "'"));
}

GLORO_INLINE const Description::Value* DescribedOptions::find(std::string_view name) {
  for (std::size_t i = 0; i < used_.size(); ++i)
    if (description_.options[i].first == name) {
      used_[i] = true;
      return &description_.options[i].second;
    }
  return nullptr;
}

GLORO_INLINE const Description::Value& DescribedOptions::required(std::string_view name) {
  const auto* value = find(name);
  if (!value) throw ArgumentError(message(description_.type, " lacks its option '", name, "'"));
  return *value;
}

GLORO_INLINE Index DescribedOptions::in_range(std::string_view name, Index value) const {
  if (value < 0 || value > Index{1} << 24) refuse(name, "a number from 0 to 2^24");
  return value;
}

GLORO_INLINE double DescribedOptions::as_real(std::string_view name, Index whole) const {
  if (whole < -(Index{1} << 24) || whole > Index{1} << 24)
    refuse(name, "a number with a point where it is larger than 2^24");
  return static_cast<double>(whole);
}

GLORO_INLINE void DescribedOptions::refuse(std::string_view name, std::string_view expected) const {
  throw ArgumentError(message(description_.type, ": its option '", name, "' must be ", expected));
}

#ifdef GLORO_COMPILING
template std::vector<float> DescribedOptions::values<float>(std::string_view);
template std::vector<double> DescribedOptions::values<double>(std::string_view);
#endif

}  // namespace gloro
