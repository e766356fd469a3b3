// The programs by each level of kernels that gloro::compiled has for this processor: their answers differ in
// the last digits and never contradict each other.
#ifdef GLORO_COMPILED

#include <cmath>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "gloro/kernels/level.hpp"
#include "run.hpp"

namespace {

struct Row {
  int label;
  double radius;
};

/// The columns `predicted` and `certified_radius` of a CSV file that certify wrote.
std::vector<Row> rows_of(const std::string& csv) {
  std::istringstream lines(csv);
  std::string line;
  std::getline(lines, line);
  REQUIRE(line.starts_with("index,label,predicted,certified_radius"));
  std::vector<Row> rows;
  while (std::getline(lines, line)) {
    std::istringstream cells(line);
    std::string cell[4];
    for (std::string& each : cell) std::getline(cells, each, ',');
    rows.push_back({std::stoi(cell[2]), std::stod(cell[3])});
  }
  return rows;
}

}  // namespace

TEST_CASE("Certificates by any two levels of kernels never contradict each other") {
  if (!std::string_view(gloro::kernels::level()).starts_with("x86-64")) {
    WARN("this library has kernels of one instruction set");
    return;
  }
  const programs::Folder folder;
  programs::write_small_data(folder / "data");
  REQUIRE(folder
              .run("gloro train --data data --architecture '(8,3).16' --epochs 6 --batch_size 20 "
                   "--epsilon 0.2 --threads 1 --save m.st")
              .code == 0);
  std::vector<std::vector<Row>> answers;
  for (const std::string level : {"x86-64", "x86-64-v2", "x86-64-v3", "x86-64-v4"}) {
    const auto outcome = folder.run(
        "GLORO_KERNELS=" + level + " gloro certify m.st --dataset mnist --data data --csv out.csv");
    if (outcome.err.find("this processor has no more than") != std::string::npos) continue;
    REQUIRE(outcome.code == 0);
    answers.push_back(rows_of(programs::read(folder / "out.csv")));
  }
  REQUIRE(!answers.empty());
  int answered = 0;
  for (const auto& some : answers) {
    REQUIRE(some.size() == 50);
    for (std::size_t i = 0; i < some.size(); ++i) {
      const Row &a = answers.front()[i], &b = some[i];
      if (a.label < 0 || b.label < 0) continue;
      ++answered;
      CHECK(a.label == b.label);  // two answers about one point
      CHECK(std::abs(a.radius - b.radius) <= 1e-9 * a.radius);
    }
  }
  CHECK(answered > 20 * static_cast<int>(answers.size()));
}

TEST_CASE("A level of kernels that nobody knows is refused by its name") {
  if (!std::string_view(gloro::kernels::level()).starts_with("x86-64")) return;
  const programs::Folder folder;
  programs::write_small_data(folder / "data");
  const auto outcome = folder.run(
      "GLORO_KERNELS=sse9 gloro train --data data --architecture 16 --epochs 1 --save m.st");
  CHECK(outcome.code == 1);
  CHECK(outcome.err.find("GLORO_KERNELS is sse9: expected x86-64") != std::string::npos);
}

#endif
