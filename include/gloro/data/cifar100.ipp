// The bodies of cifar100.hpp.
#pragma once

#include "gloro/data/cifar100.hpp"

#include "gloro/core/compiled.hpp"
#include "gloro/data/detail/cifar_records.hpp"

namespace gloro::data {

GLORO_INLINE Split cifar100_split(const std::filesystem::path& directory, Index train_records,
                                  Index test_records) {
  const std::array train{directory / "train.bin"}, test{directory / "test.bin"};
  return {detail::read_cifar_records<2>("CIFAR-100 train", train, train_records, 100),
          detail::read_cifar_records<2>("CIFAR-100 test", test, test_records, 100)};
}

namespace detail {

GLORO_INLINE Split read_cifar100(const std::filesystem::path& directory) {
  return cifar100_split(directory);
}

}  // namespace detail

}  // namespace gloro::data
