// OutputState where there is no POSIX, as on Windows: a file beside the path that takes its place by a
// rename. Of what core/output_file.hpp tells, links, owners, devices and the standard output are missing: what is
// there and is no plain file is refused.
#pragma once

#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#ifdef _WIN32
#include <io.h>
#endif

#include "gloro/core/error.hpp"

namespace gloro::detail {

class OutputState {
 public:
  explicit OutputState(const std::filesystem::path& path) : path_(path), stage_(path_) {
    require_writable();
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
#ifdef _WIN32
    if (::_commit(::_fileno(file_)) != 0) fail();  // to the disk
#endif
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
        if (are_one(outputs[i]->path(), outputs[j]->path()))
          throw ArgumentError(message(outputs[i]->path().string(), ": would be written twice"));
      for (const auto& input : inputs)
        if (are_one(outputs[i]->path(), input))
          throw ArgumentError(message(input.string(), ": would be read and written"));
    }
  }

 private:
  /// Whether two paths lead to one file; where there is none yet, whether they would: letters of either case
  /// are one to Windows.
  static bool are_one(const std::filesystem::path& a, const std::filesystem::path& b) {
    std::error_code ignored;
    if (std::filesystem::exists(a, ignored) || std::filesystem::exists(b, ignored))
      return std::filesystem::equivalent(a, b, ignored);
    const auto plain = [&](const std::filesystem::path& path) {
      std::string text =
          std::filesystem::absolute(path, ignored).lexically_normal().generic_string();
      for (char& letter : text)
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
      return text;
    };
    return plain(a) == plain(b);
  }

  void require_writable() const {
    const auto refuse = [&](const char* why) {
      throw FileError(message(path_.string(), ": cannot be written (", why, ")"));
    };
    if (path_ == "-") refuse("the standard output takes no files on this system");
    std::error_code ignored;
    const auto there = std::filesystem::status(path_, ignored);
    if (!std::filesystem::exists(there)) return;
    if (std::filesystem::is_directory(there)) refuse("is a folder");
    if (!std::filesystem::is_regular_file(there)) refuse("is no plain file");
    constexpr auto writable = std::filesystem::perms::owner_write;
    if ((there.permissions() & writable) == std::filesystem::perms::none) refuse("is read-only");
  }

  void open() {
    const std::filesystem::path& path = is_committed_ ? path_ : stage_;
#ifdef _WIN32  // whose fopen takes a path in the code page of the day
    file_ = ::_wfopen(path.c_str(), is_committed_ ? L"ab" : L"wb");
#else
    file_ = std::fopen(path.c_str(), is_committed_ ? "ab" : "wb");
#endif
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
    std::error_code ignored;
    if (!is_committed_) std::filesystem::remove(stage_, ignored);
    throw FileError(message(path_.string(), ": cannot be written"));
  }

  std::filesystem::path path_, stage_;
  std::FILE* file_ = nullptr;
  bool is_committed_ = false;
};

}  // namespace gloro::detail
