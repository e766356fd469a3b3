// The data sets that programs know, by the names that their command lines use.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "gloro/core/error.hpp"
#include "gloro/data/benchmark.hpp"
#include "gloro/data/cifar10.hpp"
#include "gloro/data/fashion_mnist.hpp"
#include "gloro/data/mapped.hpp"
#include "gloro/data/mnist.hpp"

namespace gloro::data {

/// A new one has its line here.
inline constexpr std::array<const Benchmark*, 4> benchmarks{&mnist, &fashion_mnist, &cifar10,
                                                            &mapped};

/// For help texts and errors: "mnist, fashion_mnist, cifar10 or mapped".
[[nodiscard]] inline std::string benchmark_names() {
  std::string names;
  for (std::size_t i = 0; i < benchmarks.size(); ++i)
    names += std::string(i == 0                      ? ""
                         : i + 1 < benchmarks.size() ? ", "
                                                     : " or ") +
             std::string(benchmarks[i]->name);
  return names;
}

/// By its name; hyphens and underscores may be written or left out (cifar-10, fashion-mnist). Throws
/// ArgumentError, which lists what there is, for another name.
[[nodiscard]] inline const Benchmark& benchmark(std::string_view name) {
  const auto bare = [](std::string_view text) {
    std::string letters(text);
    std::erase_if(letters, [](char c) { return c == '-' || c == '_'; });
    return letters;
  };
  for (const Benchmark* known : benchmarks)
    if (bare(known->name) == bare(name)) return *known;
  throw ArgumentError(message("unknown data set '", name, "': expected ", benchmark_names()));
}

/// Both parts of the data set of that name, from its directory. Throws ArgumentError for a name that is
/// not known and FileError for files that are missing or damaged.
[[nodiscard]] inline Split load(std::string_view name, const std::filesystem::path& directory) {
  return benchmark(name)(directory);
}

}  // namespace gloro::data
