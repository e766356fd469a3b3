// Checkpoints: what was written is read; every kind of damage is refused, and nothing is touched.
#include "catch.hpp"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "data/files.hpp"
#include "gloro/train/checkpoint.hpp"

using namespace gloro;
namespace fs = std::filesystem;

namespace {

/// A file in a directory of its own.
class TemporaryFile {
 public:
  [[nodiscard]] const fs::path& path() const { return path_; }
  [[nodiscard]] std::string contents() const {
    std::ifstream in(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void write(const std::string& text) const { std::ofstream(path_, std::ios::binary) << text; }

 private:
  files::TemporaryDirectory directory_;
  fs::path path_ = directory_ / "run";
};

/// Parts of a state: two of several values, one empty.
struct State {
  std::vector<float> weights{1, -2.5F, 3e-40F}, none, more{5, 6};
  [[nodiscard]] std::vector<std::span<float>> parts() {
    return {std::span(weights), std::span(none), std::span(more)};
  }
  friend bool operator==(const State&, const State&) = default;
};

using Identity = std::vector<Statement>;
const Identity run{{"the seed", "1"}, {"the data", "three of nine"}};

/// Two epochs, and the first steps of a third.
const RunPosition position{2, 17, {.epoch = 2, .epochs = 5, .step = 3, .steps = 7, .seconds = 0.1}};
std::vector<EpochReport> reports() {
  EpochReport one{.last = {.epoch = 0, .step = 7}, .seconds = 1.5, .lipschitz = {1, 2.5}}, two;
  one.test.right = 12;
  two.last.train.loss = 0.1;
  return {one, two};
}

template <typename Scalar = float>
void write(const fs::path& path, const std::vector<std::span<Scalar>>& parts,
           const Identity& identity = run) {
  write_checkpoint(path, identity, position, reports(), parts);
}
[[nodiscard]] RunPosition read(const fs::path& path, const std::vector<std::span<float>>& parts,
                               const Identity& identity = run) {
  std::vector<EpochReport> found;
  return read_checkpoint(path, identity, 100, found, parts);
}

/// Reading must fail with words, and leave the state alone.
void check_refused(const TemporaryFile& file, const std::string& words,
                   const Identity& identity = run) {
  State state;
  state.weights = {7, 8, 9};
  const State before = state;
  CHECK_THROWS_AS(read(file.path(), state.parts(), identity), FileError);
  CHECK_THROWS_WITH(read(file.path(), state.parts(), identity),
                    ContainsText(file.path().string()) && ContainsText(words));
  CHECK(state == before);
}

}  // namespace

TEST_CASE("A checkpoint gives back every bit that was written") {
  const TemporaryFile file;
  State written;
  write(file.path(), written.parts());
  State read;
  read.weights = {0, 0, 0};
  read.more = {0, 0};
  std::vector<EpochReport> history;
  const RunPosition found = read_checkpoint(file.path(), run, 100, history, read.parts());
  CHECK(found.epochs == 2);
  CHECK(found.steps == 17);
  CHECK(found.current.step == 3);
  CHECK(found.current.seconds == 0.1);
  CHECK(read == written);
  REQUIRE(history.size() == 2);
  CHECK(history[0].last.step == 7);
  CHECK(history[0].seconds == 1.5);
  CHECK(history[0].lipschitz == std::vector<double>{1, 2.5});
  CHECK(history[0].test.right == 12);
  CHECK(history[1].last.train.loss == 0.1);
}

TEST_CASE("A run that is long to state is read again") {
  const TemporaryFile file;
  State written, other;
  const Identity long_run{{"the layers", std::string(200'000, 'x')}};
  write(file.path(), written.parts(), long_run);
  CHECK(checkpoint_identity(file.path()).at(0).value == long_run[0].value);
  CHECK_NOTHROW(read(file.path(), other.parts(), long_run));
}

TEST_CASE("A checkpoint that lacks its end, wherever it was cut, is refused") {
  const TemporaryFile file;
  State state;
  write(file.path(), state.parts());
  const std::string whole = file.contents();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    file.write(whole.substr(0, size));
    State other;
    CHECK_THROWS_AS(read(file.path(), other.parts()), FileError);
    CHECK(other == State());
  }
  file.write(whole.substr(0, whole.size() - 1));
  check_refused(file, "too early");
}

TEST_CASE("A checkpoint with one bit turned, in whichever byte, is refused") {
  const TemporaryFile file;
  State state;
  write(file.path(), state.parts());
  const std::string whole = file.contents();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(static_cast<unsigned char>(damaged[at]) ^ 1U << at % 8);
    file.write(damaged);
    State other;
    CHECK_THROWS_AS(read(file.path(), other.parts()), FileError);
    CHECK(other == State());
  }
}

TEST_CASE("Two turned bits do not hide each other") {
  const TemporaryFile file;
  State state;
  state.weights.assign(8, 1);
  write(file.path(), state.parts());
  const std::string whole = file.contents();
  // The last bits of any two of the words that are hashed: the signs of two weights, say.
  const std::size_t values = whole.size() - 8 - 2 * 4 - 8 - 8 - 8 * 4;
  for (std::size_t one = 0; one < 8; ++one)
    for (std::size_t two = 0; two < one; ++two) {
      std::string damaged = whole;
      for (const std::size_t at : {one, two})
        damaged[values + 4 * at + 3] =
            static_cast<char>(static_cast<unsigned char>(damaged[values + 4 * at + 3]) ^ 0x80U);
      file.write(damaged);
      State other;
      other.weights.assign(8, 0);
      CHECK_THROWS_AS(read(file.path(), other.parts()), FileError);
    }
}

TEST_CASE("A checkpoint with something behind its end is refused") {
  const TemporaryFile file;
  State state;
  write(file.path(), state.parts());
  file.write(file.contents() + "x");
  check_refused(file, "damaged");
}

TEST_CASE("A file that is no checkpoint is refused by name") {
  const TemporaryFile file;
  check_refused(file, "no such file");
  file.write("");
  check_refused(file, "too early");
  file.write(std::string(5000, 'x'));
  check_refused(file, "no checkpoint");
}

TEST_CASE("A damaged length does not ask for its weight in memory") {
  const TemporaryFile file;
  State state;
  write(file.path(), state.parts());
  std::string damaged = file.contents();
  damaged.replace(12, 8, 8, '\x7f');  // how many statements there are, behind the magic
  file.write(damaged);
  check_refused(file, "damaged");
}

TEST_CASE("A checkpoint of another run is refused with the first thing that differs") {
  const TemporaryFile file;
  State state;
  write(file.path(), state.parts());
  check_refused(file, "of another run: they differ in the seed\n  there: 1\n  here:  2",
                {{"the seed", "2"}, {"the data", "four"}});
  check_refused(file, "the data\n  there: three of nine\n  here:  four",
                {{"the seed", "1"}, {"the data", "four"}});
  check_refused(file, "says nothing about the data", {{"the seed", "1"}});
  check_refused(file, "says nothing about the loss",
                {{"the seed", "1"}, {"the data", "three of nine"}, {"the loss", ""}});
}

TEST_CASE("A checkpoint of the first format is refused with its number") {
  const TemporaryFile file;
  file.write("gloro-run-1\n" + std::string(100, '\0'));
  check_refused(file, "format 1");
}

TEST_CASE("A checkpoint of another network or precision is refused") {
  const TemporaryFile file;
  State state;
  state.more.push_back(1);
  write(file.path(), state.parts());
  check_refused(file, "another network");
  std::vector<std::span<float>> parts = state.parts();
  parts.pop_back();
  write(file.path(), parts);
  check_refused(file, "another network");
  std::vector<double> wide(3);
  write<double>(file.path(), {std::span(wide)});
  check_refused(file, "precision");
}

TEST_CASE("A checkpoint replaces the one before it") {
  const TemporaryFile file;
  State state;
  write_checkpoint(file.path(), run, {0, 1, {}}, {}, state.parts());
  write(file.path(), state.parts());
  CHECK(read(file.path(), state.parts()).epochs == 2);
}
