// Fashion-MNIST (Xiao, Rasul and Vollgraf 2017, arXiv 1708.07747), in the form of MNIST.
// `scripts/fetch-data fashion-mnist DIR` gets it.
#pragma once

#include <array>
#include <filesystem>
#include <string_view>

#include "gloro/data/benchmark.hpp"

namespace gloro::data {

namespace detail {

[[nodiscard]] Split read_fashion_mnist(const std::filesystem::path& directory);

inline constexpr std::array<std::string_view, 10> fashion_mnist_classes{
    "T-shirt", "trouser", "pullover", "dress", "coat",
    "sandal",  "shirt",   "sneaker",  "bag",   "ankle boot"};
inline constexpr std::array fashion_mnist_radii{0.1, 0.3, 0.5, 1.0, 1.58};

}  // namespace detail

inline constexpr Benchmark fashion_mnist{.name = "fashion-mnist",
                                         .read = detail::read_fashion_mnist,
                                         .classes = detail::fashion_mnist_classes,
                                         .radii = detail::fashion_mnist_radii};

}  // namespace gloro::data

#ifndef GLORO_COMPILED
#include "gloro/data/fashion_mnist.ipp"
#endif
