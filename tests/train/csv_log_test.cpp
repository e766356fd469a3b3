// CsvLog: whatever became of the file, the log of a run that goes on has each epoch once.
#include "catch.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "data/files.hpp"
#include "gloro/train/csv_log.hpp"

using namespace gloro;
namespace fs = std::filesystem;

namespace {

const std::string heading =
    "epoch,epsilon,learning_rate,lambda_factor,loss,train_clean,train_vra_estimate,test_clean,"
    "test_vra_estimate,test_rejected_estimate,lipschitz,seconds\n";
const std::string old_heading =
    "epoch,epsilon,learning_rate,lambda_factor,loss,train_clean,train_vra,test_clean,test_vra,"
    "test_rejected,lipschitz,seconds\n";

EpochReport report(Index epoch) {
  return {.last = {.epoch = epoch, .epsilon = 0.25, .learning_rate = 0.001},
          .seconds = 2,
          .lipschitz = {2, 3}};
}

std::string line(Index epoch) {
  return std::to_string(epoch + 1) + ",0.25,0.001,1,0,0,0,0,0,0,6,2\n";
}

std::string contents(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void put(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

}  // namespace

TEST_CASE("A log has a heading and a line an epoch as soon as it is over") {
  const files::TemporaryDirectory directory;
  const fs::path path = directory / "log.csv";
  CsvLog log(path);
  CHECK_FALSE(fs::exists(path));
  log.epoch(report(0));
  CHECK(contents(path) == heading + line(0));
  log.epoch(report(1));
  CHECK(contents(path) == heading + line(0) + line(1));
}

TEST_CASE("A new run begins a new log with its first line and not before") {
  const files::TemporaryDirectory directory;
  const fs::path path = directory / "log.csv";
  const std::string old = heading + line(0) + line(1) + line(2);
  put(path, old);
  CsvLog log(path);
  CHECK(contents(path) == old);
  log.epoch(report(0));
  CHECK(contents(path) == heading + line(0));
}

TEST_CASE("The log of a run that goes on has each epoch once whatever became of it") {
  const files::TemporaryDirectory directory;
  const fs::path path = directory / "log.csv";
  const std::string whole = heading + line(0) + line(1);
  for (const std::string& left :
       {whole, std::string(), heading, heading.substr(0, 30), heading + line(0),
        heading + line(0) + line(1).substr(0, 5), whole + line(2), whole + "3,0.",
        heading + line(1), heading + line(0) + line(0) + line(1), old_heading + line(0)}) {
    CAPTURE(left);
    put(path, left);
    CsvLog log(path, {report(0), report(1)});
    CHECK(contents(path) == whole);
    log.epoch(report(2));
    CHECK(contents(path) == whole + line(2));
  }
  fs::remove(path);
  const CsvLog log(path, {report(0), report(1)});
  CHECK(contents(path) == whole);
}

TEST_CASE("A file that is no log is refused and stays as it is") {
  const files::TemporaryDirectory directory;
  const fs::path path = directory / "other.csv";
  for (const std::string& foreign :
       {std::string("name,price\napple,3\n"), std::string("\n"), "x" + heading,
        std::string("epoch,loss\n1,2\n"), heading.substr(0, heading.size() - 1) + ",more\n",
        old_heading.substr(0, old_heading.size() - 1) + ",more\n"}) {
    put(path, foreign);
    CHECK_THROWS_AS(CsvLog(path), FileError);
    CHECK_THROWS_WITH(CsvLog(path, {report(0)}), ContainsText("other.csv: is no training log"));
    CHECK(contents(path) == foreign);
  }
}
