// From the content of a model file to the network: by the layers' own descriptions, each claim of the
// file checked before anything is taken for it.
#pragma once

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/core/parameter.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/io/detail/description_json.hpp"
#include "gloro/io/detail/memory_account.hpp"
#include "gloro/io/detail/metadata_entries.hpp"
#include "gloro/io/detail/test_vectors.hpp"
#include "gloro/io/detail/weight_order.hpp"
#include "gloro/io/guarantee_json.hpp"
#include "gloro/io/json.hpp"
#include "gloro/io/safetensors.hpp"
#include "gloro/layers/any_layer.hpp"
#include "gloro/layers/catalogue.hpp"
#include "gloro/layers/description.hpp"
#include "gloro/layers/detail/in_order.hpp"
#include "gloro/model/gloro_model.hpp"
#include "gloro/model/settle.hpp"

namespace gloro::detail {

/// Of layer l in a file, in the order of its parameters.
template <std::floating_point Scalar>
[[nodiscard]] std::vector<std::string> parameter_names(const GloroModel<Scalar>& model,
                                                       std::size_t l) {
  return parameter_names("layers." + std::to_string(l), model.layers()[l], model.input_shape(l));
}

/// Puts a model together from a file's content; throws Error without the file's name.
template <std::floating_point Scalar>
class ModelBuilder {
 public:
  ModelBuilder(Safetensors content, const Catalogue& catalogue, double most_memory)
      : content_(std::move(content)), memory_(most_memory) {
    for (auto& tensor : content_.tensors)
      if (TestVectors::has(tensor.name))
        test_vectors_.add(tensor);
      else
        tensors_.emplace(tensor.name, &tensor);
    if (text("format") != "gloro") refuse("its format is '", text("format"), "', expected 'gloro'");
    if (text("version") != "1") refuse("its version is '", text("version"), "', expected '1'");
    read_precision();
    read_input_shape();
    read_layers(catalogue);
  }

  [[nodiscard]] GloroModel<Scalar> build() {
    auto model = GloroModel<Scalar>::placed(input_, std::move(layers_));
    const std::vector<Parameter<Scalar>*> parameters = model.parameters();
    std::size_t next = 0;
    for (std::size_t l = 0; l < model.layers().size(); ++l)
      for (const std::string& name : parameter_names(model, l)) fill(name, *parameters.at(next++));
    if (!tensors_.empty())
      refuse("tensor '", tensors_.begin()->first, "' belongs to no layer of the network");
    // The singular vectors are not in the file.
    settle_lipschitz(model, {.tolerance = 1e-5, .most_steps = 1000});
    read_guarantee(model);
    test_vectors_.require(model);
    return model;
  }

 private:
  template <typename... Parts>
  [[noreturn]] static void refuse(const Parts&... defect) {
    throw Error(message(defect...));
  }

  [[nodiscard]] const std::string& text(const std::string& key) const {
    return text_entry(content_.metadata, key);
  }

  [[nodiscard]] Json json(const std::string& key) const {
    return json_entry(content_.metadata, key);
  }

  /// One precision is the whole file's: its numbers in words are meant in it too, so that the network
  /// is the same whoever loads it, in float or in double.
  void read_precision() {
    const auto is_double = [](const auto& named) { return named.second->values.index() == 1; };
    is_double_ = std::any_of(tensors_.begin(), tensors_.end(), is_double);
    if (is_double_ && !std::all_of(tensors_.begin(), tensors_.end(), is_double))
      refuse("it has tensors of F32 and of F64: expected one precision for the whole network");
    if (is_double_ && std::same_as<Scalar, float>)
      refuse(
          "its tensors are F64, and rounded to float it would be another network: load it as "
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

  /// Follows the shapes through the network and adds up what the layers say that they need, before any
  /// of them takes it.
  void read_layers(const Catalogue& catalogue) {
    const Json list = json("layers");
    if (!list.is_array()) refuse("metadata 'layers' must be a list");
    Shape shape = input_;
    for (std::size_t l = 0; l < list.size(); ++l) {
      in_layer(l, [&] {
        layers_.push_back(catalogue.make<Scalar>(described(list[l])));
        const Shape output = layers_.back().output_shape(shape);
        if (output.size() < 1) refuse("its output of ", output, " is empty");
        memory_.take_layer(layers_.back(), shape);
        shape = output;
      });
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

  void fill(const std::string& name, Parameter<Scalar>& parameter) {
    const WeightOrder order(parameter);
    const NamedTensor& stored = tensor(name, order.extents());
    const auto* values = std::get_if<std::vector<Scalar>>(&stored.values);
    if (const auto* narrow = std::get_if<std::vector<float>>(&stored.values); narrow && !values) {
      widened_.assign(narrow->begin(), narrow->end());
      values = &widened_;
    }
    for (std::size_t i = 0; i < values->size(); ++i)
      if (!std::isfinite((*values)[i]))
        refuse("tensor '", name, "': its value ", i, " is not finite");
    order.from_file(values->data(), parameter.value);
    tensors_.erase(name);
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

  Safetensors content_;
  MemoryAccount memory_;
  bool is_double_ = false;                             // the precision of its tensors
  std::map<std::string, const NamedTensor*> tensors_;  // those that no layer has taken yet
  TestVectors test_vectors_;
  Shape input_;
  std::vector<AnyLayer<Scalar>> layers_;
  std::vector<Scalar> widened_;
};

}  // namespace gloro::detail
