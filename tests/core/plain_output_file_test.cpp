// OutputFile on a plain file, as every system has it; what POSIX adds is in output_file_test.cpp.
#include "catch.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "gloro/core/error.hpp"
#include "gloro/core/output_file.hpp"
#include "temporary_directory.hpp"

namespace {

namespace fs = std::filesystem;

std::string text_in(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::ptrdiff_t count_files(const fs::path& folder) {
  return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
}

}  // namespace

TEST_CASE("A plain file keeps its bytes until others are committed, and has theirs then") {
  const TemporaryDirectory folder;
  std::ofstream(folder / "file", std::ios::binary) << "something longer than what comes";
  {
    gloro::OutputFile file(folder / "file");
    file.write("dropped");
  }
  CHECK(text_in(folder / "file") == "something longer than what comes");
  gloro::OutputFile file(folder / "file");
  file.write("two\nlines\n\x1a");
  CHECK(text_in(folder / "file") == "something longer than what comes");
  file.commit();
  CHECK(text_in(folder / "file") == "two\nlines\n\x1a");
  file.write("more");
  file.commit();
  file.write("never committed");
  CHECK(text_in(folder / "file").starts_with("two\nlines\n\x1amore"));
  CHECK(count_files(folder) == 1);
}

TEST_CASE("A plain file has any name, and where none can be is refused") {
  const TemporaryDirectory folder;
  const fs::path name = static_cast<const fs::path&>(folder) / fs::path(u8"Zürich 東京");
  gloro::OutputFile file(name);
  file.write("x");
  file.commit();
  CHECK(text_in(name) == "x");
  CHECK_THROWS_AS(gloro::OutputFile(folder), gloro::FileError);
  CHECK_THROWS_AS(gloro::OutputFile(folder / "missing/file"), gloro::FileError);
  fs::permissions(name, fs::perms::owner_read);
  CHECK_THROWS_AS(gloro::OutputFile(name), gloro::FileError);
  fs::permissions(name, fs::perms::owner_read | fs::perms::owner_write);
  const gloro::OutputFile again(name), other(folder / "other");
  CHECK_THROWS_AS(gloro::require_apart({&again, &again}), gloro::ArgumentError);
  CHECK_THROWS_AS(gloro::require_apart({&again}, {name}), gloro::ArgumentError);
  CHECK_NOTHROW(gloro::require_apart({&again, &other}, {folder / "third"}));
  fs::create_directory(folder / "inner");  // other words for the same place
  CHECK_THROWS_AS(gloro::require_apart({&again}, {folder / "inner" / ".." / name.filename()}),
                  gloro::ArgumentError);
}
