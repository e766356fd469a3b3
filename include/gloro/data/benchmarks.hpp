// Benchmarks: the data sets that the library knows, by the names that command lines use.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "gloro/core/error.hpp"
#include "gloro/data/cifar.hpp"
#include "gloro/data/dataset.hpp"
#include "gloro/data/idx.hpp"
#include "gloro/data/image_file.hpp"

namespace gloro::data {

namespace detail {

struct NamedSplit {
  std::string_view name;
  Split (*load)(const std::filesystem::path& directory);
};

[[nodiscard]] inline Split whole_cifar10(const std::filesystem::path& directory) {
  return cifar10(directory);
}

/// Each by the library's name and, where that differs, by that of scripts/fetch-data.
inline constexpr NamedSplit named_splits[] = {{"mnist", mnist},
                                              {"fashion_mnist", fashion_mnist},
                                              {"fashion-mnist", fashion_mnist},
                                              {"cifar10", whole_cifar10},
                                              {"cifar-10", whole_cifar10},
                                              {"mapped", mapped_split}};

[[nodiscard]] inline const NamedSplit& named_split(std::string_view name) {
  for (const NamedSplit& known : named_splits)
    if (name == known.name) return known;
  throw ArgumentError(
      message("unknown data set '", name, "': expected mnist, fashion_mnist, cifar10 or mapped"));
}

}  // namespace detail

/// Throws ArgumentError unless `name` is a data set that load() knows.
inline void require_known(const std::string& name) { (void)detail::named_split(name); }

/// Loads mnist, fashion_mnist or cifar10 (also fashion-mnist, cifar-10) from its directory; `mapped`
/// is any data set as train.images and test.images, mapped and not read (image_file.hpp).
/// Throws ArgumentError for another name and FileError for files that are missing or damaged.
[[nodiscard]] inline Split load(const std::string& name, const std::filesystem::path& directory) {
  return detail::named_split(name).load(directory);
}

}  // namespace gloro::data
