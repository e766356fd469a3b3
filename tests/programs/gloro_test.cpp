// The program as a whole: its commands, one set of exit codes, JSON by each, colours for people alone.
#include <algorithm>
#include <string>
#include <vector>

#include "gloro/version.hpp"
#include "programs/run.hpp"

using programs::Folder;
using programs::Outcome;

namespace {

const std::vector<std::string> commands{"train",  "certify", "attack",     "report",
                                        "export", "data",    "completion", "version"};

}  // namespace

TEST_CASE("Every command is listed, says what it takes and which exit codes it has") {
  const Folder folder;
  const std::string list = folder.run("gloro --help").out;
  for (const std::string& command : commands) {
    CHECK_THAT(list, ContainsText("\n  " + command + ' '));
    for (const char* wish : {" --help", " -h"}) {
      const Outcome help = folder.run("gloro " + command + wish);
      CHECK(help.code == 0);
      CHECK_THAT(help.out, ContainsText("Usage: gloro " + command + " [OPTIONS]") &&
                               ContainsText("Exit codes: 0 done, 1 a file"));
      CHECK(help.err.empty());
    }
  }
}

TEST_CASE("A command that is missing or unknown is a mistake that names what there is") {
  const Folder folder;
  for (const std::string command : {"gloro", "gloro foo", "gloro foo --help", "gloro ''"}) {
    const Outcome outcome = folder.run(command);
    INFO(command << '\n' << outcome.err);
    CHECK(outcome.code == 2);
    CHECK(outcome.out.empty());
    CHECK_THAT(outcome.err, ContainsText("gloro: expected a command: train, certify, attack, "));
    CHECK(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1);
  }
  CHECK_THAT(folder.run("gloro foo").err, ContainsText("got 'foo'"));
}

TEST_CASE("Every command has the same exit codes") {
  const Folder folder;
  for (const std::string& command : commands) {
    const Outcome wrong = folder.run("gloro " + command + " --no-such-option");
    INFO(command << '\n' << wrong.err);
    CHECK(wrong.code == 2);
    CHECK(wrong.err.starts_with("gloro " + command + ": "));
    CHECK_THAT(wrong.err, ContainsText("(see gloro " + command + " --help)"));
  }
  for (const std::string command :
       {"gloro train --data nowhere", "gloro certify nowhere.st --dataset mnist",
        "gloro attack nowhere.st", "gloro report nowhere.st --dataset mnist",
        "gloro data new --images nowhere --test_images nowhere", "gloro version >/dev/full",
        "gloro completion bash >/dev/full"}) {
    const Outcome outcome = folder.run(command);
    INFO(command << '\n' << outcome.err);
    CHECK(outcome.code == 1);
    CHECK(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1);
  }
}

TEST_CASE("Every command that makes something says what in JSON") {
  const Folder folder;
  programs::write_small_data(folder / "small");
  const auto json = [&](const std::string& command) {
    const Outcome outcome = folder.run("gloro " + command + " --json - 2>words");
    INFO(command << '\n' << outcome.out << programs::read(folder / "words"));
    CHECK(outcome.code == 0);
    CHECK(outcome.out.starts_with("{\n"));
    CHECK(outcome.out.ends_with("\n}\n"));
    CHECK_FALSE(programs::read(folder / "words").empty());  // for people, out of the way
    return outcome.out;
  };
  const std::string data = " --dataset mnist --data small";
  const std::string trained = json(
      "train --data small --architecture '(8,3).16' --epochs 1 --epsilon 0.1 --threads 1 "
      "--save model.st");
  CHECK_THAT(trained, ContainsText("\"architecture\": \"(8,3).16\"") && ContainsText("\"vra\": "));
  const std::string result = programs::read(folder / "words");
  CHECK_THAT(result, ContainsText("result dataset=mnist"));
  // train and certify are of one mind.
  const auto at = trained.find("\"vra\": ");
  const std::string vra = trained.substr(at, trained.find_first_of(",\n", at) - at);
  CHECK(vra.size() > 9);  // all of its digits
  CHECK_THAT(json("certify model.st" + data), ContainsText(vra));
  CHECK_THAT(json("report model.st" + data), ContainsText(vra));
  CHECK_THAT(json("attack model.st --steps 1" + data), ContainsText(vra));
  CHECK_THAT(json("data files" + data),
             ContainsText("\"train\": 200") && ContainsText("\"classes\": 10"));
  CHECK_THAT(json("version"), ContainsText("\"version\": \"" GLORO_VERSION "\""));
#if defined(GLORO_WITH_ONNX) && GLORO_WITH_ONNX
  CHECK_THAT(json("export model.st model.onnx"), ContainsText("\"epsilon\": 0.1"));
#else
  const Outcome missing = folder.run("gloro export model.st model.onnx");
  CHECK(missing.code == 2);
  CHECK_THAT(missing.err, ContainsText("was built without gloro::onnx"));
#endif
}

TEST_CASE("Colours are for a terminal that has not refused them") {
  const Folder folder;
  programs::train_small_model(folder);
  const std::string certify = "gloro certify model.st --dataset mnist --data small";
  for (const std::string& command :
       {certify, std::string("gloro certify none.st --dataset mnist")}) {
    CAPTURE(command);
    const auto in_terminal = [&](const std::string& variables) {
      const std::string out =
          folder.run(variables + " script -qec \"" + command + "\" typescript || true").out;
      return out.find("\x1b[1") != std::string::npos;
    };
    CHECK(in_terminal("TERM=xterm NO_COLOR="));
    CHECK_FALSE(in_terminal("TERM=xterm NO_COLOR=1"));
    CHECK_FALSE(in_terminal("TERM=dumb NO_COLOR="));
    const Outcome piped = folder.run("TERM=xterm " + command);
    CHECK((piped.out + piped.err).find('\x1b') == std::string::npos);
  }
}
