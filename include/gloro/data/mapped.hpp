// Any data set as train.images and test.images (data/image_file.hpp), mapped and not read.
#pragma once

#include "gloro/data/benchmark.hpp"
#include "gloro/data/image_file.hpp"

namespace gloro::data {

inline constexpr Benchmark mapped{.name = "mapped", .read = mapped_split};

}  // namespace gloro::data
