#include "gloro/io/safetensors.hpp"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <tuple>
#include <type_traits>
#include <variant>

#include "catch.hpp"
#include "data/files.hpp"
#include "gloro/core/error.hpp"

using namespace gloro;
using files::Bytes;

namespace {

/// A file with this header (its length put before it) and these data.
Bytes file_of(const std::string& header, const Bytes& data) {
  Bytes length;
  for (int byte = 0; byte < 8; ++byte)
    length.push_back(static_cast<std::uint8_t>(header.size() >> (8 * byte)));
  return files::operator+(files::operator+(length, files::text(header)), data);
}

std::string why_refused(const std::filesystem::path& path, const Bytes& bytes) {
  files::write(path, bytes);
  try {
    (void)read_safetensors(path);
  } catch (const FileError& error) {
    const std::string text = error.what();
    CHECK(text.starts_with(path.string() + ": "));
    return text;
  }
  return "not refused";
}

Bytes contents(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("A safetensors file gives back what was written, bit for bit") {
  const files::TemporaryDirectory directory;
  Safetensors content;
  content.tensors.push_back({"b", {2, 3}, std::vector<float>{1, -0.F, 3, 1e-45F, 5, 0}});
  content.tensors.push_back({"a", {1}, std::vector<double>{0x1.23456789abcdep-300}});
  content.tensors.push_back({"empty", {0, 4}, std::vector<float>{}});
  content.tensors.push_back({"scalar", {}, std::vector<float>{2.5F}});
  content.metadata = {{"key \"quoted\"", "väl\nue"}, {"", "empty key"}};
  std::get<0>(content.tensors[0].values)[5] = std::numeric_limits<float>::quiet_NaN();
  write_safetensors(directory / "x.safetensors", content);

  const Safetensors read = read_safetensors(directory / "x.safetensors");
  CHECK(read.metadata == content.metadata);
  REQUIRE(read.tensors.size() == 4);
  for (const NamedTensor& tensor : read.tensors) {
    const auto wanted = std::find_if(content.tensors.begin(), content.tensors.end(),
                                     [&](const auto& t) { return t.name == tensor.name; });
    REQUIRE(wanted != content.tensors.end());
    CHECK(tensor.extents == wanted->extents);
    REQUIRE(tensor.values.index() == wanted->values.index());
    std::visit(
        [&](const auto& values) {
          const auto& original = std::get<std::decay_t<decltype(values)>>(wanted->values);
          REQUIRE(values.size() == original.size());
          for (std::size_t i = 0; i < values.size(); ++i)  // -0, NaN and what underflows, too
            CHECK(std::memcmp(&values[i], &original[i], sizeof values[i]) == 0);
        },
        tensor.values);
  }
}

TEST_CASE("A safetensors file is the bytes that the format asks for") {
  const files::TemporaryDirectory directory;
  write_safetensors(directory / "x", {{{"w", {2}, std::vector<float>{1.0F, -2.0F}}}, {{"k", "v"}}});
  const Bytes bytes = contents(directory / "x");
  const std::string header =
      R"({"__metadata__":{"k":"v"},"w":{"data_offsets":[0,8],"dtype":"F32","shape":[2]}})";
  const std::string padded = header + std::string((8 - header.size() % 8) % 8, ' ');
  CHECK(bytes == file_of(padded, {0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0}));
}

TEST_CASE("A safetensors file by another writer is read: any order, spaces, no metadata") {
  const files::TemporaryDirectory directory;
  files::write(directory / "x",
               file_of("{ \"late\" : {\"dtype\":\"F64\", \"shape\":[1],\"data_offsets\":[4, 12]},\n"
                       "\"early\":{\"shape\":[1,1],\"data_offsets\":[0,4],\"dtype\":\"F32\"} }   ",
                       {0, 0, 0x80, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0x40}));
  const Safetensors read = read_safetensors(directory / "x");
  REQUIRE(read.tensors.size() == 2);
  CHECK(read.tensors[0].name == "early");
  CHECK(std::get<0>(read.tensors[0].values) == std::vector<float>{1});
  CHECK(std::get<1>(read.tensors[1].values) == std::vector<double>{2});
  CHECK(read.metadata.empty());
}

TEST_CASE("A damaged safetensors file is refused with its name and its defect") {
  const files::TemporaryDirectory directory;
  const auto refused = [&](const std::string& header, std::size_t data) {
    return why_refused(directory / "x.safetensors", file_of(header, Bytes(data)));
  };
  const auto tensor = [](const std::string& dtype, const std::string& shape,
                         const std::string& offsets) {
    return R"({"t":{"dtype":)" + dtype + R"(,"shape":)" + shape + R"(,"data_offsets":)" + offsets +
           "}}";
  };
  REQUIRE(refused(tensor("\"F32\"", "[2]", "[0,8]"), 8) == "not refused");

  SECTION("sizes") {
    CHECK_THAT(why_refused(directory / "x", {}), ContainsText("too short"));
    CHECK_THAT(why_refused(directory / "x", Bytes(7)), ContainsText("too short"));
    CHECK_THAT(why_refused(directory / "x", Bytes(8, 0xff)),
               ContainsText("claims 18446744073709551615 bytes, but only 0 follow"));
    CHECK_THAT(why_refused(directory / "x", Bytes(8)), ContainsText("begin with '{'"));
    Bytes longer = file_of("{}", {});
    REQUIRE(why_refused(directory / "x", longer) == "not refused");
    longer[0] = 5;
    CHECK_THAT(why_refused(directory / "x", longer),
               ContainsText("claims 5 bytes, but only 2 follow"));
    CHECK_THAT(refused("{}" + std::string(100'000'000, ' '), 0), ContainsText("allow 100000000"));
    CHECK_THAT(refused(tensor("\"F32\"", "[2]", "[0,8]"), 9), ContainsText("end at byte 8 of 9"));
    CHECK_THAT(refused(tensor("\"F32\"", "[2]", "[0,8]"), 7), ContainsText("bytes 0 to 8 of 7"));
  }
  SECTION("tensors") {
    CHECK_THAT(refused(tensor("\"I64\"", "[1]", "[0,8]"), 8), ContainsText("type \"I64\""));
    CHECK_THAT(refused(tensor("32", "[1]", "[0,8]"), 8), ContainsText("type 32"));
    CHECK_THAT(refused(tensor("\"F32\"", "[3]", "[0,8]"), 8), ContainsText("needs 12 bytes"));
    CHECK_THAT(refused(tensor("\"F64\"", "[2]", "[0,8]"), 8), ContainsText("needs 16 bytes"));
    CHECK_THAT(refused(tensor("\"F32\"", "[-2]", "[0,8]"), 8), ContainsText("got -2"));
    CHECK_THAT(refused(tensor("\"F32\"", "[2.0]", "[0,8]"), 8), ContainsText("got 2.0"));
    CHECK_THAT(refused(tensor("\"F32\"", "2", "[0,8]"), 8), ContainsText("shape is not a list"));
    CHECK_THAT(refused(tensor("\"F32\"", "[2]", "[0]"), 8), ContainsText("not a pair"));
    CHECK_THAT(refused(tensor("\"F32\"", "[2]", "[8,0]"), 8), ContainsText("bytes 8 to 0"));
    CHECK_THAT(refused(tensor("\"F32\"", "[2000000000,2000000000,2000000000]", "[0,8]"), 8),
               ContainsText("multiply to more"));
    CHECK_THAT(refused(tensor("\"F32\"", "[18446744073709551615]", "[0,8]"), 8),
               ContainsText("got 18446744073709551615"));
    CHECK_THAT(refused(tensor("\"F32\"", "[2]", "[0,8],\"more\":1"), 8), ContainsText("exactly"));
    CHECK_THAT(refused(R"({"t":{"dtype":"F32","shape":[2]}})", 8), ContainsText("exactly"));
    CHECK_THAT(refused(R"({"t":[]})", 0), ContainsText("'t'"));
  }
  SECTION("overlaps and gaps") {
    const auto two = [&](const std::string& first, const std::string& second) {
      return refused(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":)" + first +
                         R"(},"b":{"dtype":"F32","shape":[2],"data_offsets":)" + second + "}}",
                     20);
    };
    CHECK_THAT(two("[0,8]", "[4,12]"), ContainsText("'b' begins at byte 4, expected 8"));
    CHECK_THAT(two("[12,20]", "[0,8]"), ContainsText("'a' begins at byte 12, expected 8"));
    CHECK_THAT(two("[0,8]", "[0,8]"), ContainsText("begins at byte 0, expected 8"));
  }
  SECTION("the header's text") {
    CHECK_THAT(refused("{", 0), ContainsText("not valid JSON"));
    CHECK_THAT(refused("[]", 0), ContainsText("begin with '{'"));
    CHECK_THAT(refused("{} x", 0), ContainsText("not valid JSON"));
    CHECK_THAT(refused(std::string("{\"\xff\":1}"), 0), ContainsText("not valid JSON"));
    CHECK_THAT(refused(std::string("{}\0", 3), 0), ContainsText("byte 2 is a NUL"));
    CHECK_THAT(refused(std::string("{}\0,\"a\":1}", 10), 0), ContainsText("byte 2 is a NUL"));
    CHECK_THAT(refused("\xEF\xBB\xBF{}", 0), ContainsText("begin with '{'"));
    CHECK_THAT(refused("{}\v", 0), ContainsText("not valid JSON"));
    CHECK_THAT(refused(R"({"a":NaN})", 0), ContainsText("not valid JSON"));
    CHECK_THAT(refused(R"({"a":1} // a comment)", 0), ContainsText("not valid JSON"));
    CHECK_THAT(refused(R"({"__metadata__":{"k":1}})", 0), ContainsText("'k' is not a string"));
    CHECK_THAT(refused(R"({"__metadata__":[]})", 0), ContainsText("not an object"));
    CHECK_THAT(refused(R"({"__metadata__":{"k":"1","k":"2"}})", 0),
               ContainsText("\"k\" comes twice"));
    CHECK_THAT(refused(R"({"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},)"
                       R"("a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}})",
                       0),
               ContainsText("\"a\" comes twice"));
    CHECK_THAT(refused("{\"a\":" + std::string(100000, '['), 0), ContainsText("deeper"));
  }
}

TEST_CASE("No safetensors file can be shortened or lengthened unnoticed") {
  const files::TemporaryDirectory directory;
  write_safetensors(directory / "x", {{{"w", {5}, std::vector<float>{1, 2, 3, 4, 5}}}, {}});
  const Bytes whole = contents(directory / "x");
  for (Bytes part = whole; !part.empty();) {
    part.pop_back();
    REQUIRE(why_refused(directory / "y", part) != "not refused");
  }
  CHECK(why_refused(directory / "y", files::operator+(whole, Bytes(1))) != "not refused");
}

TEST_CASE("Writing refuses tensors that cannot be read back, and leaves the old file") {
  const files::TemporaryDirectory directory;
  files::write(directory / "x", files::text("old"));
  const NamedTensor good{"w", {2}, std::vector<float>{1, 2}};
  CHECK_THROWS_AS(write_safetensors(directory / "x", {{good, good}, {}}), ArgumentError);
  CHECK_THROWS_AS(write_safetensors(directory / "x", {{{"w", {3}, std::vector<float>{1}}}, {}}),
                  ArgumentError);
  CHECK_THROWS_AS(write_safetensors(directory / "x", {{{"__metadata__", {0}, {}}}, {}}),
                  ArgumentError);
  CHECK_THROWS_AS(write_safetensors(directory / "x", {{good}, {{"k", "\xff"}}}), ArgumentError);
  CHECK_THROWS_AS(write_safetensors(directory / "none" / "x", {{good}, {}}), FileError);
  CHECK_THROWS_AS(read_safetensors(directory / "none"), FileError);
  CHECK_THROWS_AS(read_safetensors(std::filesystem::path(directory)), FileError);
  CHECK(contents(directory / "x") == files::text("old"));
}
