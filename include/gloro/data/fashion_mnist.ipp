// The bodies of fashion_mnist.hpp.
#pragma once

#include "gloro/data/fashion_mnist.hpp"

#include "gloro/core/compiled.hpp"
#include "gloro/data/idx.hpp"

namespace gloro::data::detail {

GLORO_INLINE Split read_fashion_mnist(const std::filesystem::path& directory) {
  return idx_split("Fashion-MNIST", directory);
}

}  // namespace gloro::data::detail
