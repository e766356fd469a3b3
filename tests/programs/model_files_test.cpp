// What `certify` makes of model files that could mean two things, or cost more than they say.
#include <bit>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "gloro/core/detail/endian.hpp"
#include "gloro/io/safetensors.hpp"
#include "run.hpp"

using namespace programs;

namespace {

/// A file of the network `layers` on inputs of 1 x 1 x `channels`.
gloro::Safetensors model(const std::string& layers, int channels,
                         std::vector<gloro::NamedTensor> tensors) {
  return {std::move(tensors),
          {{"format", "gloro"},
           {"version", "1"},
           {"epsilon", "0.1"},
           {"layers", layers},
           {"input_shape", "[1,1," + std::to_string(channels) + "]"}}};
}

/// Images of 1 x 1 x `channels`, in float64.
void write_images(const std::filesystem::path& path, int channels,
                  const std::vector<double>& pixels) {
  std::string header = "{'descr': '<f8', 'fortran_order': False, 'shape': (" +
                       std::to_string(pixels.size() / static_cast<std::size_t>(channels)) +
                       ", 1, 1, " + std::to_string(channels) + "), }";
  header += std::string(63 - (10 + header.size()) % 64, ' ') + "\n";
  std::string bytes = std::string("\x93NUMPY\x01\0", 8);
  bytes += static_cast<char>(header.size() & 255U);
  bytes += static_cast<char>(header.size() >> 8);
  bytes += header;
  for (const double pixel : pixels)
    for (const auto byte : gloro::detail::little_endian(std::bit_cast<std::uint64_t>(pixel)))
      bytes += static_cast<char>(byte);
  write(path, bytes);
}

/// The first `count` columns of a CSV file.
std::string first_columns(const std::string& csv, int count) {
  std::string kept;
  int column = 0;
  for (const char c : csv) {
    if (c == '\n') column = 0;
    if (c == ',') ++column;
    if (column < count) kept += c;
  }
  return kept;
}

const gloro::NamedTensor weight{"layers.0.weight", {3, 2}, std::vector<float>{1, 0, 0.9F, 0, 0, 1}};
const gloro::NamedTensor bias{"layers.0.bias", {3}, std::vector<float>{0, 0, 0}};
const std::string dense = R"([{"type":"dense","units":3}])";
const std::string unbiased = R"([{"type":"dense","units":3,"bias":false}])";

}  // namespace

TEST_CASE("certify refuses model files that two readers could take for different networks") {
  const Folder folder;
  write_images(folder / "x.npy", 2, {4, 1, 3, -2});
  const auto outcome = [&](const gloro::Safetensors& content) {
    gloro::write_safetensors(folder / "m.st", content);
    const Outcome done = folder.run("gloro certify m.st --images x.npy");
    if (done.code != 0) CHECK_THAT(done.err, ContainsText("m.st: "));
    return done;
  };
  REQUIRE(outcome(model(dense, 2, {weight, bias})).code == 0);
  REQUIRE(outcome(model(unbiased, 2, {weight})).code == 0);

  SECTION("metadata that go on after a NUL") {
    for (const std::string key : {"layers", "epsilon", "input_shape"}) {
      gloro::Safetensors content = model(dense, 2, {weight, bias});
      content.metadata[key] += std::string("\0005", 2);
      const Outcome done = outcome(content);
      CHECK(done.code == 1);
      CHECK_THAT(done.err, ContainsText("'" + key + "'") && ContainsText("NUL"));
    }
  }
  SECTION("a header that goes on after a NUL") {
    gloro::write_safetensors(folder / "m.st", model(dense, 2, {weight, bias}));
    std::string bytes = read(folder / "m.st");
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(bytes[at]); };
    const auto length = byte(0) + 256U * byte(1);
    std::string header = bytes.substr(8, length) + std::string("\0,\"more\":{}}    ", 16);
    header += std::string((8 - header.size() % 8) % 8, ' ');
    std::string start(8, '\0');
    start[0] = static_cast<char>(header.size() & 255U);
    start[1] = static_cast<char>(header.size() >> 8);
    write(folder / "m.st", start + header + bytes.substr(8 + length));
    const Outcome done = folder.run("gloro certify m.st --images x.npy");
    CHECK(done.code == 1);
    CHECK_THAT(done.err, ContainsText("NUL"));
  }
  SECTION("a bias that was taken out") {
    const Outcome done = outcome(model(dense, 2, {weight}));
    CHECK(done.code == 1);
    CHECK_THAT(done.err, ContainsText("tensor 'layers.0.bias' is missing"));
  }
  SECTION("float64 weights in float32") {
    const gloro::NamedTensor wide{"layers.0.weight", {3, 2}, std::vector<double>(6, 0.1)};
    const Outcome done = outcome(model(unbiased, 2, {wide}));
    CHECK(done.code == 1);
    CHECK_THAT(done.err, ContainsText("certify --double"));
    CHECK(folder.run("gloro certify m.st --images x.npy --double").code == 0);
  }
}

TEST_CASE("certify and certify --double certify one network") {
  // The margin of the two classes is 2 (x - shift): whether the shift is 0.1 or the float nearest to
  // it decides the label of a point between them.
  const Folder folder;
  const std::string layers = R"([{"type":"normalization","shift":[0.1],"scale":[1.0]},)"
                             R"({"type":"dense","units":2,"bias":false}])";
  gloro::write_safetensors(
      folder / "m.st", model(layers, 1, {{"layers.1.weight", {2, 1}, std::vector<float>{1, -1}}}));
  const auto nearest = static_cast<double>(0.1F);
  write_images(folder / "x.npy", 1, {(0.1 + nearest) / 2, nearest, 0.1, 0.25});
  CHECK(folder.run("gloro certify m.st --images x.npy --csv float.csv").code == 0);
  CHECK(folder.run("gloro certify m.st --images x.npy --csv double.csv --double").code == 0);
  // Neither may prove the wrong label: an image below the float nearest to 0.1 is of class 1.
  for (const std::string name : {"float.csv", "double.csv"}) {
    const std::string rows = read(folder / name);
    INFO(name << '\n' << rows);
    CHECK(rows.find("\n0,,0,") == std::string::npos);
    CHECK(rows.find("\n2,,0,") == std::string::npos);
    CHECK(rows.find("\n3,,0,0.1") != std::string::npos);
  }
}

TEST_CASE("The first columns of certify mean one thing whatever the guarantee in the file") {
  const Folder folder;
  gloro::Safetensors content = model(dense, 2, {weight, bias});
  gloro::write_safetensors(folder / "plain.st", content);
  content.metadata["guarantee"] = R"({"top_k":2})";
  gloro::write_safetensors(folder / "relaxed.st", content);
  // At (4, 1) class 0 is proved and so is {0, 1}, further; at (0, -5) the pair alone; at 0 none.
  write_images(folder / "x.npy", 2, {4, 1, 0, -5, 0, 0});
  CHECK(
      folder.run("gloro certify plain.st --images x.npy --csv plain.csv --json plain.json").code ==
      0);
  CHECK(folder.run("gloro certify relaxed.st --images x.npy --csv relaxed.csv --json relaxed.json")
            .code == 0);
  const std::string plain = read(folder / "plain.csv"), relaxed = read(folder / "relaxed.csv");
  CHECK(plain.starts_with("index,label,predicted,certified_radius,clean_correct\n"));
  CHECK(
      relaxed.starts_with("index,label,predicted,certified_radius,clean_correct,certified_set,"
                          "set_radius,label_radius\n"));
  CHECK(first_columns(relaxed, 5) == plain);
  CHECK_THAT(plain, ContainsText("\n1,,-1,0.0"));
  CHECK_THAT(relaxed, ContainsText(",0 1,"));
  CHECK_THAT(read(folder / "plain.json"), !ContainsText("set_certified"));
  CHECK_THAT(read(folder / "relaxed.json"), ContainsText("\"set_certified\": 0.66"));
  CHECK_THAT(read(folder / "relaxed.json"), ContainsText("\"certified\": 0.33"));
  CHECK_THAT(read(folder / "plain.json"), ContainsText("\"certified\": 0.33"));
}

TEST_CASE(
    "certify refuses a small file of a network that needs gigabytes and says what needs them") {
  const Folder folder;
  write_images(folder / "x.npy", 1, {0.5});
  gloro::write_safetensors(folder / "m.st",
                           model(R"([{"type":"dense","units":10000,"bias":false}])", 1,
                                 {{"layers.0.weight", {10000, 1}, std::vector<float>(10000)}}));
  const Outcome done = folder.run("gloro certify m.st --images x.npy");
  CHECK(done.code == 1);
  CHECK_THAT(done.err, ContainsText("the table of margins between 10000 classes needs 1.6 GB") &&
                           ContainsText("more than the limit of 1.1 GB"));
  CHECK(folder.run("gloro certify m.st --images x.npy --most-memory 1.5").code == 1);
  CHECK(folder.run("gloro certify m.st --images x.npy --most-memory 0").code == 2);

  gloro::write_safetensors(folder / "small.st", model(unbiased, 2, {weight}));
  write_images(folder / "two.npy", 2, {1, 0});
  CHECK(folder.run("gloro certify small.st --images two.npy --most-memory 1e-6").code == 0);
  CHECK_THAT(folder.run("gloro certify small.st --images two.npy --most-memory 1e-7").err,
             ContainsText("more than the limit of 100 bytes"));
}
