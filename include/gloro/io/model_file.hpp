// A model as one safetensors file: the weights as tensors `layers.N.weight`, `layers.N.bias` in
// PyTorch's order, everything else in the metadata, so that the file alone is enough to rebuild the
// network here, in Python, or anywhere (docs/pytorch shows how).
#pragma once

#include <concepts>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "gloro/core/error.hpp"
#include "gloro/core/input_file.hpp"
#include "gloro/io/detail/model_builder.hpp"
#include "gloro/io/detail/weight_order.hpp"
#include "gloro/io/model_metadata.hpp"
#include "gloro/io/safetensors.hpp"
#include "gloro/layers/catalogue.hpp"
#include "gloro/model/gloro_model.hpp"

namespace gloro {

template <std::floating_point Scalar>
struct LoadedModel {
  GloroModel<Scalar> model;
  ModelMetadata metadata;
};

struct LoadOptions {
  /// The layers that the file may name: the library's, and a program's own.
  Catalogue catalogue = Catalogue::ours();
  /// Bytes that the network may take, as its layers state them (MemoryAccount), a certifier's table
  /// of margins and one sample's activations included. Not given: 1 GiB and 32 bytes for each of the
  /// file's, which is enough for its weights in every order and precision that they are held in, so
  /// that what is not paid for by the file's own size is bounded.
  std::optional<double> most_memory = {};
};

namespace detail {

/// Of its tensors' values.
[[nodiscard]] inline std::size_t bytes_of(const Safetensors& content) {
  std::size_t bytes = 0;
  for (const NamedTensor& tensor : content.tensors)
    std::visit([&](const auto& values) { bytes += values.size() * sizeof(values[0]); },
               tensor.values);
  return bytes;
}

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
      const WeightOrder order(*parameter);
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
                                             const LoadOptions& options = {}) {
  Safetensors content = read_safetensors(path);
  return within_memory(path, [&]() -> LoadedModel<Scalar> {
    try {
      const double most = options.most_memory.value_or(
          0x1p30 + 32 * static_cast<double>(detail::bytes_of(content)));
      ModelMetadata metadata = detail::metadata_from(content.metadata);
      return {detail::ModelBuilder<Scalar>(std::move(content), options.catalogue, most).build(),
              std::move(metadata)};
    } catch (const Error& error) {
      throw FileError(message(path.string(), ": ", error.what()));
    }
  });
}

}  // namespace gloro
