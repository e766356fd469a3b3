// The picture of docs/schedules.md is what the command beside it draws.
#include <filesystem>
#include <string>

#include "programs/run.hpp"

using programs::Folder, programs::Outcome, programs::read;

TEST_CASE("The curves in the documentation are those that its command draws") {
  const std::filesystem::path docs = GLORO_SOURCE "/docs";
  const std::string page = read(docs / "schedules.md");
  const std::string program = "build/release/examples/schedule", output = "docs/schedules.svg";
  const auto from = page.find(program);
  REQUIRE(from != std::string::npos);
  std::string command = page.substr(from, page.find("```", from) - from);
  command.replace(0, program.size(), "schedule");
  const auto file = command.find(output);
  REQUIRE(file != std::string::npos);
  command.replace(file, output.size(), "drawn.svg");

  const Folder folder;
  REQUIRE(folder.run(command).code == 0);
  CHECK(read(std::filesystem::path(folder) / "drawn.svg") == read(docs / "schedules.svg"));
}

TEST_CASE("A schedule that cannot be read is a mistake of the command line and draws nothing") {
  const Folder folder;
  for (const std::string words : {"'cos [1]-sideways-[2]'", "''", "'  '"}) {
    CAPTURE(words);
    const Outcome outcome = folder.run("schedule --output drawn.svg " + words);
    CHECK(outcome.code == 2);
    CHECK_FALSE(std::filesystem::exists(std::filesystem::path(folder) / "drawn.svg"));
  }
}
