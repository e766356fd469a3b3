// A layer's description as JSON: {"type": "conv2d", "filters": 16, "kernel": [4, 4], ...}.
#pragma once

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/io/json.hpp"
#include "gloro/layers/description.hpp"

namespace gloro {

/// Throws ArgumentError for a number that JSON cannot express.
[[nodiscard]] inline OrderedJson to_json(const Description& description) {
  OrderedJson object{{"type", description.type}};
  for (const auto& [name, value] : description.options) {
    const auto expect_finite = [&, &key = name](double number) {
      if (!std::isfinite(number))
        throw ArgumentError(message("the option '", key, "' of ", description.type,
                                    " is not finite: it cannot be saved"));
    };
    if (const auto* number = std::get_if<double>(&value)) expect_finite(*number);
    if (const auto* list = std::get_if<std::vector<double>>(&value))
      for (const double number : *list) expect_finite(number);
    if (const auto* layers = std::get_if<std::vector<Description>>(&value)) {
      object[name] = OrderedJson::array();
      for (const Description& layer : *layers) object[name].push_back(to_json(layer));
      continue;
    }
    std::visit(
        [&, &key = name](const auto& held) {
          if constexpr (requires { object[key] = held; }) object[key] = held;
        },
        value);
  }
  return object;
}

/// The same with its real numbers rounded to Scalar; whole ones stay what they are. Throws
/// ArgumentError for a number beyond Scalar's range.
template <std::floating_point Scalar>
[[nodiscard]] Description rounded_to(Description description) {
  for (auto& [name, value] : description.options) {
    const auto round = [&, &key = name](double& number) {
      number = static_cast<double>(static_cast<Scalar>(number));
      if (!std::isfinite(number))
        throw ArgumentError(message("the option '", key, "' of ", description.type,
                                    " is not finite in float", 8 * sizeof(Scalar)));
    };
    if (auto* number = std::get_if<double>(&value)) round(*number);
    if (auto* list = std::get_if<std::vector<double>>(&value))
      for (double& number : *list) round(number);
    if (auto* layers = std::get_if<std::vector<Description>>(&value))
      for (Description& layer : *layers) layer = rounded_to<Scalar>(std::move(layer));
  }
  return description;
}

/// Throws Error for anything but an object with a `type` and options that are a truth value, a
/// number, a word, a list of numbers or a list of such objects.
[[nodiscard]] Description description_from_json(const Json& object);

namespace detail {

[[nodiscard]] inline Description::Value option_from_json(const std::string& name,
                                                         const Json& value) {
  const auto is_index = [](const Json& number) {
    return number.is_number_integer() &&
           !(number.is_number_unsigned() &&
             number > static_cast<std::uint64_t>(std::numeric_limits<Index>::max()));
  };
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_string()) return value.get<std::string>();
  if (is_index(value)) return value.get<Index>();
  if (value.is_number()) return value.get<double>();
  if (value.is_array() && std::all_of(value.begin(), value.end(), is_index))
    return value.get<std::vector<Index>>();
  if (value.is_array() &&
      std::all_of(value.begin(), value.end(), [](const Json& entry) { return entry.is_number(); }))
    return value.get<std::vector<double>>();
  if (value.is_array() && std::all_of(value.begin(), value.end(),
                                      [](const Json& entry) { return entry.is_object(); })) {
    std::vector<Description> layers;
    for (const Json& entry : value) layers.push_back(description_from_json(entry));
    return layers;
  }
  throw Error(message("its option '", name, "' is of no known type: ", value.dump()));
}

}  // namespace detail

inline Description description_from_json(const Json& object) {
  if (!object.is_object() || !object.contains("type") || !object["type"].is_string())
    throw Error(message("expected an object with a 'type', got ", object.dump()));
  Description description{object["type"].get<std::string>()};
  for (const auto& [name, value] : object.items())
    if (name != "type")
      description.options.emplace_back(name, detail::option_from_json(name, value));
  return description;
}

}  // namespace gloro
