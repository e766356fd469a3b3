// The safetensors format (https://huggingface.co/docs/safetensors): eight bytes with the length of
// a JSON header, little-endian; the header, which names each tensor, its type, its extents and
// where its bytes lie; the bytes, row by row. Reading believes nothing: whatever does not fit is a
// FileError.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "gloro/core/output_file.hpp"
#include "gloro/core/shape.hpp"

namespace gloro {

/// A tensor by name: float32 or float64 values, the last extent fastest.
struct NamedTensor {
  std::string name;
  std::vector<Index> extents;
  std::variant<std::vector<float>, std::vector<double>> values;
};

/// What a safetensors file holds.
struct Safetensors {
  std::vector<NamedTensor> tensors;  ///< in the order of their bytes
  std::map<std::string, std::string> metadata;
};

/// Reads and checks a whole file; throws FileError if it is missing, damaged, or holds other types
/// than F32 and F64. Takes memory in proportion to the file's size, whatever its header claims.
[[nodiscard]] Safetensors read_safetensors(const std::filesystem::path& path);

/// Writes `content` atomically: a crash leaves the old file or the new one. Throws FileError where
/// the disk refuses, ArgumentError where names repeat or values do not fill their extents.
void write_safetensors(OutputFile file, const Safetensors& content);

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/io/safetensors.ipp"
#endif
