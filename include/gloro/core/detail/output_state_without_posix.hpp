// OutputState where there is no POSIX: a file beside the path that takes its place by a rename, and
// nothing else of what core/output_file.hpp tells.
#pragma once

#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "gloro/core/error.hpp"

namespace gloro::detail {

class OutputState {
 public:
  explicit OutputState(const std::filesystem::path& path) : path_(path), stage_(path_) {
    stage_ += ".gloro-part";
    open();
    close();
  }
  OutputState(const OutputState&) = delete;
  OutputState& operator=(const OutputState&) = delete;
  ~OutputState() { close(); }

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] bool is_stream() const { return false; }
  [[nodiscard]] bool is_standard_output() const { return false; }

  void write(const void* data, std::size_t bytes) {
    if (!file_) open();
    if (bytes != 0 && std::fwrite(data, 1, bytes, file_) != bytes) fail();
  }

  void commit() {
    write(nullptr, 0);
    if (std::fflush(file_) != 0) fail();
    if (is_committed_) return;
    if (std::fclose(std::exchange(file_, nullptr)) != 0) fail();
    std::error_code error;
    std::filesystem::rename(stage_, path_, error);
    if (error) fail();
    is_committed_ = true;
  }

  static void require_apart(const std::vector<const OutputState*>& outputs,
                            const std::vector<std::filesystem::path>& inputs) {
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j)
        if (outputs[i]->path() == outputs[j]->path())
          throw ArgumentError(message(outputs[i]->path().string(), ": would be written twice"));
      for (const auto& input : inputs)
        if (outputs[i]->path() == input)
          throw ArgumentError(message(input.string(), ": would be read and written"));
    }
  }

 private:
  void open() {
    file_ =
        std::fopen((is_committed_ ? path_ : stage_).string().c_str(), is_committed_ ? "ab" : "wb");
    if (!file_) fail();
  }
  void close() noexcept {
    if (!file_) return;
    std::fclose(std::exchange(file_, nullptr));
    std::error_code ignored;
    if (!is_committed_) std::filesystem::remove(stage_, ignored);
  }
  [[noreturn]] void fail() {
    close();
    throw FileError(message(path_.string(), ": cannot be written"));
  }

  std::filesystem::path path_, stage_;
  std::FILE* file_ = nullptr;
  bool is_committed_ = false;
};

}  // namespace gloro::detail
