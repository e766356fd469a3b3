#include "gloro/data/cifar100.hpp"

#include "catch.hpp"
#include "data/files.hpp"

using namespace gloro;
using files::Bytes;

namespace {

/// A record with these labels, whose planes are filled with 1, 2 and 3.
Bytes record(std::uint8_t coarse, std::uint8_t fine) {
  Bytes bytes{coarse, fine};
  for (std::uint8_t plane = 1; plane <= 3; ++plane) bytes.insert(bytes.end(), 1024, plane);
  return bytes;
}

}  // namespace

TEST_CASE("CIFAR-100 is read by its fine labels") {
  using files::operator+;
  const files::TemporaryDirectory directory;
  files::write(directory / "train.bin", record(19, 99) + record(3, 4));
  files::write(directory / "test.bin", record(0, 7));
  const auto [train, test] = data::cifar100_split(directory, 2, 1);
  CHECK(train.labels() == std::vector<int>{99, 4});
  CHECK(test.labels() == std::vector<int>{7});
  CHECK(train.classes() == 100);
  CHECK(train.image(0).data()[0] == data::pixel_of(1));
  CHECK(train.image(1).data()[3071] == data::pixel_of(3));
  files::write(directory / "test.bin", record(0, 100));
  CHECK_THROWS_WITH(data::cifar100_split(directory, 2, 1),
                    ContainsText("label 100 of image 0 lies outside 0..99"));
  CHECK(data::cifar100.classes.front() == "apple");
  CHECK(data::cifar100.classes.back() == "worm");
}
