// The bodies of mnist.hpp.
#pragma once

#include "gloro/data/mnist.hpp"

#include "gloro/core/compiled.hpp"
#include "gloro/data/idx.hpp"

namespace gloro::data::detail {

GLORO_INLINE Split read_mnist(const std::filesystem::path& directory) {
  return idx_split("MNIST", directory);
}

}  // namespace gloro::data::detail
