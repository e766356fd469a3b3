// A model as one safetensors file: the weights as tensors `layers.N.weight`, `layers.N.bias` in
// PyTorch's order, everything else in the metadata, so that the file alone is enough to rebuild the
// network here, in Python, or anywhere (docs/pytorch shows how).
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/core/workers.hpp"
#include "gloro/data/value_range.hpp"
#include "gloro/io/description_json.hpp"
#include "gloro/io/guarantee_json.hpp"
#include "gloro/io/json.hpp"
#include "gloro/io/layer_registry.hpp"
#include "gloro/io/memory_account.hpp"
#include "gloro/io/safetensors.hpp"
#include "gloro/io/weight_order.hpp"
#include "gloro/model/gloro_model.hpp"

namespace gloro {

/// What a model file says beside the network itself.
struct ModelMetadata {
  std::optional<double> epsilon = {};             ///< the radius it was trained for, in input units
  std::optional<ValueRange> input_range = {};     ///< of the values that it was trained on
  std::map<std::string, std::string> other = {};  ///< anything else, kept as it is
};

template <std::floating_point Scalar>
struct LoadedModel {
  GloroModel<Scalar> model;
  ModelMetadata metadata;
};

/// Makes a layer from its description: layer_from_description, or a user's own around it.
template <std::floating_point Scalar>
using LayerMaker = std::function<AnyLayer<Scalar>(const Description&)>;

template <std::floating_point Scalar>
struct LoadOptions {
  LayerMaker<Scalar> make_layer = layer_from_description<Scalar>;
  /// Bytes that the network may take, as its layers state them (MemoryAccount), a certifier's table
  /// of margins and one sample's activations included. Not given: 1 GiB and 32 bytes for each of the
  /// file's, which is enough for its weights in every order and precision that they are held in, so
  /// that what is not paid for by the file's own size is bounded.
  std::optional<double> most_memory = {};
};

namespace detail {

inline const std::vector<std::string>& reserved_metadata() {
  static const std::vector<std::string> keys{"format", "version", "input_shape", "input_range",
                                             "epsilon", "layers", "guarantee"};
  return keys;
}

/// Of its tensors' values.
[[nodiscard]] inline std::size_t bytes_of(const Safetensors& content) {
  std::size_t bytes = 0;
  for (const NamedTensor& tensor : content.tensors)
    std::visit([&](const auto& values) { bytes += values.size() * sizeof(values[0]); },
               tensor.values);
  return bytes;
}

[[nodiscard]] inline std::string parameter_name(std::size_t layer, const std::string& name) {
  return "layers." + std::to_string(layer) + "." + name;
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
      range && !(range->least <= range->most && std::isfinite(range->least) &&
                 std::isfinite(range->most)))
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

/// Puts a model together from a file's content; throws Error without the file's name.
template <std::floating_point Scalar>
class ModelBuilder {
 public:
  ModelBuilder(Safetensors content, const LayerMaker<Scalar>& make_layer, double most_memory)
      : content_(std::move(content)), memory_(most_memory) {
    for (auto& tensor : content_.tensors) tensors_.emplace(tensor.name, &tensor);
    if (text("format") != "gloro") refuse("its format is '", text("format"), "', expected 'gloro'");
    if (text("version") != "1") refuse("its version is '", text("version"), "', expected '1'");
    read_precision();
    read_input_shape();
    read_layers(make_layer);
  }

  [[nodiscard]] LoadedModel<Scalar> build() {
    GloroModel<Scalar> model(input_, layers_);
    const std::vector<Parameter<Scalar>*> parameters = model.parameters();
    std::size_t next = 0;
    for (std::size_t l = 0; l < model.layers().size(); ++l)
      for (std::size_t i = model.layers()[l].parameters().size(); i > 0; --i)
        fill(model, l, *parameters[next++]);
    if (!tensors_.empty())
      refuse("tensor '", tensors_.begin()->first, "' belongs to no layer of the network");
    settle(model);
    read_guarantee(model);
    return {std::move(model), metadata()};
  }

 private:
  template <typename... Parts>
  [[noreturn]] static void refuse(const Parts&... defect) {
    throw Error(message(defect...));
  }

  [[nodiscard]] const std::string& text(const std::string& key) const {
    const auto found = content_.metadata.find(key);
    if (found == content_.metadata.end())
      refuse("not a gloro model: its metadata lack '", key, "'");
    return found->second;
  }

  [[nodiscard]] Json json(const std::string& key) const {
    try {
      return parse_json(text(key));
    } catch (const Error& error) {
      refuse("metadata '", key, "': ", error.what());
    }
  }

  /// One precision is the whole file's: its numbers in words are meant in it too, so that the network
  /// is the same whoever loads it, in float or in double.
  void read_precision() {
    const auto is_double = [](const NamedTensor& tensor) { return tensor.values.index() == 1; };
    const auto& tensors = content_.tensors;
    is_double_ = std::any_of(tensors.begin(), tensors.end(), is_double);
    if (is_double_ && !std::all_of(tensors.begin(), tensors.end(), is_double))
      refuse("it has tensors of F32 and of F64: expected one precision for the whole network");
    if (is_double_ && std::same_as<Scalar, float>)
      refuse("its tensors are F64, and rounded to float it would be another network: load it as "
             "GloroModel<double> (certify --double)");
  }

  [[nodiscard]] Description described(const Json& object) const {
    const Description description = description_from_json(object);
    return is_double_ ? description : rounded_to<float>(description);
  }

  void read_input_shape() {
    const Json shape = json("input_shape");
    const auto extent = [&](std::size_t i) {
      const std::uint64_t given = shape[i].get<std::uint64_t>();
      constexpr std::uint64_t most = std::numeric_limits<Index>::max();
      return static_cast<Index>(std::min(given, most));
    };
    if (!shape.is_array() || shape.size() != 3 ||
        !std::all_of(shape.begin(), shape.end(),
                     [](const Json& n) { return n.is_number_unsigned() && n != 0U; }))
      refuse("metadata 'input_shape' must be [height, width, channels], got ", shape.dump());
    input_ = {extent(0), extent(1), extent(2)};
    if (input_.size() < 1) refuse("metadata 'input_shape' is empty");
    memory_.take_input(input_);
  }

  /// Follows the shapes through the network, compares what the weights must be with what the file
  /// has, and adds up what the layers say that they need, before any of them takes it.
  void read_layers(const LayerMaker<Scalar>& make_layer) {
    const Json list = json("layers");
    if (!list.is_array()) refuse("metadata 'layers' must be a list");
    Shape shape = input_;
    for (std::size_t l = 0; l < list.size(); ++l) {
      try {
        layers_.push_back(make_layer(described(list[l])));
        const Shape output = layers_.back().output_shape(shape);
        if (output.size() < 1) refuse("its output of ", output, " is empty");
        const Description description = layers_.back().describe();
        if (const auto order = weight_order(description, shape, output))
          (void)tensor(parameter_name(l, "weight"), order->extents());
        memory_.take_layer(layers_.back(), shape);
        shape = output;
      } catch (const Error& error) {
        refuse("layer ", l, ": ", error.what());
      }
    }
    memory_.take_margins(shape.channels);
  }

  /// The tensor of that name; throws if it is missing or of other extents.
  [[nodiscard]] const NamedTensor& tensor(const std::string& name,
                                          const std::vector<Index>& extents) const {
    const auto found = tensors_.find(name);
    if (found == tensors_.end())
      refuse("tensor '", name, "' is missing",
             name.ends_with(".bias") ? ": a layer without a bias says \"bias\": false" : "");
    if (found->second->extents != extents)
      refuse("tensor '", name, "' has the shape ", Json(found->second->extents).dump(),
             ", expected ", Json(extents).dump());
    return *found->second;
  }

  void fill(const GloroModel<Scalar>& model, std::size_t l, Parameter<Scalar>& parameter) {
    const std::string name = parameter_name(l, parameter.name);
    const WeightOrder order = order_in(model, l, parameter);
    const auto* values = std::get_if<std::vector<Scalar>>(&tensor(name, order.extents()).values);
    if (const auto* narrow = std::get_if<std::vector<float>>(&tensor(name, order.extents()).values);
        narrow && !values) {
      widened_.assign(narrow->begin(), narrow->end());
      values = &widened_;
    }
    for (std::size_t i = 0; i < values->size(); ++i)
      if (!std::isfinite((*values)[i]))
        refuse("tensor '", name, "': its value ", i, " is not finite");
    order.from_file(values->data(), parameter.value);
    tensors_.erase(name);
  }

  /// The singular vectors are not in the file: power iteration until the estimates hardly grow.
  static void settle(GloroModel<Scalar>& model) {
    Workers one(1);
    std::vector<Scalar> before = model.layer_lipschitz();
    const int most = model.affordable_steps(1000);
    for (int steps = 0; steps < most; steps += 10) {
      model.refresh_lipschitz(10, one);
      std::vector<Scalar> after = model.layer_lipschitz();
      const bool settled = std::equal(
          before.begin(), before.end(), after.begin(),
          [](Scalar old, Scalar now) { return !(now - old > Scalar(1e-5) * now); });
      if (settled) return;
      before = std::move(after);
    }
  }

  /// A file without the entry is for top-1.
  void read_guarantee(GloroModel<Scalar>& model) const {
    if (!content_.metadata.contains("guarantee")) return;
    const Json guarantee = json("guarantee");
    try {
      model.set_guarantee(guarantee_from_json(guarantee));
    } catch (const Error& error) {
      refuse("metadata 'guarantee': ", error.what());
    }
  }

  [[nodiscard]] ModelMetadata metadata() const {
    ModelMetadata metadata;
    if (content_.metadata.contains("epsilon")) {
      const Json epsilon = json("epsilon");
      if (!epsilon.is_number() || !(epsilon.get<double>() >= 0))
        refuse("metadata 'epsilon' must be a number >= 0, got ", epsilon.dump());
      metadata.epsilon = epsilon.get<double>();
    }
    if (content_.metadata.contains("input_range")) {
      const Json range = json("input_range");
      if (!range.is_array() || range.size() != 2 || !range[0].is_number() || !range[1].is_number() ||
          !(range[0].get<double>() <= range[1].get<double>()))
        refuse("metadata 'input_range' must be [least, largest], got ", range.dump());
      metadata.input_range = {range[0].get<double>(), range[1].get<double>()};
    }
    metadata.other = content_.metadata;
    for (const auto& key : reserved_metadata()) metadata.other.erase(key);
    return metadata;
  }

  Safetensors content_;
  MemoryAccount memory_;
  bool is_double_ = false;  // the precision of its tensors
  std::map<std::string, const NamedTensor*> tensors_;  // those that no layer has taken yet
  Shape input_;
  std::vector<AnyLayer<Scalar>> layers_;
  std::vector<Scalar> widened_;
};

}  // namespace detail

/// Writes the network, its guarantee and `metadata` to one file, atomically; float32 values for GloroModel<float>,
/// float64 for double. Throws ArgumentError, the old file untouched, for weights that are not
/// finite, metadata keys of the file's own, or a layer that does not describe itself; ShapeError for
/// weights that were given other extents.
template <std::floating_point Scalar>
void save_model(OutputFile file, const GloroModel<Scalar>& model,
                const ModelMetadata& metadata = {}) {
  model.require_extents();
  Safetensors content{{}, detail::metadata_of(model, metadata)};
  for (std::size_t l = 0; l < model.layers().size(); ++l)
    for (const Parameter<Scalar>* parameter : model.layers()[l].parameters()) {
      const std::string name = detail::parameter_name(l, parameter->name);
      if (!parameter->value.allFinite())
        throw ArgumentError(message("'", name, "' is not finite: such a model cannot be saved"));
      const WeightOrder order = order_in(model, l, *parameter);
      content.tensors.push_back({name, order.extents(), order.to_file(parameter->value)});
    }
  write_safetensors(std::move(file), content);
}

/// Rebuilds a network, its weights bit for bit. The file denotes one network: numbers in its metadata
/// are rounded to the precision of its tensors, in every loader, and every parameter is there. Bounds
/// are never read from a file: power iteration starts afresh, and a Certifier computes its own.
/// Throws FileError for a file that is damaged, says something that this version does not know, has
/// values that are not finite, is of float64 where Scalar is float, or describes a network that
/// takes more than `options.most_memory`.
template <std::floating_point Scalar>
[[nodiscard]] LoadedModel<Scalar> load_model(const std::filesystem::path& path,
                                             const LoadOptions<Scalar>& options = {}) {
  Safetensors content = read_safetensors(path);
  try {
    const double most = options.most_memory.value_or(
        0x1p30 + 32 * static_cast<double>(detail::bytes_of(content)));
    return detail::ModelBuilder<Scalar>(std::move(content), options.make_layer, most).build();
  } catch (const Error& error) {
    throw FileError(message(path.string(), ": ", error.what()));
  } catch (const std::bad_alloc&) {
    throw FileError(message(path.string(), ": its network does not fit into memory"));
  }
}

}  // namespace gloro
