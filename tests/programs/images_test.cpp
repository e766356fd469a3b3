// The images that `certify` is given: the ones that it certifies, in the unit that the network knows, and
// words for what cannot be read.
#include "programs/run.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

using programs::Folder;
namespace fs = std::filesystem;

namespace {

std::string little_endian(std::uint64_t word, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(word >> (8 * i) & 255U);
  return text;
}

std::string npy(const std::string& type, const std::string& shape, const std::string& values) {
  std::string header =
      "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }";
  header += std::string(117 - header.size(), ' ') + '\n';  // 128 bytes with the magic number
  return "\x93NUMPY\x01" + std::string(1, '\0') + little_endian(header.size(), 2) + header + values;
}

/// Logits (x, -x): the border lies at 0, so an image x > 0 is exactly x away from it.
/// It was trained on 0 to 1.
std::string mirror(bool is_double = false) {
  std::string values;
  for (const double weight : {1.0, -1.0})
    values += is_double
                  ? little_endian(std::bit_cast<std::uint64_t>(weight), 8)
                  : little_endian(std::bit_cast<std::uint32_t>(static_cast<float>(weight)), 4);
  const std::string header =
      R"({"__metadata__":{"format":"gloro","version":"1","input_shape":"[1,1,1]","epsilon":"0.1",)"
      R"("input_range":"[0, 1]",)"
      R"("layers":"[{\"type\":\"dense\",\"units\":2,\"bias\":false}]"},"layers.0.weight":{"dtype":")" +
      std::string(is_double ? "F64" : "F32") + R"(","shape":[2,1],"data_offsets":[0,)" +
      std::to_string(values.size()) + "]}}";
  return little_endian(header.size(), 8) + header + values;
}

std::vector<double> radii_of(const std::string& csv) {
  std::istringstream lines(csv);
  std::string line;
  std::getline(lines, line);
  std::vector<double> radii;
  while (std::getline(lines, line)) {
    std::istringstream fields(line);
    std::string field;
    for (int column = 0; column < 4; ++column) std::getline(fields, field, ',');
    radii.push_back(std::stod(field));
  }
  return radii;
}

}  // namespace

TEST_CASE("A float64 image is certified as it was given in either precision of the network") {
  const Folder folder;
  const std::vector<double> images{0.1, 0.7, 0.3, 1 / 3.0, 0.001, 1e-42, 1e39};
  std::string values;
  for (const double x : images) values += little_endian(std::bit_cast<std::uint64_t>(x), 8);
  programs::write(folder / "images.npy", npy("<f8", "(7, 1)", values));
  for (const bool is_double : {false, true}) {
    programs::write(folder / "m.st", mirror(is_double));
    const auto done = folder.run("gloro certify m.st --images images.npy --csv r.csv" +
                                 std::string(is_double ? " --double" : ""));
    INFO(done.err);
    REQUIRE(done.code == 0);
    const auto radii = radii_of(programs::read(folder / "r.csv"));
    REQUIRE(radii.size() == images.size());
    for (std::size_t i = 0; i < radii.size(); ++i) {
      CHECK(radii[i] <= images[i]);
      CHECK(radii[i] >= images[i] * (1 - 1e-6));
    }
  }
}

TEST_CASE("Pixels of 0 to 255 given to a network of 0 to 1 are warned of and bytes are not") {
  const Folder folder;
  programs::write(folder / "m.st", mirror());
  std::string bytes, floats;
  for (const int value : {0, 9, 255}) {
    bytes += static_cast<char>(value);
    floats += little_endian(std::bit_cast<std::uint32_t>(static_cast<float>(value)), 4);
  }
  programs::write(folder / "bytes.npy", npy("|u1", "(3, 1)", bytes));
  programs::write(folder / "floats.npy", npy("<f4", "(3, 1)", floats));
  const auto right = folder.run("gloro certify m.st --images bytes.npy");
  CHECK(right.code == 0);
  CHECK(right.err.find("warning") == std::string::npos);
  const auto wrong =
      folder.run("gloro certify m.st --images floats.npy --json s.json --report r.html");
  CHECK(wrong.code == 0);
  const std::string said = "2 of 3 images of floats.npy have values outside 0 to 1";
  CHECK(wrong.err.find("gloro certify: warning: " + said) != std::string::npos);
  CHECK(wrong.err.find("0 to 255") != std::string::npos);
  CHECK(wrong.err.find("was trained on 0 to 1") != std::string::npos);
  CHECK(programs::read(folder / "s.json").find(said) != std::string::npos);
  CHECK(programs::read(folder / "r.html").find(said) != std::string::npos);
}

TEST_CASE("A trained network's file names the range of its images") {
  const Folder folder;
  programs::train_small_model(folder);
  CHECK(programs::read(folder / "model.st").find(R"("input_range":"[0.0,1.0]")") !=
        std::string::npos);
}

TEST_CASE("Paths that cannot be looked at are said to be so and are no crash") {
  const Folder folder;
  fs::create_symlink("loop", folder / "loop");
  fs::create_directory(folder / "folder");
  programs::write(folder / "m.st", mirror());
  const std::string long_name(300, 'x');
  const std::vector<std::pair<std::string, std::string>> wrong{
      {"m.st --dataset mnist --data loop", "cannot be opened"},
      {"m.st --dataset mnist --data " + long_name, "cannot be opened"},
      {"m.st --images loop", "cannot be opened"},
      {"m.st --images folder", "holds no folder of a class"},
      {"m.st --dataset mnist --data none", "no such file"},
      {"folder --dataset mnist --data none", "is a folder"},
      {"loop --dataset mnist --data none", "cannot be opened"}};
  for (const auto& [arguments, cause] : wrong) {
    const auto done = folder.run("gloro certify " + arguments);
    INFO(arguments << '\n' << done.err);
    CHECK(done.code == 1);
    CHECK(done.err.rfind("gloro certify: ", 0) == 0);
    CHECK(done.err.find(cause) != std::string::npos);
  }
}

#ifndef __SANITIZE_ADDRESS__  // which takes more memory than this leaves

TEST_CASE("Images that no memory holds are refused by name") {
  const Folder folder;
  programs::write(folder / "big.npy", npy("<f4", "(400000000, 1)", ""));
  fs::resize_file(folder / "big.npy", 128 + 4 * std::uintmax_t{400000000});  // a hole
  programs::write(folder / "m.st", mirror());
  const auto done = folder.run("ulimit -v 600000; gloro certify m.st --threads 1 --images big.npy");
  INFO(done.err);
  CHECK(done.code == 1);
  CHECK(done.err == "gloro certify: big.npy: does not fit into memory\n");
}

#endif
