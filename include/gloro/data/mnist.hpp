// MNIST (LeCun, Cortes and Burges): 28x28x1, ten digits. `scripts/fetch-data mnist DIR` gets it.
#pragma once

#include <array>
#include <filesystem>

#include "gloro/data/benchmark.hpp"

namespace gloro::data {

namespace detail {

[[nodiscard]] Split read_mnist(const std::filesystem::path& directory);

inline constexpr std::array mnist_radii{0.1, 0.3, 0.5, 1.0, 1.58};

}  // namespace detail

inline constexpr Benchmark mnist{
    .name = "mnist", .read = detail::read_mnist, .radii = detail::mnist_radii};

}  // namespace gloro::data

#ifndef GLORO_COMPILED
#include "gloro/data/mnist.ipp"
#endif
