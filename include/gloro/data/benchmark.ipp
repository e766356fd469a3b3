// The bodies of benchmark.hpp.
#pragma once

#include "gloro/data/benchmark.hpp"

#include <string>
#include <vector>

#include "gloro/core/compiled.hpp"

namespace gloro::data {

GLORO_INLINE Split Benchmark::operator()(const std::filesystem::path& directory) const {
  Split split = read(directory);
  for (Dataset* part : {&split.train, &split.test}) {
    if (!classes.empty())
      *part = part->with_class_names(std::vector<std::string>(classes.begin(), classes.end()));
    *part = part->with_radii({radii.begin(), radii.end()});
  }
  return split;
}

}  // namespace gloro::data
