// The metadata of a model file as they lie in it: everything beside the weights, in words and JSON.
#pragma once

#include <nlohmann/json.hpp>

#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/io/detail/description_json.hpp"
#include "gloro/io/guarantee_json.hpp"
#include "gloro/io/json.hpp"
#include "gloro/io/model_metadata.hpp"
#include "gloro/model/gloro_model.hpp"
#include "gloro/model/guarantee.hpp"

namespace gloro::detail {

inline const std::vector<std::string>& reserved_metadata() {
  static const std::vector<std::string> keys{"format",  "version", "input_shape", "input_range",
                                             "epsilon", "layers",  "guarantee"};
  return keys;
}

/// One entry. Throws Error where there is none.
[[nodiscard]] inline const std::string& text_entry(
    const std::map<std::string, std::string>& metadata, const std::string& key) {
  const auto found = metadata.find(key);
  if (found == metadata.end())
    throw Error(message("not a gloro model: its metadata lack '", key, "'"));
  return found->second;
}

/// The same, read as JSON. Throws Error where it is none.
[[nodiscard]] inline Json json_entry(const std::map<std::string, std::string>& metadata,
                                     const std::string& key) {
  const std::string& text = text_entry(metadata, key);
  try {
    return parse_json(text);
  } catch (const Error& error) {
    throw Error(message("metadata '", key, "': ", error.what()));
  }
}

template <typename Scalar>
[[nodiscard]] std::map<std::string, std::string> metadata_of(const GloroModel<Scalar>& model,
                                                             const ModelMetadata& metadata) {
  std::map<std::string, std::string> all = metadata.other;
  for (const auto& key : reserved_metadata())
    if (all.contains(key)) throw ArgumentError(message("metadata '", key, "' is the file's own"));
  if (metadata.epsilon && !(*metadata.epsilon >= 0 && std::isfinite(*metadata.epsilon)))
    throw ArgumentError(message("epsilon must be >= 0 and finite, got ", *metadata.epsilon));
  if (const auto& range = metadata.input_range;
      range &&
      !(range->least <= range->most && std::isfinite(range->least) && std::isfinite(range->most)))
    throw ArgumentError(message("no range of inputs: ", range->least, " to ", range->most));

  const Shape& input = model.input_shape();
  OrderedJson layers = OrderedJson::array();
  for (const auto& layer : model.layers())
    layers.push_back(to_json(rounded_to<Scalar>(layer.describe())));
  all["format"] = "gloro";
  all["version"] = "1";
  all["input_shape"] = print_json(Json{input.height, input.width, input.channels});
  all["layers"] = print_json(layers);
  if (metadata.epsilon) all["epsilon"] = print_json(Json(*metadata.epsilon));
  if (metadata.input_range)
    all["input_range"] = print_json(Json{metadata.input_range->least, metadata.input_range->most});
  if (model.guarantee().is_relaxed()) all["guarantee"] = print_json(to_json(model.guarantee()));
  return all;
}

/// What is left of a file's metadata when the network is taken out of it.
[[nodiscard]] inline ModelMetadata metadata_from(std::map<std::string, std::string> all) {
  ModelMetadata metadata;
  if (all.contains("epsilon")) {
    const Json epsilon = json_entry(all, "epsilon");
    if (!epsilon.is_number() || !(epsilon.get<double>() >= 0))
      throw Error(message("metadata 'epsilon' must be a number >= 0, got ", epsilon.dump()));
    metadata.epsilon = epsilon.get<double>();
  }
  if (all.contains("input_range")) {
    const Json range = json_entry(all, "input_range");
    if (!range.is_array() || range.size() != 2 || !range[0].is_number() || !range[1].is_number() ||
        !(range[0].get<double>() <= range[1].get<double>()))
      throw Error(message("metadata 'input_range' must be [least, largest], got ", range.dump()));
    metadata.input_range = {range[0].get<double>(), range[1].get<double>()};
  }
  for (const auto& key : reserved_metadata()) all.erase(key);
  metadata.other = std::move(all);
  return metadata;
}

}  // namespace gloro::detail
