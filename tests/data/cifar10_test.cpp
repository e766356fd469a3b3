#include "gloro/data/cifar10.hpp"

#include <string>

#include "catch.hpp"
#include "files.hpp"

using namespace gloro;
using files::Bytes;
using files::operator+;

namespace {

// A record whose planes count up by one, red from `first`, green and blue from one and two more.
Bytes record(std::uint8_t label, int first) {
  Bytes bytes{label};
  for (int channel = 0; channel < 3; ++channel)
    for (int p = 0; p < 1024; ++p) bytes.push_back(static_cast<std::uint8_t>(first + channel + p));
  return bytes;
}

void write_batches(const files::TemporaryDirectory& directory) {
  for (int i = 1; i <= 5; ++i) {
    const auto label = static_cast<std::uint8_t>(i);
    files::write(directory / ("data_batch_" + std::to_string(i) + ".bin"),
                 record(label, i) + record(0, 100 + i));
  }
  files::write(directory / "test_batch.bin", record(9, 50) + record(8, 60));
}

}  // namespace

TEST_CASE("CIFAR-10's planes become interleaved channels, its batches one training set") {
  const files::TemporaryDirectory directory;
  write_batches(directory);
  const auto [train, test] = data::cifar10_split(directory, 2);
  REQUIRE(train.size() == 10);
  CHECK(train.shape() == Shape{32, 32, 3});
  CHECK(train.classes() == 10);
  CHECK(train.labels() == std::vector<int>{1, 0, 2, 0, 3, 0, 4, 0, 5, 0});
  CHECK(test.labels() == std::vector<int>{9, 8});
  for (Index n = 0; n < 10; ++n) {
    const auto image = train.image(n);
    const Index first = n % 2 * 100 + n / 2 + 1;
    Index wrong = 0;
    for (Index p = 0; p < 1024; ++p)
      for (Index channel = 0; channel < 3; ++channel)
        if (image.data()[3 * p + channel] !=
            data::pixel_of(static_cast<std::uint8_t>(first + channel + p)))
          ++wrong;
    CHECK(wrong == 0);
  }
}

TEST_CASE("a damaged CIFAR-10 file is refused and the defect named") {
  const files::TemporaryDirectory directory;
  write_batches(directory);
  SECTION("missing") {
    std::filesystem::remove(directory / "data_batch_4.bin");
    REQUIRE_THROWS_WITH(data::cifar10_split(directory, 2),
                        ContainsText("data_batch_4.bin: no such file"));
  }
  SECTION("truncated, by a byte and by a whole record") {
    Bytes bytes = record(1, 0) + record(2, 0);
    bytes.resize(GENERATE(std::size_t{6145}, std::size_t{3073}, std::size_t{0}));
    files::write(directory / "test_batch.bin", bytes);
    REQUIRE_THROWS_WITH(data::cifar10_split(directory, 2),
                        ContainsText("test_batch.bin: truncated"));
  }
  SECTION("longer than it should be") {
    files::write(directory / "data_batch_2.bin", record(1, 0) + record(2, 0) + Bytes{0});
    REQUIRE_THROWS_WITH(data::cifar10_split(directory, 2),
                        ContainsText("data_batch_2.bin: 6146 bytes"));
  }
  SECTION("mislabelled") {
    files::write(directory / "data_batch_5.bin", record(1, 0) + record(10, 0));
    REQUIRE_THROWS_WITH(data::cifar10_split(directory, 2),
                        ContainsText("data_batch_5.bin: label 10 of image 1"));
  }
  SECTION("every error is a FileError") {
    REQUIRE_THROWS_AS(data::cifar10_split(directory), FileError);
  }
}
