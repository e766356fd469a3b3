// Benchmark: a data set that papers quote, said once: its name, how it is read, its classes and radii.
//   const auto [train, test] = data::mnist("data/mnist");
#pragma once

#include <filesystem>
#include <span>
#include <string_view>

#include "gloro/data/dataset.hpp"

namespace gloro::data {

struct Benchmark {
  std::string_view name;  ///< on command lines
  Split (*read)(const std::filesystem::path& directory);
  std::span<const std::string_view> classes = {};  ///< none: digits, or not known before it is read
  std::span<const double> radii = {};              ///< in 2-norm, of pixels in [0, 1]

  /// Both parts, which know their classes and radii. Throws FileError for files that are missing or
  /// damaged.
  [[nodiscard]] Split operator()(const std::filesystem::path& directory) const;
};

}  // namespace gloro::data

#ifndef GLORO_COMPILED
#include "gloro/data/benchmark.ipp"
#endif
