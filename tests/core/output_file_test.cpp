// OutputFile: whatever happens before commit(), the file that was there stays as it was; and what a file
// is besides its bytes (a link, a mode, a device) it stays.
#include "catch.hpp"

#include <sys/file.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

#include "gloro/core/error.hpp"
#include "gloro/core/output_file.hpp"
#include "temporary_directory.hpp"

using gloro::ArgumentError;
using gloro::FileError;
using gloro::OutputFile;
namespace fs = std::filesystem;

namespace {

std::ptrdiff_t files_in(const fs::path& directory) {
  return std::distance(fs::directory_iterator(directory), fs::directory_iterator());
}

std::string contents(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void put(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

void write(OutputFile file, const std::string& text) {
  file.write(text);
  file.commit();
}

struct stat about(const fs::path& path) {
  struct stat found {};
  REQUIRE(::lstat(path.c_str(), &found) == 0);
  return found;
}

unsigned mode(const fs::path& path) { return about(path).st_mode & 07777U; }

bool is_root() { return ::geteuid() == 0; }

/// A small file system of its own at `folder`, while it lives; only root can make one, and not everywhere.
class SmallDisk {
 public:
  SmallDisk(const fs::path& folder, const char* options) : folder_(folder) {
    fs::create_directory(folder);
    is_there_ = ::mount("tmpfs", folder.c_str(), "tmpfs", 0, options) == 0;
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    if (is_there_) (void)::umount(folder_.c_str());
  }
  [[nodiscard]] explicit operator bool() const { return is_there_; }

 private:
  fs::path folder_;
  bool is_there_;
};

}  // namespace

TEST_CASE("A committed file holds what was written and nothing else is left") {
  const TemporaryDirectory directory;
  OutputFile file(directory / "new");
  file.write("first ");
  file.write("");
  file.write(std::string(200000, 'x'));
  CHECK_FALSE(fs::exists(directory / "new"));
  file.commit();
  CHECK(contents(directory / "new") == "first " + std::string(200000, 'x'));
  CHECK(files_in(directory) == 1);
}

TEST_CASE("Trying an output leaves no trace") {
  const TemporaryDirectory directory;
  put(directory / "old", "precious");
  {
    const OutputFile fresh(directory / "new"), old(directory / "old");
    CHECK(files_in(directory) == 1);
  }
  CHECK(contents(directory / "old") == "precious");
  CHECK(files_in(directory) == 1);
}

TEST_CASE("Without commit the old file is intact and no other is left") {
  const TemporaryDirectory directory;
  put(directory / "old", "precious");
  {
    OutputFile file(directory / "old");
    file.write(std::string(200000, 'x'));
    CHECK(contents(directory / "old") == "precious");
  }
  CHECK(contents(directory / "old") == "precious");
  CHECK(files_in(directory) == 1);
}

TEST_CASE("Commit replaces the old file as a whole") {
  const TemporaryDirectory directory;
  put(directory / "old", "something longer than the new file");
  const auto inode = about(directory / "old").st_ino;
  write(directory / "old", "new");
  CHECK(contents(directory / "old") == "new");
  CHECK(about(directory / "old").st_ino != inode);  // by a rename: a crash finds one of the two
  CHECK(files_in(directory) == 1);
}

TEST_CASE("What is written after a commit is added at the end by the next one") {
  const TemporaryDirectory directory;
  put(directory / "log", "old");
  fs::create_hard_link(directory / "log", directory / "second");
  for (const char* const name : {"new", "log"}) {
    OutputFile file(directory / name);
    for (const char* const line : {"one\n", "two\n", "three\n"}) {
      file.write(line);
      file.commit();
    }
    file.write(std::string(100000, 'x'));  // never committed
  }
  CHECK(contents(directory / "new") == "one\ntwo\nthree\n");
  CHECK(contents(directory / "second") == "one\ntwo\nthree\n");
}

TEST_CASE("Two writers of one path do not meet and the last to commit wins") {
  const TemporaryDirectory directory;
  OutputFile first(directory / "shared"), second(directory / "shared");
  first.write(std::string(100000, '1'));
  second.write(std::string(100000, '2'));
  second.commit();
  CHECK(contents(directory / "shared") == std::string(100000, '2'));
  first.commit();
  CHECK(contents(directory / "shared") == std::string(100000, '1'));
  CHECK(files_in(directory) == 1);
}

TEST_CASE("What a killed writer has left is removed by the next writer of the same file") {
  const TemporaryDirectory directory;
  put(directory / "file.gloro-part", "left behind");
  put(directory / "other.gloro-part", "of another file");
  write(directory / "file", "new");
  CHECK(contents(directory / "file") == "new");
  CHECK_FALSE(fs::exists(directory / "file.gloro-part"));
  CHECK(contents(directory / "other.gloro-part") == "of another file");
}

TEST_CASE("What another writer is writing is not removed") {
  const TemporaryDirectory directory;
  put(directory / "file.gloro-part", "half");
  const int held = ::open((directory / "file.gloro-part").c_str(), O_RDONLY);
  REQUIRE(::flock(held, LOCK_EX) == 0);
  write(directory / "file", "new");
  CHECK(contents(directory / "file") == "new");
  CHECK(contents(directory / "file.gloro-part") == "half");
  (void)::close(held);
}

TEST_CASE("A link where the temporary file would be is not followed") {
  const TemporaryDirectory directory;
  put(directory / "precious", "precious");
  fs::create_symlink("precious", directory / "file.gloro-part");
  write(directory / "file", "new");
  CHECK(contents(directory / "precious") == "precious");
  CHECK(contents(directory / "file") == "new");
}

TEST_CASE("What cannot be a file to write is refused by name") {
  const TemporaryDirectory directory;
  put(directory / "file", "x");
  fs::create_symlink("round", directory / "round");
  const auto refused = [](const fs::path& path, const std::string& words) {
    CHECK_THROWS_AS(OutputFile(path), FileError);
    CHECK_THROWS_WITH(OutputFile(path), ContainsText(path.string()) && ContainsText(words));
  };
  refused(directory / "missing" / "file", "there is no folder");
  refused(directory / ".", "is a folder");
  refused(directory / "new/", "names a folder");
  refused(directory / "file/", "names a folder");
  refused(directory / "file" / "inside", "Not a directory");
  refused(directory / "round", "leads to itself");
  refused(directory / std::string(300, 'x'), "File name too long");
  CHECK_THROWS_WITH(OutputFile(""), ContainsText("empty name"));
  CHECK(files_in(directory) == 2);
}

TEST_CASE("A file with the longest name that a system allows is written") {
  const TemporaryDirectory directory;
  write(directory / std::string(255, 'x'), "new");
  CHECK(contents(directory / std::string(255, 'x')) == "new");
}

TEST_CASE("A file that is marked as read only is refused and stays") {
  const TemporaryDirectory directory;
  put(directory / "file", "precious");
  fs::permissions(directory / "file", fs::perms(0444));
  CHECK_THROWS_WITH(OutputFile(directory / "file"), ContainsText("read-only"));
  fs::create_symlink("file", directory / "link");
  CHECK_THROWS_WITH(OutputFile(directory / "link"), ContainsText("read-only"));
  CHECK(contents(directory / "file") == "precious");
  CHECK(mode(directory / "file") == 0444);
}

TEST_CASE("The mode of a file stays and a new file has that of any new file") {
  const TemporaryDirectory directory;
  for (const unsigned kept : {0600U, 0640U, 0664U, 0755U, 0200U}) {
    put(directory / "file", "old");
    fs::permissions(directory / "file", fs::perms(kept));
    write(directory / "file", "new");
    CHECK(mode(directory / "file") == kept);
  }
  const mode_t before = ::umask(027);
  write(directory / "new", "new");
  ::umask(before);
  CHECK(mode(directory / "new") == 0640);
}

TEST_CASE("The owner of a file stays") {
  if (!is_root()) {
    WARN("NOT TESTED: only root can give a file away");
    return;
  }
  const TemporaryDirectory directory;
  put(directory / "file", "old");
  REQUIRE(::chown((directory / "file").c_str(), 1234, 4321) == 0);
  REQUIRE(::chmod((directory / "file").c_str(), 06755) == 0);
  write(directory / "file", "new");
  CHECK(about(directory / "file").st_uid == 1234);
  CHECK(about(directory / "file").st_gid == 4321);
  CHECK(mode(directory / "file") == 06755);
}

TEST_CASE("Links are followed and stay links") {
  const TemporaryDirectory directory;
  fs::create_directory(directory / "disk");
  put(directory / "disk/file", "old");
  fs::create_symlink("disk/file", directory / "relative");
  fs::create_symlink(directory / "disk/file", directory / "absolute");
  fs::create_symlink("relative", directory / "chain");
  fs::create_symlink("disk", directory / "folder");
  fs::create_symlink("../disk/new", directory / "disk/dangling");
  for (const char* const name : {"relative", "absolute", "chain", "folder/file"}) {
    write(directory / name, name);
    CHECK(contents(directory / "disk/file") == name);
  }
  write(directory / "disk/dangling", "new");
  CHECK(contents(directory / "disk/new") == "new");
  for (const char* const name : {"relative", "absolute", "chain", "folder", "disk/dangling"})
    CHECK(fs::is_symlink(directory / name));
  CHECK_FALSE(fs::is_symlink(directory / "disk/file"));
  CHECK(files_in(directory) == 5);
}

TEST_CASE("Both names of a file with two hold what was written") {
  const TemporaryDirectory directory;
  for (const auto& [before, after] : {std::pair(10, 300000), {300000, 10}, {10, 0}}) {
    put(directory / "one", std::string(static_cast<std::size_t>(before), 'o'));
    fs::create_hard_link(directory / "one", directory / "two");
    write(directory / "one", std::string(static_cast<std::size_t>(after), 'n'));
    CHECK(contents(directory / "two") == std::string(static_cast<std::size_t>(after), 'n'));
    CHECK(about(directory / "one").st_nlink == 2);
    CHECK(files_in(directory) == 2);
    fs::remove(directory / "one");
    fs::remove(directory / "two");
  }
}

TEST_CASE("A pipe is written through and stays a pipe") {
  const TemporaryDirectory directory;
  REQUIRE(::mkfifo((directory / "pipe").c_str(), 0600) == 0);
  std::string read;
  std::thread reader([&] { read = contents(directory / "pipe"); });
  {
    OutputFile file(directory / "pipe");
    CHECK(file.is_stream());
    file.write(std::string(100000, 'x'));
    file.commit();
    file.write("more");
    file.commit();
  }
  reader.join();
  CHECK(read == std::string(100000, 'x') + "more");
  CHECK(fs::is_fifo(directory / "pipe"));
  CHECK(files_in(directory) == 1);
}

TEST_CASE("A device is written through and stays a device") {
  const TemporaryDirectory directory;
  if (!is_root() || ::mknod((directory / "null").c_str(), S_IFCHR | 0666, makedev(1, 3)) != 0 ||
      !std::ofstream(directory / "null")) {
    WARN("NOT TESTED: no device can be made here");
    return;
  }
  fs::create_symlink("null", directory / "link");
  for (const char* const name : {"null", "link"}) {
    write(directory / name, "gone");
    CHECK(fs::is_character_file(directory / "null"));
  }
  CHECK(fs::is_symlink(directory / "link"));
  CHECK(files_in(directory) == 2);
}

TEST_CASE("A device that takes nothing is an error") {
  OutputFile file("/dev/full");
  file.write("text");
  CHECK_THROWS_WITH(file.commit(), ContainsText("/dev/full") && ContainsText("No space left"));
}

TEST_CASE("A socket is refused and stays a socket") {
  const TemporaryDirectory directory;
  const int server = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  (directory / "socket").string().copy(address.sun_path, sizeof address.sun_path - 1);
  REQUIRE(::bind(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  CHECK_THROWS_AS(OutputFile(directory / "socket"), FileError);
  CHECK(fs::is_socket(directory / "socket"));
  (void)::close(server);
}

TEST_CASE("An open file of the program is gone on with where it stands") {
  const TemporaryDirectory directory;
  const int open = ::open((directory / "file").c_str(), O_WRONLY | O_CREAT, 0600);
  REQUIRE(::write(open, "before ", 7) == 7);
  for (const std::string folder : {"/dev/fd/", "/proc/self/fd/"}) {
    if (!fs::exists(folder)) continue;
    OutputFile file(folder + std::to_string(open));
    CHECK(file.is_stream());
    file.write("written ");
    file.commit();
  }
  REQUIRE(::write(open, "after", 5) == 5);
  (void)::close(open);
  CHECK(contents(directory / "file").starts_with("before written"));
  CHECK_THAT(contents(directory / "file"), ContainsText("written after"));
  CHECK(files_in(directory) == 1);
}

TEST_CASE("A dash is the standard output") {
  OutputFile file("-");
  CHECK(file.is_standard_output());
  CHECK(file.is_stream());
  CHECK_FALSE(fs::exists("-"));
}

TEST_CASE("A file in a folder that is not ours to write is overwritten in place") {
  const TemporaryDirectory directory;
  fs::create_directory(directory / "closed");
  put(directory / "closed/file", "something longer than the new file");
  put(directory / "bound", "old");
  put(directory / "closed/empty", "");
  const bool is_mounted =
      is_root() && ::mount((directory / "bound").c_str(), (directory / "closed/empty").c_str(),
                           nullptr, MS_BIND, nullptr) == 0;
  if (is_mounted) {
    write(directory / "closed/empty", "new");  // rename refuses: the name is a mount
    CHECK(contents(directory / "bound") == "new");
    REQUIRE(::umount((directory / "closed/empty").c_str()) == 0);
    CHECK(std::distance(fs::directory_iterator(directory / "closed"), {}) == 2);
  } else {
    WARN("NOT TESTED: no file can be mounted here");
  }
  if (is_root()) {
    WARN("NOT TESTED: root may write everywhere");
    return;
  }
  fs::permissions(directory / "closed", fs::perms(0555));
  write(directory / "closed/file", "new");
  CHECK(contents(directory / "closed/file") == "new");
  CHECK_THROWS_WITH(OutputFile(directory / "closed/new"), ContainsText("cannot be made"));
  fs::permissions(directory / "closed", fs::perms(0755));
}

TEST_CASE("On a full disk the old file stays and nothing is left") {
  const TemporaryDirectory directory;
  const SmallDisk disk(directory / "disk", "size=300k");
  if (!disk) {
    WARN("NOT TESTED: no file system can be mounted here");
    return;
  }
  put(directory / "disk/file", "precious");
  put(directory / "disk/linked", "precious");
  fs::create_hard_link(directory / "disk/linked", directory / "disk/second");
  for (const char* const name : {"file", "linked", "new"}) {
    for (const std::size_t size : {100000U, 170000U, 250000U, 400000U}) {
      if (name == std::string("file") && size < 280000) continue;  // that fits
      if (name == std::string("new") && size < 280000) continue;
      if (name == std::string("linked") && size < 170000) continue;  // twice
      CHECK_THROWS_WITH(write(directory / "disk" / name, std::string(size, 'x')),
                        ContainsText(name) && ContainsText("No space left"));
    }
  }
  CHECK(contents(directory / "disk/file") == "precious");
  CHECK(contents(directory / "disk/linked") == "precious");
  CHECK_FALSE(fs::exists(directory / "disk/new"));
  CHECK(std::distance(fs::directory_iterator(directory / "disk"), {}) == 3);
}

TEST_CASE("A line that the full disk cuts short is taken back") {
  const TemporaryDirectory directory;
  const SmallDisk disk(directory / "disk", "size=100k");
  if (!disk) {
    WARN("NOT TESTED: no file system can be mounted here");
    return;
  }
  OutputFile log(directory / "disk/log");
  log.write(std::string(5000, '1'));
  log.commit();
  CHECK_THROWS_AS(log.write(std::string(200000, '2')), FileError);
  CHECK(contents(directory / "disk/log") == std::string(5000, '1'));
}

TEST_CASE("Two outputs must not be one file and none may be an input") {
  const TemporaryDirectory directory;
  put(directory / "file", "x");
  fs::create_hard_link(directory / "file", directory / "hard");
  fs::create_symlink("file", directory / "link");
  fs::create_symlink("new", directory / "dangling");
  const auto clash = [&](const fs::path& one, const fs::path& other) {
    const OutputFile first(one), second(other);
    CHECK_THROWS_AS(gloro::require_apart({&first, &second}), ArgumentError);
  };
  clash(directory / "file", directory / "link");
  clash(directory / "file", directory / "hard");
  clash(directory / "new", directory / "new");
  clash(directory / "new", directory / "dangling");
  clash(directory / "new", directory / "./new");
  clash("-", "-");
  const OutputFile file(directory / "link"), other(directory / "new"), more(directory / "more"),
      null("/dev/null"), null_again("/dev/null");
  gloro::require_apart({&file, &other, &more, &null, &null_again},
                       {directory / "missing", "/dev/null"});
  CHECK_THROWS_WITH(gloro::require_apart({&file}, {directory / "hard"}),
                    ContainsText("is read as"));
}
