#include "gloro/data/npy.hpp"

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

std::string defect(const Bytes& bytes) {
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
    CHECK_THAT(defect(npy(dictionary("<f2", "(1, 1)"), little_endian(bad))),
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
  CHECK(defect(npy(dictionary("|u1", "(1, 2)"), two)) == "none");
  CHECK_THAT(defect({}), ContainsText("truncated"));
  CHECK_THAT(defect(files::text("not numpy at all")), ContainsText("not a .npy file"));
  CHECK_THAT(defect(npy(dictionary("|u1", "(1, 2)"), two, 4)), ContainsText("version 4"));
  CHECK_THAT(defect(npy(dictionary("<i8", "(1, 2)"), two)), ContainsText("type '<i8'"));
  CHECK_THAT(defect(npy(dictionary(">f4", "(1, 2)"), two)), ContainsText("type '>f4'"));
  for (const std::string type : {"<i8", "|i1", "<u2", "|b1"})
    CHECK_THAT(defect(npy(dictionary(type, "(1, 2)"), two)),
               ContainsText(type) && ContainsText("images.astype('uint8')"));
  for (const std::string type : {">f4", ">f8", "<f16"})
    CHECK_THAT(defect(npy(dictionary(type, "(1, 2)"), two)),
               ContainsText(type) && ContainsText("images.astype('<f8')"));
  CHECK_THAT(defect(npy(dictionary("|O", "(1, 2)"), two)), ContainsText("numpy.stack"));
  CHECK_THAT(defect(npy("{'descr': [('a', '|u1')], 'fortran_order': False, 'shape': (2,), }", two)),
             ContainsText("array of records"));
  CHECK_THAT(defect(files::text("PK\3\4 and more of it")), ContainsText(".npz"));
  CHECK_THAT(defect(npy(dictionary("|u1", "(2,)"), two)), ContainsText("1 dimensions"));
  CHECK_THAT(defect(npy(dictionary("|u1", "(1, 1, 1, 1, 2)"), two)), ContainsText("5 dimensions"));
  CHECK_THAT(defect(npy(dictionary("|u1", "(0, 2)"), {})),
             ContainsText("0 images of") && ContainsText("holds nothing"));
  CHECK_THAT(defect(npy(dictionary("|u1", "(2, 2)"), two)),
             ContainsText("truncated: 4 more bytes are expected, and 2 follow"));
  CHECK_THAT(defect(npy(dictionary("|u1", "(1, 1)"), two)), ContainsText("more follow"));
  CHECK_THAT(defect(npy(dictionary("|u1", "(2000000000, 2000000000, 2000000000)"), two)),
             ContainsText("more than any file"));
  CHECK_THAT(defect(npy(dictionary("<f4", "(1000000000, 1000)"), two)),
             ContainsText(sizeof(Index) < 8 ? "more than any file" : "truncated"));
  for (const float bad :
       {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()})
    CHECK_THAT(defect(npy(dictionary("<f4", "(1, 2)"), bytes_of(1.0F) + bytes_of(bad))),
               ContainsText("value 1 is not finite"));
  CHECK_THAT(defect(npy(dictionary("<f8", "(1, 1)"), bytes_of(-1.0 / 0.0))),
             ContainsText("value 0"));
}

TEST_CASE("a damaged .npy header is refused") {
  const std::string good = dictionary("|u1", "(1, 2)");
  for (std::size_t length = 0; length < good.size(); ++length)
    CHECK_THAT(defect(npy(good.substr(0, length), {7, 8})), ContainsText("header"));
  CHECK_THAT(defect(npy(good + " extra", {7, 8})), ContainsText("header"));
  CHECK_THAT(defect(npy(dictionary("|u1", "(1, x)"), {7, 8})), ContainsText("header"));
  CHECK_THAT(defect(npy(dictionary("|u1", "(1, -2)"), {7, 8})), ContainsText("header"));
  CHECK_THAT(defect(npy(dictionary("|u1", "(99999999999999999999, 2)"), {7, 8})),
             ContainsText("header"));
  CHECK_THAT(defect(npy("{'descr': '|u1', 'shape': (1, 2)}", {7, 8})), ContainsText("header"));
  CHECK_THAT(defect(npy("{'descr': '|u1', 'descr': '|u1', 'shape': (1, 2)}", {7, 8})),
             ContainsText("key 'descr'"));
  Bytes endless = npy(good, {7, 8}, 2);
  endless[11] = 0x7f;  // a header of two billion bytes
  CHECK_THAT(defect(endless), ContainsText("truncated"));
  CHECK_THAT(defect(npy(good + std::string(70000, ' '), {7, 8}, 2)), ContainsText("header of"));
}
