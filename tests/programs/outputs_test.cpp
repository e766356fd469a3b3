// What the programs write: links, pipes, modes and "-"; what is refused before the work begins.
#include "programs/run.hpp"

#include <algorithm>
#include <filesystem>

#include <sys/stat.h>

using programs::Folder;
using programs::Outcome;
using programs::Trained;

namespace {

const std::string certify = "gloro certify model.st --dataset mnist --data small --limit 16 ";
const std::string train_once = "gloro train --data small --architecture 16 --threads 1 --epochs 1 ";

std::ptrdiff_t lines(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

void check_refused(const Folder& folder, const std::string& command, int code,
                   const std::string& words) {
  CAPTURE(command);
  const std::string before = folder.run("ls -l --time-style=+").out;
  const Outcome outcome = folder.run(command);
  CHECK(outcome.code == code);
  CHECK_THAT(outcome.err, ContainsText(words));
  CHECK(lines(outcome.err) == 1);
  CHECK(outcome.out.empty());  // nothing was done
  CHECK(folder.run("ls -l --time-style=+").out == before);
}

}  // namespace

TEST_CASE("Every output of certify goes to a pipe or the standard output as well as to a file") {
  const Trained folder;
  for (const std::string option : {"--csv", "--json", "--evidence", "--report"}) {
    REQUIRE(folder.run(certify + "--threads 1 " + option + " file").code == 0);
    const Outcome dash = folder.run(certify + "--threads 1 " + option + " - 2>words");
    CHECK(dash.code == 0);
    const Outcome link = folder.run(certify + "--threads 1 " + option + " /dev/stdout 2>words");
    CHECK(link.code == 0);
    CHECK_THAT(programs::read(folder / "words"), ContainsText("16 images"));  // out of the way
    const Outcome pipe =
        folder.run("mkfifo pipe; cat pipe >got & " + certify + option +
                   " pipe >words; code=$?; wait; test -p pipe && rm pipe; exit $code");
    CHECK(pipe.code == 0);
    for (const std::string& text : {dash.out, link.out, programs::read(folder / "got")}) {
      CHECK(lines(text) == lines(programs::read(folder / "file")));
      CHECK(text.substr(0, 20) == programs::read(folder / "file").substr(0, 20));
    }
  }
}

TEST_CASE("A model that is written to the standard output is the model") {
  const Folder folder;
  programs::write_small_data(folder / "small");
  REQUIRE(folder.run(train_once + "--save file.st").code == 0);
  const Outcome outcome = folder.run(train_once + "--save - >piped.st");
  CHECK(outcome.code == 0);
  CHECK(programs::read(folder / "piped.st") == programs::read(folder / "file.st"));
  CHECK_THAT(outcome.err, ContainsText("result dataset="));
  CHECK_FALSE(std::filesystem::exists(folder / "-"));
  CHECK_FALSE(std::filesystem::exists(folder / "-.run"));
}

TEST_CASE("The log of a training is written through a pipe line by line") {
  const Folder folder;
  programs::write_small_data(folder / "small");
  const Outcome outcome =
      folder.run("gloro train --data small --architecture 16 --epochs 3 --log - | cut -d , -f 1");
  CHECK(outcome.out == "epoch\n1\n2\n3\n");
}

TEST_CASE("Outputs keep links and modes") {
  const Trained folder;
  REQUIRE(folder
              .run("mkdir disk && echo old >disk/file && ln -s disk/file link && echo x >one && "
                   "ln one two && echo x >private && chmod 600 private")
              .code == 0);
  REQUIRE(folder.run(certify + "--csv link").code == 0);
  CHECK(std::filesystem::is_symlink(folder / "link"));
  CHECK(lines(programs::read(folder / "disk/file")) == 17);
  REQUIRE(folder.run(certify + "--csv private").code == 0);
  CHECK(folder.run("stat -c %a private").out == "600\n");
  CHECK(lines(programs::read(folder / "private")) == 17);
  REQUIRE(folder.run(certify + "--csv one").code == 0);
  CHECK(lines(programs::read(folder / "two")) == 17);
  REQUIRE(folder.run("ln -s private model.link; " + train_once + "--overwrite --save model.link")
              .code == 0);
  CHECK(std::filesystem::is_symlink(folder / "model.link"));
  CHECK(folder.run("stat -c %a private").out == "600\n");
}

TEST_CASE("Outputs that cannot be written are found out before the work") {
  const Trained folder;
  REQUIRE(folder.run("mkdir out state.st.run && echo x >locked && chmod 444 locked").code == 0);
  for (const std::string option : {"--csv", "--json", "--report"}) {
    check_refused(folder, certify + option + " out", 1, "out: is a folder");
    check_refused(folder, certify + option + " new/", 1, "names a folder");
    check_refused(folder, certify + option + " none/file", 1, "there is no folder none");
    check_refused(folder, certify + option + " locked", 1, "is read-only");
  }
  for (const std::string option : {"--save", "--log"}) {
    check_refused(folder, train_once + option + " out", 1, "out: is a folder");
    check_refused(folder, train_once + option + " none/file", 1, "there is no folder none");
    check_refused(folder, train_once + option + " locked", 1, "is read-only");
  }
  check_refused(folder, train_once + "--save state.st", 1, "state.st.run: is a folder");
  REQUIRE(folder.run("echo name,price >foreign.csv").code == 0);
  check_refused(folder, train_once + "--log foreign.csv", 1, "foreign.csv: is no training log");
}

TEST_CASE("Two outputs in one file and outputs over inputs are mistakes of the command line") {
  const Trained folder;
  REQUIRE(folder.run("ln model.st hard.st && ln -s model.st soft.st").code == 0);
  programs::write(folder / "sets.json", "[[0,1]]");
  check_refused(folder, certify + "--csv a --json ./a", 2, "is the same file as a");
  check_refused(folder, certify + "--csv - --json -", 2, "is the same file as");
  for (const std::string model : {"model.st", "hard.st", "soft.st"})
    check_refused(folder, certify + "--csv " + model, 2, "is read as model.st");
  check_refused(folder, certify + "--affinity sets.json --json sets.json", 2, "is read as sets");
  check_refused(folder, certify + "--csv small/t10k-images-idx3-ubyte", 2, "is read as small");
  CHECK(folder.run(certify + "--csv /dev/null --json /dev/null").code == 0);
}

TEST_CASE("A name that is no UTF-8 is spelled out in JSON and HTML") {
  const Trained folder;
  REQUIRE(folder.run("mv model.st \"$(printf 'caf\\351.st')\"").code == 0);
  const Outcome outcome = folder.run(
      "gloro certify caf*.st --dataset mnist --data small --limit 16 "
      "--csv r.csv --json r.json --report r.html");
  CHECK(outcome.code == 0);
  CHECK_THAT(programs::read(folder / "r.json"), ContainsText("\"caf\\\\xE9.st\""));
  CHECK_THAT(programs::read(folder / "r.html"), ContainsText("caf\\xE9"));
  CHECK(programs::read(folder / "r.html").find('\xe9') == std::string::npos);
}

TEST_CASE("A standard output that is full is an error for every output that goes there") {
  const Trained folder;
  for (const std::string& command :
       {certify, train_once, std::string("gloro attack model.st --data small --limit 4 --steps 1"),
        certify + "--csv -", train_once + "--save -", std::string("gloro train --help"),
        std::string("gloro --version")}) {
    CAPTURE(command);
    const Outcome outcome = folder.run(command + " >/dev/full");
    CHECK(outcome.code == 1);
    CHECK_FALSE(outcome.err.empty());
  }
}
