// The real data sets of the tests, in the folder that GLORO_TEST_DATA names (`data` without it), as
// scripts/fetch-data writes them.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include "catch.hpp"

/// The folder of the data set `name`. A test whose data are missing fails: scripts/test gets MNIST.
[[nodiscard]] inline std::filesystem::path real_data(const std::string& name) {
  const char* root = std::getenv("GLORO_TEST_DATA");
  const std::filesystem::path folder = std::filesystem::path(root ? root : "data") / name;
  if (!std::filesystem::is_directory(folder))
    FAIL("no data at " << folder << ": scripts/fetch-data " << name << " gets them");
  return folder;
}
