#include "gloro/data/open_images.hpp"

#include <filesystem>
#include <string>
#include <vector>

#include "catch.hpp"
#include "data/files.hpp"
#include "gloro/data/image_file.hpp"

using namespace gloro;
using files::Bytes;
using files::operator+;

namespace {

/// A .npy file of version 1 of bytes.
Bytes npy_of(const std::string& shape, const Bytes& values) {
  const std::string header = "{'descr': '|u1', 'fortran_order': False, 'shape': " + shape + "}\n";
  return Bytes{0x93} + files::text("NUMPY") +
         Bytes{1, 0, static_cast<std::uint8_t>(header.size()), 0} + files::text(header) + values;
}

const std::vector<int> expected{2, 0};

/// Two images of 1 x 3 pixels of one channel: 1, 2, 3 and 4, 5, 6.
void check(const data::Dataset& images) {
  CHECK(images.shape() == Shape{1, 3, 1});
  CHECK(images.labels() == expected);
  const auto bytes = images.pixels().bytes();
  CHECK(Bytes(bytes.begin(), bytes.end()) == Bytes{1, 2, 3, 4, 5, 6});
}

}  // namespace

TEST_CASE("one's own images are opened by what the file is and not by its name") {
  const files::TemporaryDirectory directory;
  const auto images = directory / "images", labels = directory / "labels";
  const Bytes pixels{1, 2, 3, 4, 5, 6};
  const std::vector<Bytes> forms{npy_of("(2, 1, 3)", pixels),
                                 files::idx_header({2, 1, 3}) + pixels};
  const std::vector<Bytes> label_forms{npy_of("(2,)", {2, 0}),
                                       files::idx_header({2}) + Bytes{2, 0}};
  for (const Bytes& form : forms)
    for (const Bytes& label_form : label_forms) {
      files::write(images, form);
      files::write(labels, label_form);
      check(data::open_images(images, {.labels = labels}));
      CHECK_FALSE(data::open_images(images).has_labels());
    }
  data::write_images(images, data::open_images(images, {.labels = labels}));
  check(data::open_images(images));
  CHECK_THROWS_WITH(data::open_images(images, {.labels = labels}),
                    ContainsText("has labels of its own"));
  files::write(directory / "classes.txt", files::text("a\nb\nc\n"));
  CHECK(data::open_images(images).class_names() == std::vector<std::string>{"a", "b", "c"});
}

#if defined(GLORO_WITH_ZLIB) && GLORO_WITH_ZLIB
TEST_CASE("one's own images may be packed") {
  const files::TemporaryDirectory directory;
  files::write(directory / "i.gz",
               files::gzipped(files::idx_header({2, 1, 3}) + Bytes{1, 2, 3, 4, 5, 6}));
  files::write(directory / "l.gz", files::gzipped(npy_of("(2,)", {2, 0})));
  check(data::open_images(directory / "i.gz", {.labels = directory / "l.gz"}));
}
#endif

TEST_CASE("a single picture is a data set of one") {
  const files::TemporaryDirectory directory;
  files::write(directory / "p", files::text("P5 3 1 255\n") + Bytes{1, 2, 3});
  CHECK(data::open_images(directory / "p").size() == 1);
}

TEST_CASE("what holds no images or no labels is refused by name") {
  const files::TemporaryDirectory directory;
  const auto path = directory / "file";
  files::write(path, files::text("hello"));
  CHECK_THROWS_WITH(data::open_images(path), ContainsText("file: holds no images that are known"));
  CHECK_THROWS_WITH(data::open_labels(path), ContainsText("file: holds no labels that are known"));
  files::write(directory / "images", npy_of("(2, 1, 3)", {1, 2, 3, 4, 5, 6}));
  files::write(directory / "labels", npy_of("(3,)", {0, 1, 2}));
  CHECK_THROWS_WITH(data::open_images(directory / "images", {.labels = directory / "labels"}),
                    ContainsText("3 labels for the 2 images of"));
}

TEST_CASE("images to train and to test on have one shape and as many classes") {
  const files::TemporaryDirectory directory;
  const data::SplitPaths paths{.train = directory / "i",
                               .train_labels = directory / "l",
                               .test = directory / "ti",
                               .test_labels = directory / "tl"};
  files::write(paths.train, npy_of("(2, 1, 3)", {1, 2, 3, 4, 5, 6}));
  files::write(paths.train_labels, npy_of("(2,)", {2, 0}));
  files::write(paths.test, npy_of("(1, 1, 3)", {1, 2, 3}));
  files::write(paths.test_labels, npy_of("(1,)", {46}));
  const auto [train, test] = data::open_split(paths);
  CHECK(train.classes() == 47);
  CHECK(test.classes() == 47);
  CHECK(train.labels() == expected);
  files::write(paths.test, npy_of("(1, 3, 1)", {1, 2, 3}));
  CHECK_THROWS_AS(data::open_split(paths), ArgumentError);
  CHECK_THROWS_WITH(
      data::open_split(
          {.train = paths.train, .train_labels = paths.train_labels, .test = paths.train}),
      ContainsText("has no labels"));
}

TEST_CASE("an image file holds bytes or float32, with labels") {
  const files::TemporaryDirectory directory;
  const data::Dataset bare("bare", {1, 1, 1}, Bytes{1}),
      numbers("n", {1, 1, 1}, std::vector{0.1}, {0});
  CHECK_THROWS_WITH(data::write_images(directory / "x", bare), ContainsText("no labels"));
  CHECK_THROWS_WITH(data::write_images(directory / "x", numbers),
                    ContainsText("these are float64"));
  CHECK_FALSE(std::filesystem::exists(directory / "x"));
}
