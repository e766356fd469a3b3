// Opening files to read: each reason why one cannot be opened is said, and none is taken for another.
#include "catch.hpp"

#include <filesystem>
#include <fstream>
#include <string>

#include "data/files.hpp"
#include "gloro/core/input_file.hpp"

#if defined(__unix__) || defined(__APPLE__)
#include <sys/stat.h>
#include <unistd.h>
#define GLORO_TEST_POSIX 1
#endif

namespace fs = std::filesystem;
using files::TemporaryDirectory;
using gloro::FileError;

namespace {

std::string why(const fs::path& path) {
  try {
    (void)gloro::open_to_read(path);
  } catch (const FileError& error) {
    const std::string text = error.what();
    REQUIRE(text.rfind(path.string() + ": ", 0) == 0);
    return text.substr(path.string().size() + 2);
  }
  return "opened";
}

}  // namespace

TEST_CASE("A file is opened and its size known") {
  const TemporaryDirectory folder;
  files::write(folder / "a", {1, 2, 3});
  CHECK(gloro::open_to_read(folder / "a").get() == 1);
  CHECK(gloro::size_of_file(folder / "a") == 3);
  CHECK(gloro::is_there(folder / "a"));
  CHECK(gloro::is_there(folder));
}

TEST_CASE("Only a file that is missing is said to be") {
  const TemporaryDirectory folder;
  files::write(folder / "a", {1});
  CHECK(why(folder / "b") == "no such file");
  CHECK(why(folder / "none" / "b") == "no such file");
  CHECK_FALSE(gloro::is_there(folder / "b"));
  CHECK_THAT(why(folder), ContainsText("is a folder"));
  CHECK_THROWS_AS(gloro::size_of_file(folder / "b"), FileError);
}

#ifdef GLORO_TEST_POSIX

TEST_CASE("Links that lead nowhere and names that no system takes are told from missing files") {
  const TemporaryDirectory folder;
  files::write(folder / "a", {1});
  fs::create_symlink("loop", folder / "loop");
  const std::string long_name(300, 'x');
  for (const fs::path& path : {folder / "loop", folder / "loop" / "b", folder / long_name,
                               folder / "a" / "b"}) {  // the last: a folder that is a file
    INFO(path);
    CHECK_THAT(why(path), ContainsText("cannot be opened (") && !ContainsText("no such file"));
    CHECK_THROWS_AS(gloro::is_there(path), FileError);
  }
  fs::create_symlink("b", folder / "link");
  CHECK(why(folder / "link") == "no such file");
  fs::create_symlink("a", folder / "good");
  CHECK(why(folder / "good") == "opened");
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK(why(folder / "pipe") == "not a regular file");  // and nobody waits for a writer
}

TEST_CASE("A locked file and a locked folder are said to be locked") {
  const TemporaryDirectory folder;
  fs::create_directory(folder / "locked");
  files::write(folder / "locked" / "a", {1});
  files::write(folder / "b", {1});
  fs::permissions(folder, fs::perms::owner_all | fs::perms::others_exec);
  fs::permissions(folder / "b", fs::perms::none);
  fs::permissions(folder / "locked", fs::perms::none);
  const bool is_root = ::geteuid() == 0;  // whom no lock stops
  if (is_root) REQUIRE(::seteuid(65534) == 0);
  const std::string of_file = why(folder / "b"), of_folder = why(folder / "locked" / "a");
  const std::string of_missing = why(folder / "locked" / "none");
  if (is_root) REQUIRE(::seteuid(0) == 0);
  fs::permissions(folder / "locked", fs::perms::owner_all);
  for (const std::string& text : {of_file, of_folder, of_missing})
    CHECK(text == "cannot be opened (Permission denied)");
}

#endif
