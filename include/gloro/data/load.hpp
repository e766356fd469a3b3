// The data sets that programs know, by the names that their command lines use.
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <string_view>

#include "gloro/data/benchmark.hpp"
#include "gloro/data/cifar10.hpp"
#include "gloro/data/cifar100.hpp"
#include "gloro/data/fashion_mnist.hpp"
#include "gloro/data/mapped.hpp"
#include "gloro/data/mnist.hpp"

namespace gloro::data {

/// A new one has its line here.
inline constexpr std::array<const Benchmark*, 5> benchmarks{&mnist, &fashion_mnist, &cifar10,
                                                            &cifar100, &mapped};

/// For help texts and errors: "mnist, fashion-mnist, cifar-10, cifar-100 or mapped".
[[nodiscard]] std::string benchmark_names();

/// By its name; hyphens may be left out or written as underscores (cifar10, fashion_mnist), and the
/// benchmark's name is the one to show. Throws ArgumentError, which lists what there is, for another.
[[nodiscard]] const Benchmark& benchmark(std::string_view name);

/// Both parts of the data set of that name, from its directory. Throws ArgumentError for a name that is
/// not known and FileError for files that are missing or damaged.
[[nodiscard]] Split load(std::string_view name, const std::filesystem::path& directory);

}  // namespace gloro::data

#ifndef GLORO_COMPILED
#include "gloro/data/load.ipp"
#endif
