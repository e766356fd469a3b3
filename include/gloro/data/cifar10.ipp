// The bodies of cifar10.hpp.
#pragma once

#include "gloro/data/cifar10.hpp"

#include <utility>
#include <vector>

#include "gloro/core/compiled.hpp"
#include "gloro/core/error.hpp"
#include "gloro/data/detail/cifar_records.hpp"

namespace gloro::data {

GLORO_INLINE Dataset cifar10_batches(std::string name, std::span<const std::filesystem::path> paths,
                                     Index records) {
  return detail::read_cifar_records<1>(std::move(name), paths, records, 10);
}

GLORO_INLINE Split cifar10_split(const std::filesystem::path& directory, Index records) {
  std::vector<std::filesystem::path> train;
  for (int i = 1; i <= 5; ++i) train.push_back(directory / message("data_batch_", i, ".bin"));
  const std::array test{directory / "test_batch.bin"};
  return {cifar10_batches("CIFAR-10 train", train, records),
          cifar10_batches("CIFAR-10 test", test, records)};
}

namespace detail {

GLORO_INLINE Split read_cifar10(const std::filesystem::path& directory) {
  return cifar10_split(directory);
}

}  // namespace detail

}  // namespace gloro::data
