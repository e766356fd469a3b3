// The command lines of the programs: numbers, exit codes and what is said.
#include <algorithm>
#include <string>
#include <vector>

#include "gloro/version.hpp"
#include "programs/run.hpp"
#include "screen.hpp"

using programs::Folder;
using programs::Outcome;

namespace {

/// The program of a command line, and the command where that is gloro's.
std::string name_of(const std::string& command) {
  const std::size_t words = command.starts_with("gloro ") ? command.find(' ') + 1 : 0;
  return command.substr(0, command.find(' ', words));
}

/// Exit code 2, and one sentence that begins with the program's name and has every one of `parts`.
void check_refused(const Folder& folder, const std::string& command,
                   const std::vector<std::string>& parts) {
  const Outcome outcome = folder.run(command);
  INFO(command << "\nexit code " << outcome.code << '\n' << outcome.out << outcome.err);
  CHECK(outcome.code == 2);
  CHECK(outcome.out.empty());
  CHECK(outcome.err.starts_with(name_of(command) + ": "));
  CHECK(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1);
  CHECK(outcome.err.size() < 550);
  for (const std::string& part : parts) CHECK_THAT(outcome.err, ContainsText(part));
}

const std::vector<std::string> no_numbers{"''",    "0,3",  "0.3abc", "nan", "-nan", "inf", "1e999",
                                          "0x1p3", "' 1'", "'1 '",   "36/", "1/0",  "--",  "."};

constexpr const char* tiny = "--data small --architecture '(8,3).16' --epochs 1 --threads 1";

}  // namespace

TEST_CASE("What is no number is refused by every option that takes one") {
  const Folder folder;
  for (const std::string& text : no_numbers) {
    for (const char* option : {"--epsilon", "--lr", "--weight_decay", "--clip_norm"})
      check_refused(folder, std::string("gloro train ") + option + ' ' + text, {option, "number"});
    check_refused(folder, "gloro certify m.st --dataset mnist --epsilon " + text,
                  {"--epsilon", "number"});
    check_refused(folder, "gloro attack m.st --epsilon " + text, {"--epsilon", "number"});
  }
  check_refused(folder, "gloro certify m.st --dataset mnist --epsilon 0.1 0,3",
                {"--epsilon", "'0,3'"});
  check_refused(folder, "gloro certify m.st --dataset mnist --epsilon 0.1 ''", {"--epsilon", "''"});
  check_refused(folder, "gloro certify m.st --dataset mnist --epsilon -0.1",
                {"--epsilon", ">= 0", "'-0.1'"});
  check_refused(folder, "gloro train --lr 0", {"--lr", "> 0", "'0'"});
}

TEST_CASE("What is no count is refused by every option that takes one") {
  const Folder folder;
  for (const char* text : {"''", "-1", "1.5", "1e3", "x", "1x", "' 1'", "nan", "2147483648",
                           "99999999999999999999", "0x10", "36/4"}) {
    for (const char* option : {"--epochs", "--batch_size", "--lookahead", "--power_iterations",
                               "--threads", "--shards", "--top_k"})
      check_refused(folder, std::string("gloro train ") + option + ' ' + text,
                    {option, "whole number"});
    for (const char* option :
         {"--steps", "--restarts", "--rivals", "--limit", "--tightness", "--radii", "--threads"})
      check_refused(folder, std::string("gloro attack m.st ") + option + ' ' + text,
                    {option, "whole number"});
    for (const char* option : {"--top-k", "--limit", "--threads"})
      check_refused(folder,
                    std::string("gloro certify m.st --dataset mnist ") + option + ' ' + text,
                    {option, "whole number"});
    check_refused(folder, std::string("mnist data -- ") + text, {"epochs", "whole number"});
  }
  check_refused(folder, "mnist data 0", {"epochs", "'0'"});
  for (const char* seed : {"-1", "18446744073709551616", "''", "1.0"})
    check_refused(folder, std::string("gloro train --seed ") + seed, {"--seed", "from 0 to"});
  check_refused(folder, "gloro train --batch_size 0", {"--batch_size", "from 1"});
}

TEST_CASE("So many threads are not believed") {
  const Folder folder;
  for (const char* program :
       {"gloro train", "gloro certify m.st --dataset mnist", "gloro attack m.st"})
    check_refused(folder, std::string(program) + " --threads 9999", {"--threads", "'9999'"});
}

TEST_CASE("A schedule, a loss and other words are read before the work begins") {
  const Folder folder;
  for (const char* text :
       {"[-1]", "[nan]", "[1]-[50%:-1]-[0]", "''", "lineer", "[20]-[10:1]-[5:1]"})
    for (const char* option : {"--epsilon_schedule", "--lr_schedule", "--trades_schedule"})
      check_refused(folder,
                    std::string("gloro train ") + option + " '" + (*text == '\'' ? "" : text) + "'",
                    {text == std::string("[20]-[10:1]-[5:1]") ? "schedule" : option});
  for (const char* loss : {"emma", "crossentropy", "cll.0.3"})
    check_refused(folder, std::string("gloro train --trades_schedule linear --loss ") + loss,
                  {"--trades_schedule", "has none"});
  for (const char* text :
       {"trades_kl.nan", "trades_kl.-1", "trades_ce.", "cll.nan", "cll.0.5,inf", "foo"})
    check_refused(folder, std::string("gloro train --loss ") + text, {"--loss", text});
  for (const char* text : {"sgd.nan", "sgd.1", "sgd.-0.5", "sgd.", "foo"})
    check_refused(folder, std::string("gloro train --optimizer ") + text, {"--optimizer"});
  for (const char* text :
       {"noise:nan", "crop:-1", "crop:1.5", "zoom:1", "rs.inf", "saturation:2:1", "foo"})
    check_refused(folder, std::string("gloro train --augmentation ") + text, {"--augmentation"});
  for (const char* text : {"foo", "'(8,3'", "0", "'(-8,3).16'", "99999999999999999999"})
    check_refused(folder, std::string("gloro train --architecture ") + text, {"--architecture"});
  check_refused(folder, "gloro train --initialization foo", {"--initialization", "foo", "glorot"});
  for (const char* program : {"gloro train", "gloro certify m.st", "gloro attack m.st"})
    check_refused(folder, std::string(program) + " --dataset foo",
                  {"--dataset", "foo", "cifar-10"});
}

TEST_CASE("A command line of the wrong form is refused in one sentence") {
  const Folder folder;
  for (const char* program : {"gloro train", "gloro certify m.st --dataset mnist",
                              "gloro attack m.st", "mnist", "plane"}) {
    check_refused(folder, std::string(program) + " --no-such-option", {"--no-such-option"});
    check_refused(folder, std::string(program) + " a b c d", {});
  }
  for (const char* option : {"--epochs", "--epsilon", "--save", "--loss"}) {
    check_refused(folder, std::string("gloro train ") + option, {option});
    check_refused(folder, std::string("gloro train ") + option + " 3 " + option + " 3", {option});
  }
  check_refused(folder, "gloro train --save ''", {"--save"});
  check_refused(folder, "gloro train --resume", {"--resume", "--save"});
  check_refused(folder, "gloro train --resume=perhaps --save m.st", {"--resume"});
  check_refused(folder, "gloro train --top_k 2 --affinity sets", {"--top_k", "--affinity"});
  check_refused(folder, "gloro certify", {"model"});
  check_refused(folder, "gloro certify m.st", {"--dataset", "--images"});
  check_refused(folder, "gloro certify m.st --dataset mnist --images mine.npy",
                {"--images", "--dataset"});
  check_refused(folder, "gloro attack", {"model"});
}

TEST_CASE("Files that cannot be used are exit code 1") {
  const Folder folder;
  programs::write(folder / "broken.st", "not a model");
  for (const char* command :
       {"gloro train --data nowhere", "gloro certify nowhere.st --dataset mnist",
        "gloro certify broken.st --dataset mnist", "gloro attack nowhere.st", "mnist nowhere 1",
        "plane /no/such/folder/plane.svg"}) {
    const Outcome outcome = folder.run(command);
    INFO(command << '\n' << outcome.out << outcome.err);
    CHECK(outcome.code == 1);
    CHECK(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1);
  }
}

TEST_CASE("Every program says what it takes and which version it is") {
  const Folder folder;
  for (const std::string program : {"gloro", "mnist", "plane", "schedule"}) {
    for (const char* wish : {" --help", " -h"}) {
      const Outcome help = folder.run(program + wish);
      INFO(program << wish << '\n' << help.out << help.err);
      CHECK(help.code == 0);
      CHECK_THAT(help.out, ContainsText("Usage: " + program) && ContainsText("--version"));
      CHECK(help.err.empty());
    }
    const Outcome version = folder.run(program + " --version");
    CHECK(version.code == 0);
    CHECK(version.out == program + (program == "gloro" ? "" : " (gloro)") + " " GLORO_VERSION "\n");
  }
}

TEST_CASE("Help trains nothing and overwrites nothing") {
  const Folder folder;
  programs::write(folder / "mnist-2C2F.safetensors", "an earlier model");
  programs::write_small_data(folder / "data" / "mnist");
  for (const char* command :
       {"mnist --help", "mnist data/mnist --help", "mnist data/mnist 3 --version"})
    CHECK(folder.run(command).code == 0);
  for (const char* command : {"mnist data/mnist x", "mnist data/mnist ''", "mnist data/mnist 1 2"})
    CHECK(folder.run(command).code == 2);
  CHECK(programs::read(folder / "mnist-2C2F.safetensors") == "an earlier model");
}

TEST_CASE("The scripts tell their use and do nothing else when they are asked for help") {
  const Folder folder;
  const std::string scripts = std::string("'" GLORO_SOURCE "/scripts/");
  for (const std::string name : {"mnist", "test", "build", "fetch-data", "install-dependencies"})
    for (const char* wish : {"--help", "-h"}) {
      const Outcome help = folder.run(scripts + name + "' " + wish);
      INFO(name << ' ' << wish << '\n' << help.out << help.err);
      CHECK(help.code == 0);
      CHECK_THAT(help.out, ContainsText("usage: " + name));
      CHECK(help.err.empty());
    }
  for (const std::string name :
       {"mnist x", "mnist 0", "mnist --foo", "build --foo", "fetch-data", "fetch-data foo bar"}) {
    const auto blank = std::min(name.find(' '), name.size());
    const Outcome wrong = folder.run(scripts + name.substr(0, blank) + "'" + name.substr(blank));
    INFO(name << '\n' << wrong.out << wrong.err);
    CHECK(wrong.code == 2);
    CHECK(std::count(wrong.err.begin(), wrong.err.end(), '\n') == 1);
  }
}

TEST_CASE("A fraction is a number and a flag has dashes or underscores") {
  const Folder folder;
  programs::write_small_data(folder / "small");
  const std::string train = std::string("gloro train ") + tiny + " --save m.st --log log.csv";
  const Outcome trained = folder.run(
      train + " --epsilon 36/255 --batch-size 50 --lr-schedule '[1]-[=1/2000]' --weight_decay 0");
  INFO(trained.err);
  REQUIRE(trained.code == 0);
  CHECK_THAT(trained.out, ContainsText(" epsilon=0.1411764705882353 "));
  CHECK_THAT(programs::read(folder / "log.csv"), ContainsText("0.1411764705882353"));

  const Outcome certified = folder.run(
      "gloro certify m.st --dataset mnist --data small --epsilon 36/255 0.2999996 0.14117647 "
      "--json "
      "s.json");
  INFO(certified.err);
  REQUIRE(certified.code == 0);
  for (const char* digits : {"0.1411764705882353", "0.2999996", "0.14117647"}) {
    CHECK_THAT(certified.out, ContainsText(digits));
    CHECK_THAT(programs::read(folder / "s.json"), ContainsText(digits));
  }
  CHECK(folder.run("gloro certify m.st --dataset mnist --data small --top_k 2").code == 0);
  const Outcome too_many = folder.run("gloro certify m.st --dataset mnist --data small --top-k 99");
  CHECK(too_many.code == 2);
  CHECK_THAT(too_many.err, ContainsText("says nothing"));
  const Outcome attacked =
      folder.run("gloro attack m.st --data small --limit 4 --steps 1 --epsilon 1/8 --no_box");
  INFO(attacked.err);
  CHECK(attacked.code == 0);
  CHECK_THAT(attacked.out, ContainsText(" epsilon=0.125 "));
  CHECK(attacked.err.empty());
}

TEST_CASE("A standard output that is full is an error") {
  const Folder folder;
  programs::train_small_model(folder);
  for (const std::string command :
       {"gloro train --help", "gloro certify --help", "gloro --version", "mnist --help",
        "plane --version", "gloro certify model.st --dataset mnist --data small --limit 4",
        "gloro attack model.st --data small --limit 4 --steps 1",
        "gloro train --data small --architecture 4 --epochs 1 --threads 1"}) {
    const Outcome outcome = folder.run(command + " >/dev/full");
    INFO(command << '\n' << outcome.err);
    CHECK(outcome.code == 1);
    CHECK_THAT(outcome.err, ContainsText("standard output"));
  }
}

TEST_CASE("Progress fits the terminal and is absent from a file") {
  const Folder folder;
  programs::write_small_data(folder / "small");
  const std::string train =
      "gloro train --data small --architecture 16 --epochs 3 --batch_size 10 --threads 1";
  const Outcome piped = folder.run(train);
  REQUIRE(piped.code == 0);
  CHECK(piped.out.find('\r') == std::string::npos);
  CHECK(std::count(piped.out.begin(), piped.out.end(), '\n') == 6);  // epochs, notes, result
  CHECK(piped.err.empty());

  for (const std::size_t columns : {20U, 40U, 80U, 200U}) {
    const std::string size = "stty cols " + std::to_string(columns) + " rows 24; ";
    const Outcome shown = folder.run("script -qec \"" + size + train + "\" typescript");
    INFO(columns << " columns\n" << shown.out << shown.err);
    REQUIRE(shown.code == 0);
    std::vector<std::string> lines = screen_after(shown.out, columns);
    std::erase_if(lines,
                  [](const std::string& line) { return line.find("/3  ") == std::string::npos; });
    REQUIRE(lines.size() == 3);
    for (std::size_t epoch = 0; epoch < 3; ++epoch) {
      CHECK_THAT(lines[epoch],
                 ContainsText(std::to_string(epoch + 1) + "/3") && ContainsText("vra ~"));
      CHECK(lines[epoch].size() < columns);
    }
  }
  // A terminal that does not know its width.
  const Outcome told =
      folder.run("script -qec \"stty cols 0; COLUMNS=33 " + train + "\" typescript");
  CHECK(std::count(told.out.begin(), told.out.end(), '\r') > 4);
  for (const std::string& line : screen_after(told.out, 33))
    CHECK((line.find("/3  ") == std::string::npos || line.size() < 33));
}
