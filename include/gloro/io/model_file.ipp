// The bodies of model_file.hpp.
#pragma once

#include "gloro/io/model_file.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/core/input_file.hpp"
#include "gloro/core/parameter.hpp"
#include "gloro/io/detail/metadata_entries.hpp"
#include "gloro/io/detail/model_builder.hpp"
#include "gloro/io/detail/weight_order.hpp"
#include "gloro/io/safetensors.hpp"

namespace gloro {

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

template <std::floating_point Scalar>
void save_model(OutputFile file, const GloroModel<Scalar>& model, const ModelMetadata& metadata) {
  model.require_extents();
  const GloroModel<Scalar> plain = model.plain();
  Safetensors content{{}, detail::metadata_of(plain, metadata)};
  for (std::size_t l = 0; l < plain.layers().size(); ++l) {
    const std::vector<std::string> names = detail::parameter_names(plain, l);
    const auto parameters = plain.layers()[l].parameters();
    for (std::size_t p = 0; p < parameters.size(); ++p) {
      const Parameter<Scalar>* parameter = parameters[p];
      const std::string& name = names.at(p);
      if (!parameter->value.allFinite())
        throw ArgumentError(message("'", name, "' is not finite: such a model cannot be saved"));
      const WeightOrder order(*parameter);
      content.tensors.push_back({name, order.extents(), order.to_file(parameter->value)});
    }
  }
  write_safetensors(std::move(file), content);
}

template <std::floating_point Scalar>
LoadedModel<Scalar> load_model(const std::filesystem::path& path, const LoadOptions& options) {
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

#ifdef GLORO_COMPILING
template void save_model<float>(OutputFile, const GloroModel<float>&, const ModelMetadata&);
template void save_model<double>(OutputFile, const GloroModel<double>&, const ModelMetadata&);
template LoadedModel<float> load_model<float>(const std::filesystem::path&, const LoadOptions&);
template LoadedModel<double> load_model<double>(const std::filesystem::path&, const LoadOptions&);
#endif

}  // namespace gloro
