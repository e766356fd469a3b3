// ONNX import: a network that was trained anywhere, as layers of this library, to be certified, attacked
// or trained on. docs/onnx.md has the table of what is taken.
//
// What is proved afterwards is proved of the network that is loaded. Linear neighbours are folded in
// double, a batch norm into the convolution before it say, and every weight is rounded once to the
// precision that is asked for; so the network that is loaded is not, to the last bit, the file's. Loaded
// as it stands ({.is_folded = false}) it differs by no more than what ONNX's own operators round.
#pragma once

#include <concepts>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/core/input_file.hpp"
#include "gloro/core/number.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/io/detail/memory_account.hpp"
#include "gloro/io/detail/onnx_file.hpp"
#include "gloro/io/detail/onnx_folding.hpp"
#include "gloro/io/detail/onnx_network.hpp"
#include "gloro/io/detail/onnx_translation.hpp"
#include "gloro/io/model_metadata.hpp"
#include "gloro/model/gloro_model.hpp"

namespace gloro {

struct OnnxOptions {
  /// What an image is to be, where the file leaves it open: its extents are free, or its input is flat
  /// (then it is read channel by channel, as PyTorch flattens). Not given: as the file says.
  std::optional<Shape> input = {};
  /// The output that holds the logits. Empty: the only one, or the one called "logits".
  std::string output = {};
  /// Whether linear neighbours are folded, so that bounds are tighter.
  bool is_folded = true;
  /// Bytes that the network may take, as LoadOptions has it.
  std::optional<double> most_memory = {};
};

template <std::floating_point Scalar>
struct OnnxModel {
  GloroModel<Scalar> model;
  ModelMetadata metadata;            ///< of a file that export_onnx wrote, its epsilon
  std::vector<std::string> remarks;  ///< what was folded, and what was left out, node by node
};

/// Reads the network of an ONNX file. Throws FileError, which begins with the path: for a file that is
/// damaged, takes more than `options.most_memory`, or has nodes that are not taken, all of them named;
/// and for one of float64 where Scalar is float.
template <std::floating_point Scalar = float>
[[nodiscard]] OnnxModel<Scalar> load_onnx(const std::filesystem::path& path,
                                          const OnnxOptions& options = {}) {
  return within_memory(path, [&]() -> OnnxModel<Scalar> {
    try {
      const detail::OnnxFile file(path);
      MemoryAccount memory(
          options.most_memory.value_or(0x1p30 + 32 * static_cast<double>(file.bytes())));
      detail::OnnxTranslation network(file, options.output, options.input, memory);
      if (network.is_double() && std::same_as<Scalar, float>)
        throw Error(
            "its numbers are float64, and rounded to float it would be another network: load it as "
            "GloroModel<double> (certify --double)");
      detail::OnnxFolding folding(options.is_folded, network.remarks());
      detail::OnnxSteps steps = folding(network.steps());
      detail::end_dense(steps, network.input(), network.output(), memory);
      GloroModel<Scalar> model =
          detail::OnnxNetwork<Scalar>(memory).build(network.input(), std::move(steps));
      ModelMetadata metadata;
      metadata.other = file.metadata();
      if (const auto found = metadata.other.find("epsilon"); found != metadata.other.end())
        if (const auto epsilon = to_number(found->second); epsilon && *epsilon >= 0) {
          metadata.epsilon = epsilon;
          metadata.other.erase(found);
        }
      return {std::move(model), std::move(metadata), network.remarks()};
    } catch (const FileError&) {
      throw;
    } catch (const Error& error) {
      throw FileError(message(path.string(), ": ", error.what()));
    }
  });
}

}  // namespace gloro
