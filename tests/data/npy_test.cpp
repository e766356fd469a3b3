#include "gloro/data/npy.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "files.hpp"

using namespace gloro;
using files::Bytes;
using files::operator+;

namespace {

// A .npy file with this dictionary, padded as NumPy pads it.
Bytes npy(const std::string& dictionary, const Bytes& values, std::uint8_t version = 1) {
  const std::size_t lead = version == 1 ? 10 : 12;
  std::string header = dictionary;
  while ((lead + header.size() + 1) % 64 != 0) header += ' ';
  header += '\n';
  Bytes start = Bytes{0x93} + files::text("NUMPY") + Bytes{version, 0};
  for (std::size_t byte = 0; byte < lead - 8; ++byte)
    start.push_back(static_cast<std::uint8_t>(header.size() >> (8 * byte)));
  return start + files::text(header) + values;
}

std::string dictionary(const std::string& type, const std::string& shape) {
  return "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }";
}

template <typename Word>
Bytes little_endian(Word word) {
  Bytes bytes;
  for (std::size_t byte = 0; byte < sizeof(Word); ++byte)
    bytes.push_back(static_cast<std::uint8_t>(word >> (8 * byte)));
  return bytes;
}
Bytes bytes_of(float value) { return little_endian(std::bit_cast<std::uint32_t>(value)); }
Bytes bytes_of(double value) { return little_endian(std::bit_cast<std::uint64_t>(value)); }

data::Dataset read(const Bytes& bytes) {
  const files::TemporaryDirectory directory;
  files::write(directory / "images.npy", bytes);
  return data::npy_images(directory / "images.npy");
}

std::string npy_defect(const Bytes& bytes) {
  const files::TemporaryDirectory directory;
  const auto path = directory / "damaged.npy";
  files::write(path, bytes);
  try {
    (void)data::npy_images(path);
  } catch (const FileError& error) {
    const std::string text = error.what();
    REQUIRE(text.rfind(path.string() + ": ", 0) == 0);
    return text.substr(path.string().size() + 2);
  }
  return "none";
}

}  // namespace

TEST_CASE("a uint8 array is images of byte / 255") {
  const Bytes values{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255};
  const auto set = read(npy(dictionary("|u1", "(2, 1, 2, 3)"), values));
  CHECK(set.name() == "images.npy");
  CHECK(set.size() == 2);
  CHECK(set.shape() == Shape{1, 2, 3});
  CHECK_FALSE(set.has_labels());
  CHECK(set.image(1).data()[0] == 6.0F / 255.0F);
  CHECK(set.image(1).data()[5] == 1.0F);
}

TEST_CASE("floating-point arrays are taken as they are") {
  const auto singles = read(npy(dictionary("<f4", "(2, 1, 1)"), bytes_of(0.1F) + bytes_of(-3.5F)));
  CHECK(singles.shape() == Shape{1, 1, 1});
  CHECK(singles.image(0).data()[0] == 0.1F);
  CHECK(singles.image(1).data()[0] == -3.5F);
  const auto doubles = read(npy(dictionary("<f8", "(1, 2)"), bytes_of(0.1) + bytes_of(0.25)));
  CHECK(doubles.shape() == Shape::flat(2));
  CHECK(doubles.image<double>(0).data()[0] == 0.1);
  CHECK(doubles.image<double>(0).data()[1] == 0.25);
  CHECK_FALSE(doubles.fits<float>());
}

TEST_CASE("a float64 array is kept to the bit beyond the range of float too") {
  const std::vector<double> numbers{1 / 3.0, 1e300, -1e300, 1e-310, 5e-324, 1e-45, -0.0, 0x1p-149};
  Bytes values;
  for (const double number : numbers) values = std::move(values) + bytes_of(number);
  const auto image = read(npy(dictionary("<f8", "(1, 8)"), values)).image<double>(0);
  for (std::size_t i = 0; i < numbers.size(); ++i)
    CHECK(std::bit_cast<std::uint64_t>(image.data()[i]) ==
          std::bit_cast<std::uint64_t>(numbers[i]));
}

TEST_CASE("a float64 array of floats alone is one of float32") {
  const auto set = read(npy(dictionary("<f8", "(1, 2)"), bytes_of(0.25) + bytes_of(0x1p-149)));
  CHECK(set.fits<float>());
  CHECK(set.image(0).data()[1] == 0x1p-149F);
}

TEST_CASE("every number of sixteen bits is read exactly") {
  const std::vector<std::pair<std::uint16_t, float>> known{{0x0000, 0.0F},
                                                           {0x3c00, 1.0F},
                                                           {0xc000, -2.0F},
                                                           {0x3555, 0.333251953125F},
                                                           {0x7bff, 65504.0F},
                                                           {0x0001, 0x1p-24F},
                                                           {0x83ff, -1023 * 0x1p-24F},
                                                           {0x0400, 0x1p-14F}};
  Bytes values;
  for (const auto& [word, value] : known) values = std::move(values) + little_endian(word);
  const auto image = read(npy(dictionary("<f2", "(1, 8)"), values)).image(0);
  for (std::size_t i = 0; i < known.size(); ++i) CHECK(image.data()[i] == known[i].second);
  for (const std::uint16_t bad : {std::uint16_t{0x7c00}, std::uint16_t{0xfe01}})
    CHECK_THAT(npy_defect(npy(dictionary("<f2", "(1, 1)"), little_endian(bad))),
               ContainsText("value 0 is not finite"));
}

TEST_CASE("an array in Fortran order is the same images") {
  // Of element (n, y, x, c) the byte n + 2 y + 6 x + 12 c: its place in the file.
  const Bytes values{0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11,
                     12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23};
  const auto set =
      read(npy("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3, 2, 2), }", values));
  CHECK(set.shape() == Shape{3, 2, 2});
  for (Index n = 0; n < 2; ++n)
    for (Index y = 0; y < 3; ++y)
      for (Index x = 0; x < 2; ++x)
        for (Index c = 0; c < 2; ++c)
          CHECK(set.image(n).data()[(y * 2 + x) * 2 + c] ==
                data::pixel_of(static_cast<std::uint8_t>(n + 2 * y + 6 * x + 12 * c)));
}

TEST_CASE("the same numbers in either byte order are the same images") {
  const std::vector<std::uint32_t> singles{0x3dcccccd, 0xc0600000, 0x00000001};
  const std::vector<std::uint64_t> doubles{0x3fb999999999999a, 0xc00c000000000000, 1};
  const std::vector<std::uint16_t> halves{0x3555, 0xc000, 0x0001};
  const auto same = [](const auto& words, const std::string& kind) {
    Bytes little, big;
    for (const auto word : words) {
      Bytes bytes = little_endian(word);
      little = std::move(little) + bytes;
      std::reverse(bytes.begin(), bytes.end());
      big = std::move(big) + bytes;
    }
    const auto a = read(npy(dictionary("<" + kind, "(1, 3)"), little)).image<double>(0);
    const auto b = read(npy(dictionary(">" + kind, "(1, 3)"), big)).image<double>(0);
    for (std::size_t i = 0; i < 3; ++i) CHECK(a.data()[i] == b.data()[i]);
    return b.data()[1];
  };
  CHECK(same(halves, "f2") == -2.0);
  CHECK(same(singles, "f4") == -3.5);
  CHECK(same(doubles, "f8") == -3.5);
}

TEST_CASE("channels first in C or in Fortran order are the same images as channels last") {
  // Of element (n, c, y, x) of 2 x 3 x 2 x 4 the byte 100 n + 30 c + 10 y + x.
  constexpr Index N = 2, C = 3, H = 2, W = 4;
  const auto element = [](Index n, Index c, Index y, Index x) {
    return static_cast<std::uint8_t>(100 * n + 30 * c + 10 * y + x);
  };
  Bytes in_c, in_fortran;
  for (Index n = 0; n < N; ++n)
    for (Index c = 0; c < C; ++c)
      for (Index y = 0; y < H; ++y)
        for (Index x = 0; x < W; ++x) in_c.push_back(element(n, c, y, x));
  for (Index x = 0; x < W; ++x)
    for (Index y = 0; y < H; ++y)
      for (Index c = 0; c < C; ++c)
        for (Index n = 0; n < N; ++n) in_fortran.push_back(element(n, c, y, x));
  for (const bool is_fortran : {false, true}) {
    const files::TemporaryDirectory directory;
    const std::string order = is_fortran ? "True" : "False";
    files::write(directory / "images.npy",
                 npy("{'descr': '|u1', 'fortran_order': " + order + ", 'shape': (2, 3, 2, 4), }",
                     is_fortran ? in_fortran : in_c));
    const auto set = data::npy_images(directory / "images.npy", data::Channels::first);
    REQUIRE(set.shape() == Shape{H, W, C});
    REQUIRE(set.size() == N);
    for (Index n = 0; n < N; ++n)
      for (Index y = 0; y < H; ++y)
        for (Index x = 0; x < W; ++x)
          for (Index c = 0; c < C; ++c)
            CHECK(set.image(n).data()[(y * W + x) * C + c] == data::pixel_of(element(n, c, y, x)));
  }
}

TEST_CASE("an array longer than one chunk keeps its order") {
  Bytes values;
  for (int i = 0; i < 10000; ++i) values = std::move(values) + bytes_of(static_cast<float>(i));
  const auto set = read(npy(dictionary("<f4", "(10, 1000)"), values));
  for (Index n = 0; n < 10; ++n)
    CHECK(set.image(n).data()[999] == static_cast<float>(1000 * n + 999));
}

TEST_CASE("versions 1 to 3 and any order of the keys are read") {
  for (std::uint8_t version = 1; version <= 3; ++version)
    CHECK(read(npy(dictionary("|u1", "(1, 2)"), {7, 8}, version)).size() == 1);
  const std::string reordered = "{\"shape\":(1,2),\"fortran_order\":False,\"descr\":\"|u1\"}";
  CHECK(read(npy(reordered, {7, 8})).size() == 1);
  const std::string spaced =
      " {\t'shape' :( 1L ,\n2L ) , 'fortran_order':False\r\n,'descr': '|u1' }\t";
  CHECK(read(npy(spaced, {7, 8})).shape() == Shape::flat(2));
}

TEST_CASE("a .npy file that does not hold images is refused and the defect named") {
  const Bytes two{7, 8};
  CHECK(npy_defect(npy(dictionary("|u1", "(1, 2)"), two)) == "none");
  CHECK_THAT(npy_defect({}), ContainsText("truncated"));
  CHECK_THAT(npy_defect(files::text("not numpy at all")), ContainsText("not a .npy file"));
  CHECK_THAT(npy_defect(npy(dictionary("|u1", "(1, 2)"), two, 4)), ContainsText("version 4"));
  CHECK_THAT(npy_defect(npy(dictionary("<i8", "(1, 2)"), two)), ContainsText("type '<i8'"));
  CHECK_THAT(npy_defect(npy(dictionary(">u1", "(1, 2)"), two)), ContainsText("type '>u1'"));
  CHECK_THAT(npy_defect(npy(dictionary("|f4", "(1, 2)"), two)), ContainsText("type '|f4'"));
  CHECK_THAT(npy_defect(npy(dictionary("<f3", "(1, 2)"), two)), ContainsText("type '<f3'"));
  for (const std::string type : {"<i8", "|i1", "<u2", "|b1"})
    CHECK_THAT(npy_defect(npy(dictionary(type, "(1, 2)"), two)),
               ContainsText(type) && ContainsText("images.astype('uint8')"));
  for (const std::string type : {"=f4", "|f8", "<f16"})
    CHECK_THAT(npy_defect(npy(dictionary(type, "(1, 2)"), two)),
               ContainsText(type) && ContainsText("images.astype('<f8')"));
  CHECK_THAT(npy_defect(npy(dictionary("|O", "(1, 2)"), two)), ContainsText("numpy.stack"));
  CHECK_THAT(
      npy_defect(npy("{'descr': [('a', '|u1')], 'fortran_order': False, 'shape': (2,), }", two)),
      ContainsText("array of records"));
  CHECK_THAT(npy_defect(files::text("PK\3\4 and more of it")), ContainsText(".npz"));
  CHECK_THAT(npy_defect(npy(dictionary("|u1", "(2,)"), two)), ContainsText("1 dimensions"));
  CHECK_THAT(npy_defect(npy(dictionary("|u1", "(1, 1, 1, 1, 2)"), two)),
             ContainsText("5 dimensions"));
  CHECK_THAT(npy_defect(npy(dictionary("|u1", "(0, 2)"), {})),
             ContainsText("0 images of") && ContainsText("holds nothing"));
  CHECK_THAT(npy_defect(npy(dictionary("|u1", "(2, 2)"), two)),
             ContainsText("truncated: 4 more bytes are expected, and 2 follow"));
  CHECK_THAT(npy_defect(npy(dictionary("|u1", "(1, 1)"), two)), ContainsText("more follow"));
  CHECK_THAT(npy_defect(npy(dictionary("|u1", "(2000000000, 2000000000, 2000000000)"), two)),
             ContainsText("more than any file"));
  CHECK_THAT(npy_defect(npy(dictionary("<f4", "(1000000000, 1000)"), two)),
             ContainsText(sizeof(Index) < 8 ? "more than any file" : "truncated"));
  for (const float bad :
       {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()})
    CHECK_THAT(npy_defect(npy(dictionary("<f4", "(1, 2)"), bytes_of(1.0F) + bytes_of(bad))),
               ContainsText("value 1 is not finite"));
  CHECK_THAT(npy_defect(npy(dictionary("<f8", "(1, 1)"), bytes_of(-1.0 / 0.0))),
             ContainsText("value 0"));
}

TEST_CASE("a damaged .npy header is refused") {
  const std::string good = dictionary("|u1", "(1, 2)");
  for (std::size_t length = 0; length < good.size(); ++length)
    CHECK_THAT(npy_defect(npy(good.substr(0, length), {7, 8})), ContainsText("header"));
  CHECK_THAT(npy_defect(npy(good + " extra", {7, 8})), ContainsText("header"));
  CHECK_THAT(npy_defect(npy(dictionary("|u1", "(1, x)"), {7, 8})), ContainsText("header"));
  CHECK_THAT(npy_defect(npy(dictionary("|u1", "(1, -2)"), {7, 8})), ContainsText("header"));
  CHECK_THAT(npy_defect(npy(dictionary("|u1", "(99999999999999999999, 2)"), {7, 8})),
             ContainsText("header"));
  CHECK_THAT(npy_defect(npy("{'descr': '|u1', 'shape': (1, 2)}", {7, 8})), ContainsText("header"));
  CHECK_THAT(npy_defect(npy("{'descr': '|u1', 'descr': '|u1', 'shape': (1, 2)}", {7, 8})),
             ContainsText("key 'descr'"));
  Bytes endless = npy(good, {7, 8}, 2);
  endless[11] = 0x7f;  // a header of two billion bytes
  CHECK_THAT(npy_defect(endless), ContainsText("truncated"));
  CHECK_THAT(npy_defect(npy(good + std::string(70000, ' '), {7, 8}, 2)), ContainsText("header of"));
}

namespace {

std::vector<int> labels_of(const Bytes& bytes) {
  const files::TemporaryDirectory directory;
  files::write(directory / "labels.npy", bytes);
  return data::npy_labels(directory / "labels.npy");
}

std::string defect_of_labels(const Bytes& bytes) {
  try {
    (void)labels_of(bytes);
  } catch (const FileError& error) {
    return error.what();
  }
  return "none";
}

}  // namespace

TEST_CASE("labels are read from every integer type in either byte order") {
  const std::vector<int> expected{3, 0, 120};
  CHECK(labels_of(npy(dictionary("|u1", "(3,)"), {3, 0, 120})) == expected);
  CHECK(labels_of(npy(dictionary("|i1", "(3,)"), {3, 0, 120})) == expected);
  for (const char kind : {'i', 'u'})
    for (const std::size_t width : {2U, 4U, 8U}) {
      Bytes little, big;
      for (const int label : expected) {
        Bytes bytes(width, 0);
        bytes.front() = static_cast<std::uint8_t>(label);
        little = std::move(little) + bytes;
        std::reverse(bytes.begin(), bytes.end());
        big = std::move(big) + bytes;
      }
      const std::string type = kind + std::to_string(width);
      CHECK(labels_of(npy(dictionary("<" + type, "(3,)"), little)) == expected);
      CHECK(labels_of(npy(dictionary(">" + type, "(3,)"), big)) == expected);
    }
}

TEST_CASE("labels that are none are refused with the first of them") {
  CHECK_THAT(defect_of_labels(npy(dictionary("|i1", "(2,)"), {1, 0xff})),
             ContainsText("label -1 of image 1 lies outside 0..1073741823"));
  CHECK_THAT(defect_of_labels(npy(dictionary("<u4", "(1,)"), {0xff, 0xff, 0xff, 0xff})),
             ContainsText("label 4294967295 of image 0"));
  CHECK_THAT(defect_of_labels(npy(dictionary("<i8", "(1,)"), {0, 0, 0, 0, 0, 0, 0, 0x80})),
             ContainsText("label -9223372036854775808"));
  CHECK_THAT(defect_of_labels(npy(dictionary("<f4", "(1,)"), {0, 0, 0, 0})),
             ContainsText("labels.astype('int64')"));
  CHECK_THAT(defect_of_labels(npy(dictionary("|b1", "(1,)"), {1})), ContainsText("type '|b1'"));
  CHECK_THAT(defect_of_labels(npy(dictionary("|u1", "(2, 1)"), {1, 1})),
             ContainsText("2 dimensions, expected one"));
  CHECK_THAT(defect_of_labels(npy(dictionary("|u1", "(0,)"), {})), ContainsText("no labels"));
  CHECK_THAT(defect_of_labels(npy(dictionary("<i4", "(2,)"), {1, 0, 0, 0})),
             ContainsText("truncated"));
  CHECK_THAT(defect_of_labels(npy(dictionary("|u1", "(1,)"), {1, 2})), ContainsText("more follow"));
  CHECK_THAT(defect_of_labels(npy(dictionary("<i8", "(9223372036854775807,)"), {1})),
             ContainsText("more labels than any file"));
}
