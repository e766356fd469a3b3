#include "gloro/data/idx.hpp"
#include "gloro/data/detail/gzip.hpp"
#include "gloro/data/fashion_mnist.hpp"
#include "gloro/data/mnist.hpp"

#include <string>

#include "catch.hpp"
#include "files.hpp"

using namespace gloro;
using files::Bytes;
using files::idx_header;
using files::operator+;

namespace {

// Three images of 2 x 2, bytes 0..11, labels 4, 0, 9.
Bytes images_file() { return idx_header({3, 2, 2}) + Bytes{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}; }
Bytes labels_file() { return idx_header({3}) + Bytes{4, 0, 9}; }

// What reading `bytes` as images throws; the text must begin with the file's path.
std::string idx_defect(const Bytes& bytes, int dimensions = 3) {
  const files::TemporaryDirectory directory;
  const auto path = directory / "damaged";
  files::write(path, bytes);
  try {
    (void)data::read_idx(path, dimensions);
  } catch (const FileError& error) {
    const std::string text = error.what();
    REQUIRE(text.rfind(path.string() + ": ", 0) == 0);
    return text.substr(path.string().size() + 2);
  }
  return "none";
}

void write_split(const files::TemporaryDirectory& directory, const std::string& joint = "-") {
  for (const std::string stem : {"train", "t10k"}) {
    files::write(directory / (stem + "-images" + joint + "idx3-ubyte"), images_file());
    files::write(directory / (stem + "-labels" + joint + "idx1-ubyte"), labels_file());
  }
}

}  // namespace

TEST_CASE("an IDX file gives its extents and bytes") {
  const files::TemporaryDirectory directory;
  files::write(directory / "images", images_file());
  const auto array = data::read_idx(directory / "images", 3);
  CHECK(array.extents == std::vector<Index>{3, 2, 2});
  CHECK(array.bytes == Bytes{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
}

TEST_CASE("a damaged IDX file is refused and the defect named") {
  const Bytes good = images_file();
  CHECK(idx_defect(good) == "none");
  CHECK_THAT(idx_defect({}), ContainsText("truncated"));
  CHECK_THAT(idx_defect({0, 0, 8}), ContainsText("truncated"));
  CHECK_THAT(idx_defect({1, 0, 8, 3}), ContainsText("not an IDX file"));
  CHECK_THAT(idx_defect({0, 0, 13, 3}), ContainsText("type 13"));
  CHECK_THAT(idx_defect(good, 1), ContainsText("3 dimensions, expected 1"));
  CHECK_THAT(idx_defect(Bytes(good.begin(), good.begin() + 10)), ContainsText("truncated"));
  CHECK_THAT(idx_defect(Bytes(good.begin(), good.end() - 1)),
             ContainsText("truncated: 12 more bytes are expected, and 11 follow"));
  CHECK_THAT(idx_defect(good + Bytes{0}), ContainsText("more follow"));
  CHECK_THAT(idx_defect(idx_header({3, 0, 2})), ContainsText("dimension 1 is zero"));
}

TEST_CASE("an IDX header that promises the world takes no memory for it") {
  CHECK_THAT(idx_defect(idx_header({0xffffffff, 0xffffffff, 0xffffffff})),
             ContainsText("more than any file can hold"));
  CHECK_THAT(idx_defect(idx_header({0xffffffff, 0x7fffffff, 1})),
             ContainsText(sizeof(Index) < 8 ? "more than any file can hold" : "truncated"));
}

TEST_CASE("a missing file and a directory in its place are refused") {
  const files::TemporaryDirectory directory;
  REQUIRE_THROWS_WITH(data::read_idx(directory / "absent", 3), ContainsText("no such file"));
  REQUIRE_THROWS_WITH(data::read_idx(directory, 3), ContainsText("is a folder"));
}

TEST_CASE("a data set's folder that cannot be looked into is an error of that file") {
  const files::TemporaryDirectory directory;
  std::filesystem::create_symlink("loop", directory / "loop");
  for (const auto& path : {directory / "loop", directory / std::string(300, 'x')}) {
    CHECK_THROWS_AS(data::mnist(path), FileError);
    REQUIRE_THROWS_WITH(data::mnist(path),
                        ContainsText((path / "").string()) && ContainsText(": cannot be opened ("));
  }
}

TEST_CASE("MNIST's four files make a split") {
  const files::TemporaryDirectory directory;
  write_split(directory, GENERATE(as<std::string>(), "-", "."));
  const auto [train, test] = data::mnist(directory);
  CHECK(train.name() == "MNIST train");
  CHECK(test.size() == 3);
  CHECK(test.classes() == 10);
  CHECK(test.shape() == Shape{2, 2, 1});
  CHECK(test.labels() == std::vector<int>{4, 0, 9});
  CHECK(test.image(2).data()[3] == 11.0F / 255.0F);
  CHECK(data::fashion_mnist(directory).train.name() == "Fashion-MNIST train");
}

TEST_CASE("a split with a part missing, mismatched or mislabelled is refused") {
  const files::TemporaryDirectory directory;
  write_split(directory);
  SECTION("missing") {
    std::filesystem::remove(directory / "t10k-labels-idx1-ubyte");
    REQUIRE_THROWS_WITH(data::mnist(directory),
                        ContainsText("t10k-labels-idx1-ubyte: no such file"));
  }
  SECTION("fewer labels than images") {
    files::write(directory / "train-labels-idx1-ubyte", idx_header({2}) + Bytes{1, 2});
    REQUIRE_THROWS_WITH(data::mnist(directory),
                        ContainsText("train-labels-idx1-ubyte: 2 labels for the 3 images of"));
  }
  SECTION("a label out of range") {
    files::write(directory / "train-labels-idx1-ubyte", idx_header({3}) + Bytes{1, 10, 2});
    REQUIRE_THROWS_WITH(data::mnist(directory),
                        ContainsText("train-labels-idx1-ubyte: label 10 of image 1"));
  }
  SECTION("images in the labels' place") {
    files::write(directory / "train-labels-idx1-ubyte", images_file());
    REQUIRE_THROWS_WITH(data::mnist(directory), ContainsText("3 dimensions, expected 1"));
  }
  SECTION("test images of another shape") {
    files::write(directory / "t10k-images-idx3-ubyte", idx_header({3, 1, 1}) + Bytes{0, 1, 2});
    REQUIRE_THROWS_WITH(data::mnist(directory), ContainsText("test images of 1x1x1"));
  }
  SECTION("every error is a FileError") {
    files::write(directory / "train-labels-idx1-ubyte", {});
    REQUIRE_THROWS_AS(data::mnist(directory), FileError);
  }
}

#ifdef GLORO_HAS_GUNZIP

TEST_CASE("gzip files are read as the plain ones, whatever their name") {
  const files::TemporaryDirectory directory;
  const Bytes packed = files::gzipped(images_file());
  files::write(directory / "images.gz", packed);
  files::write(directory / "images", packed);
  for (const std::string name : {"images.gz", "images"})
    CHECK(data::read_idx(directory / name, 3).bytes == Bytes{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
  files::write(directory / "t10k-images-idx3-ubyte.gz", packed);
  CHECK(data::idx_path(directory, "t10k-images", "idx3-ubyte") ==
        directory / "t10k-images-idx3-ubyte.gz");
}

TEST_CASE("a gzip file larger than any buffer is unpacked whole") {
  const files::TemporaryDirectory directory;
  Bytes pixels(200 * 1000);
  std::uint32_t state = 1;
  for (auto& pixel : pixels) {  // noise, so that the packed file is long too
    state = state * 1664525U + 1013904223U;
    pixel = static_cast<std::uint8_t>(state >> 24);
  }
  files::write(directory / "noise", files::gzipped(idx_header({200, 1000}) + pixels));
  CHECK(data::read_idx(directory / "noise", 2).bytes == pixels);
}

TEST_CASE("a gzip file of several members is their sequence") {
  const files::TemporaryDirectory directory;
  files::write(directory / "two", files::gzipped(idx_header({3})) + files::gzipped({4, 0, 9}));
  CHECK(data::read_idx(directory / "two", 1).bytes == Bytes{4, 0, 9});
}

TEST_CASE("zeros after the end of a gzip file are padding and nothing else is") {
  const files::TemporaryDirectory directory;
  const Bytes good = files::gzipped(images_file());
  for (const std::size_t zeros : {1U, 2U, 512U, 100000U}) {
    INFO(zeros);
    CHECK(idx_defect(good + Bytes(zeros)) == "none");
    CHECK_THAT(idx_defect(good + Bytes(zeros) + Bytes{7}), ContainsText("zeros end it"));
    CHECK_THAT(idx_defect(good + Bytes(zeros) + good), ContainsText("zeros end it"));
  }
  files::write(directory / "two",
               files::gzipped(idx_header({3})) + files::gzipped({4, 0, 9}) + Bytes(512));
  CHECK(data::read_idx(directory / "two", 1).bytes == Bytes{4, 0, 9});
}

TEST_CASE("a damaged gzip file is refused and the defect named") {
  const Bytes good = files::gzipped(images_file());
  CHECK(idx_defect(good) == "none");
  for (std::size_t length = 2; length < good.size(); ++length)
    CHECK_THAT(idx_defect(Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(length))),
               ContainsText("truncated"));
  for (std::size_t back = 1; back <= 8; ++back) {  // the last eight bytes: checksum and length
    Bytes flipped = good;
    flipped[good.size() - back] ^= 0x10;
    CHECK_THAT(idx_defect(flipped), ContainsText("damaged gzip data"));
  }
  Bytes flipped = good;
  flipped[good.size() / 2] ^= 0x10;  // packed data
  CHECK(idx_defect(flipped) != "none");
  CHECK_THAT(idx_defect(good + Bytes{7, 7, 7}), ContainsText("gzip data"));
  CHECK_THAT(idx_defect(files::gzipped(images_file() + Bytes{0})), ContainsText("more follow"));
  CHECK_THAT(idx_defect(files::gzipped(idx_header({0xffffffff, 0x7fffffff, 1}))),
             ContainsText(sizeof(Index) > 4 ? "truncated" : "more than any file can hold"));
}

#else

TEST_CASE("without zlib a gzip file is refused in words") {
  const files::TemporaryDirectory directory;
  files::write(directory / "images.gz", {0x1f, 0x8b, 8, 0});
  REQUIRE_THROWS_WITH(data::read_idx(directory / "images.gz", 3), ContainsText("without zlib"));
}

#endif
