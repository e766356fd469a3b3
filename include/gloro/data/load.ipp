// The bodies of load.hpp.
#pragma once

#include "gloro/data/load.hpp"

#include <cstddef>

#include "gloro/core/compiled.hpp"
#include "gloro/core/error.hpp"

namespace gloro::data {

GLORO_INLINE std::string benchmark_names() {
  std::string names;
  for (std::size_t i = 0; i < benchmarks.size(); ++i)
    names += std::string(i == 0                      ? ""
                         : i + 1 < benchmarks.size() ? ", "
                                                     : " or ") +
             std::string(benchmarks[i]->name);
  return names;
}

GLORO_INLINE const Benchmark& benchmark(std::string_view name) {
  const auto bare = [](std::string_view text) {
    std::string letters(text);
    std::erase_if(letters, [](char c) { return c == '-' || c == '_'; });
    return letters;
  };
  for (const Benchmark* known : benchmarks)
    if (bare(known->name) == bare(name)) return *known;
  throw ArgumentError(message("unknown data set '", name, "': expected ", benchmark_names()));
}

GLORO_INLINE Split load(std::string_view name, const std::filesystem::path& directory) {
  return benchmark(name)(directory);
}

}  // namespace gloro::data
