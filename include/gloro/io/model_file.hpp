// A model as one safetensors file: the weights as tensors `layers.N.weight`, `layers.N.bias` in
// PyTorch's order, everything else in the metadata, so that the file alone is enough to rebuild the
// network here, in Python, or anywhere (docs/pytorch shows how).
#pragma once

#include <concepts>
#include <filesystem>
#include <optional>

#include "gloro/core/output_file.hpp"
#include "gloro/io/model_metadata.hpp"
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

/// Writes the network, its guarantee and `metadata` to one file, atomically; float32 values for GloroModel<float>,
/// float64 for double. Throws ArgumentError, the old file untouched, for weights that are not
/// finite, metadata keys of the file's own, or a layer that does not describe itself; ShapeError for
/// weights that were given other extents.
template <std::floating_point Scalar>
void save_model(OutputFile file, const GloroModel<Scalar>& model,
                const ModelMetadata& metadata = {});

/// Rebuilds a network, its weights bit for bit. The file denotes one network: numbers in its metadata
/// are rounded to the precision of its tensors, in every loader, and every parameter is there. Bounds
/// are never read from a file: power iteration starts afresh, and a Certifier computes its own.
/// Throws FileError for a file that is damaged, says something that this version does not know, has
/// values that are not finite, is of float64 where Scalar is float, or describes a network that
/// takes more than `options.most_memory`.
template <std::floating_point Scalar>
[[nodiscard]] LoadedModel<Scalar> load_model(const std::filesystem::path& path,
                                             const LoadOptions& options = {});

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/io/model_file.ipp"
#endif
