// Benchmarks: the data sets that the library knows, by the names that command lines use.
#pragma once

#include <filesystem>
#include <string>

#include "gloro/core/error.hpp"
#include "gloro/data/cifar.hpp"
#include "gloro/data/dataset.hpp"
#include "gloro/data/idx.hpp"
#include "gloro/data/image_file.hpp"

namespace gloro::data {

/// Throws ArgumentError unless `name` is a data set that load() knows.
inline void require_known(const std::string& name) {
  for (const char* known :
       {"mnist", "fashion_mnist", "fashion-mnist", "cifar10", "cifar-10", "mapped"})
    if (name == known) return;
  throw ArgumentError(
      message("unknown data set '", name, "': expected mnist, fashion_mnist, cifar10 or mapped"));
}

/// Loads mnist, fashion_mnist or cifar10 (also fashion-mnist, cifar-10) from its directory; `mapped`
/// is any data set as train.images and test.images, mapped and not read (image_file.hpp).
/// Throws ArgumentError for another name and FileError for files that are missing or damaged.
[[nodiscard]] inline Split load(const std::string& name, const std::filesystem::path& directory) {
  require_known(name);
  if (name == "mnist") return mnist(directory);
  if (name == "fashion_mnist" || name == "fashion-mnist") return fashion_mnist(directory);
  if (name == "cifar10" || name == "cifar-10") return cifar10(directory);
  return mapped_split(directory);
}

}  // namespace gloro::data
