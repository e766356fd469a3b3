// docs/data.md as a reader follows it: every command of the page is run, in the order of the page.
#include "programs/run.hpp"

#include <filesystem>
#include <string>

using programs::Folder;
using programs::Outcome;

namespace {

/// What stands between ```LANGUAGE and ``` for the `number`-th time; empty where it does not.
std::string block(const std::string& page, const std::string& language, int number) {
  const std::string opening = "```" + language + "\n";
  std::size_t at = 0;
  for (; number >= 0; --number) {
    at = page.find(opening, at);
    if (at == std::string::npos) return "";
    at += opening.size();
  }
  return page.substr(at, page.find("```", at) - at);
}

/// The programs are in the path of these tests.
std::string without_folder(std::string commands) {
  const std::string folder = "build/release/";
  for (std::size_t at = 0; (at = commands.find(folder)) != std::string::npos;)
    commands.erase(at, folder.size());
  return commands;
}

}  // namespace

TEST_CASE("Every command of the page on data of one's own does what the page says") {
  const Folder folder;
  if (folder.run("command -v python3 || true").out.empty()) {
    WARN("there is no python3 to draw the page's pictures");
    return;
  }
  const std::string page = programs::read(GLORO_SOURCE "/docs/data.md");
  std::string told;
  int count = 0;
  for (; !block(page, "sh", count).empty(); ++count) {
    const std::string commands = block(page, "sh", count);
    if (commands.starts_with("scripts/build")) continue;  // they are built
    const Outcome outcome = folder.run("set -e\n" + without_folder(commands));
    INFO(commands << outcome.out << outcome.err);
#if !(defined(GLORO_WITH_PNG) && GLORO_WITH_PNG)
    CHECK_THAT(outcome.err, ContainsText("built without libpng"));
    return;
#endif
    REQUIRE(outcome.code == 0);
    told += outcome.out;
  }
  CHECK(count == 5);
  CHECK_THAT(told, ContainsText("300 images of shapes test, clean accuracy ") &&
                       ContainsText("saved shapes.html"));
  CHECK_THAT(told, ContainsText("900 images to train on, 300 to test, 12x12x1, 3 classes"));
  CHECK_THAT(told, ContainsText("shapes.safetensors before training: clean "));
  CHECK_THAT(told, ContainsText("the run was to have 3 epochs and now has 5"));
  const std::string vra =
      folder
          .run(
              "gloro certify shapes.safetensors --images pictures/test --json - "
              "2>words | sed -n 's/.*\"vra\": //p' | tr -d ,")
          .out;
  CHECK(std::stod(vra) > 0.9);
  CHECK_THAT(programs::read(folder / "shapes.html"),
             ContainsText("cross") && ContainsText("ring") && ContainsText("bar") &&
                 ContainsText("How it was trained"));
}
