// A new folder for a test, gone with its holder.
#pragma once

#include <filesystem>
#include <random>
#include <string>
#include <system_error>

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::random_device entropy;
    do {
      path_ = std::filesystem::temp_directory_path() /
              ("gloro-test-" + std::to_string(entropy()) + std::to_string(entropy()));
    } while (!std::filesystem::create_directory(path_));
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const {
    return path_ / name;
  }
  operator const std::filesystem::path&() const { return path_; }

 private:
  std::filesystem::path path_;
};
