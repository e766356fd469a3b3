// AtomicFile: whatever happens before commit(), the file that was there stays as it was.
#include "catch.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

#include "gloro/core/atomic_file.hpp"

using gloro::AtomicFile;
using gloro::FileError;
namespace fs = std::filesystem;

namespace {

/// An empty directory of its own, removed at the end.
class TemporaryDirectory {
 public:
  TemporaryDirectory()
      : path_(fs::temp_directory_path() / ("gloro-" + std::to_string(std::random_device{}()))) {
    fs::create_directory(path_);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  [[nodiscard]] fs::path operator/(const char* name) const { return path_ / name; }
  [[nodiscard]] std::ptrdiff_t files() const {
    return std::distance(fs::directory_iterator(path_), fs::directory_iterator());
  }

 private:
  fs::path path_;
};

std::string contents(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write(AtomicFile& file, const std::string& text) {
  file.write(text.data(), text.size());
}

}  // namespace

TEST_CASE("A committed file holds what was written, and nothing else is left") {
  const TemporaryDirectory directory;
  AtomicFile file(directory / "new");
  write(file, "first ");
  write(file, "");
  write(file, std::string(100000, 'x'));
  CHECK_FALSE(fs::exists(directory / "new"));
  file.commit();
  CHECK(contents(directory / "new") == "first " + std::string(100000, 'x'));
  CHECK(directory.files() == 1);
}

TEST_CASE("Without commit the old file is intact and no other is left") {
  const TemporaryDirectory directory;
  std::ofstream(directory / "old") << "precious";
  {
    AtomicFile file(directory / "old");
    write(file, "half of a new");
    CHECK(contents(directory / "old") == "precious");
  }
  CHECK(contents(directory / "old") == "precious");
  CHECK(directory.files() == 1);
}

TEST_CASE("Commit replaces the old file as a whole") {
  const TemporaryDirectory directory;
  std::ofstream(directory / "old") << "something longer than the new file";
  AtomicFile file(directory / "old");
  write(file, "new");
  file.commit();
  CHECK(contents(directory / "old") == "new");
  CHECK(directory.files() == 1);
}

TEST_CASE("Two writers of one path do not meet: the last to commit wins") {
  const TemporaryDirectory directory;
  AtomicFile first(directory / "shared"), second(directory / "shared");
  write(first, "first");
  write(second, "second");
  second.commit();
  first.commit();
  CHECK(contents(directory / "shared") == "first");
  CHECK(directory.files() == 1);
}

TEST_CASE("A directory that is not there is named") {
  const TemporaryDirectory directory;
  CHECK_THROWS_AS(AtomicFile(directory / "missing" / "file"), FileError);
  CHECK_THROWS_WITH(AtomicFile(directory / "missing" / "file"), ContainsText("missing/file"));
}

TEST_CASE("A commit that cannot take the path leaves nothing behind") {
  const TemporaryDirectory directory;
  fs::create_directory(directory / "taken");
  std::ofstream(directory / "taken" / "inside") << "x";
  {
    AtomicFile file(directory / "taken");  // a directory that is not empty: rename must fail
    write(file, "new");
    CHECK_THROWS_AS(file.commit(), FileError);
  }
  CHECK(fs::is_directory(directory / "taken"));
  CHECK(directory.files() == 1);
}
