// Runs the example programs as a person would: a command line in a folder of its own, and what came of
// it. Needs a POSIX shell and nothing else.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include <sys/wait.h>

#include "catch.hpp"
#include "data/files.hpp"
#include "gloro/core/random.hpp"
#include "temporary_directory.hpp"

namespace programs {

struct Outcome {
  int code = 0;  ///< exit code; 128 + n for signal n
  std::string out, err;
};

[[nodiscard]] inline std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void write(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
  REQUIRE(read(path) == bytes);
}

/// A new folder, gone with its holder, in which programs run.
class Folder : public TemporaryDirectory {
 public:
  /// Runs `command` by the shell, in this folder. The programs are in its path: "gloro certify m.st ...".
  [[nodiscard]] Outcome run(const std::string& command) const {
    const std::filesystem::path& path = *this;
    const std::string line = "cd '" + path.string() +
                             "' && PATH='" GLORO_PROGRAMS "':\"$PATH\" && { " + command +
                             "\n} >.stdout 2>.stderr </dev/null";
    const int status = std::system(line.c_str());
    const Outcome outcome{WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
                          read(path / ".stdout"), read(path / ".stderr")};
    INFO(command << "\nexit code " << outcome.code << '\n' << outcome.out << outcome.err);
    REQUIRE(outcome.code != 126);  // not executable, not found: the test itself is wrong
    REQUIRE(outcome.code != 127);
    return outcome;
  }
};

struct SmallData {
  int train = 200, test = 50, height = 8, width = 8, classes = 10;
};

/// Writes a small data set in MNIST's form into `folder`: noisy copies of a pattern for each class, the
/// same bytes for the same numbers.
inline void write_small_data(const std::filesystem::path& folder, const SmallData& data = {}) {
  std::filesystem::create_directories(folder);
  gloro::Random random(7);
  const auto pixels = static_cast<std::size_t>(data.height * data.width);
  std::vector<std::vector<double>> patterns(static_cast<std::size_t>(data.classes));
  for (auto& pattern : patterns)
    for (std::size_t i = 0; i < pixels; ++i) pattern.push_back(random.uniform(0, 255));
  for (const auto& [stem, count] : {std::pair("train", data.train), std::pair("t10k", data.test)}) {
    const auto extent = [](int value) { return static_cast<std::uint32_t>(value); };
    files::Bytes images =
        files::idx_header({extent(count), extent(data.height), extent(data.width)});
    files::Bytes labels = files::idx_header({extent(count)});
    for (int n = 0; n < count; ++n) {
      const auto label = random.below(static_cast<std::uint64_t>(data.classes));
      labels.push_back(static_cast<std::uint8_t>(label));
      for (const double value : patterns[label]) {
        const double noisy = std::min(255.0, std::max(0.0, value + 20 * random.normal()));
        images.push_back(static_cast<std::uint8_t>(noisy));
      }
    }
    files::write(folder / (std::string(stem) + "-images-idx3-ubyte"), images);
    files::write(folder / (std::string(stem) + "-labels-idx1-ubyte"), labels);
  }
}

/// Trains a tiny network on small data for one epoch: leaves `small/` and `model.st` in the folder.
inline void train_small_model(const Folder& folder) {
  write_small_data(folder / "small");
  const Outcome trained = folder.run(
      "gloro train --data small --architecture '(8,3).16' --epochs 1 --epsilon 0.1 --threads 1 "
      "--save "
      "model.st");
  INFO(trained.err);
  REQUIRE(trained.code == 0);
}

/// A folder with them.
struct Trained : Folder {
  Trained() { train_small_model(*this); }
};

}  // namespace programs
