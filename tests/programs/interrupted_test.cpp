// Signals: a training finishes its step, saves, says how to go on, and leaves nothing else.
#include "programs/run.hpp"

#include <filesystem>
#include <utility>

using programs::Folder;
using programs::Outcome;

namespace {

const std::string train_until_stopped =
    "gloro train --data small --architecture '(8,3).16' --threads 1 --batch_size 16 --epsilon 0.1 ";
const std::string outputs = "--save model.st --log log.csv ";

/// Runs `command` and sends it `signal` as soon as its state is there; again, where it came to its
/// end before. By env, since a shell lets what it puts in the background ignore INT.
Outcome interrupted(const Folder& folder, const std::string& command, const std::string& signal) {
  Outcome outcome;
  for (int attempt = 0; attempt < 10 && outcome.code == 0; ++attempt)
    outcome =
        folder.run("rm -f model.st model.st.run; env --default-signal=INT " + command +
                   " & child=$!; "
                   "until test -s model.st.run; do sleep 0.01; kill -0 $child || exit 99; done; "
                   "kill -s " +
                   signal + " $child; wait $child; exit $?");
  return outcome;
}

}  // namespace

TEST_CASE("A signal ends a training after its step with a state that goes on to the same bits") {
  const Folder folder;
  programs::write_small_data(folder / "small");
  const std::string epochs = "--epochs 40 --epsilon_schedule linear ";  // follows their number
  REQUIRE(folder.run(train_until_stopped + epochs + "--save straight.st --log straight.csv").code ==
          0);
  for (const auto& [signal, code] : {std::pair("INT", 130), {"TERM", 143}, {"HUP", 129}}) {
    CAPTURE(signal);
    const Outcome outcome = interrupted(folder, train_until_stopped + epochs + outputs, signal);
    INFO(outcome.err);
    REQUIRE(outcome.code == code);
    CHECK_THAT(outcome.err, ContainsText("gloro train: stopped after epoch ") &&
                                ContainsText("; saved model.st.run; ") &&
                                ContainsText("the same command with --resume goes on from there"));
    CHECK_FALSE(std::filesystem::exists(folder / "model.st"));
    CHECK(folder.run("ls -A | grep -c gloro-part").out == "0\n");
    const Outcome resumed = folder.run(train_until_stopped + epochs + outputs + "--resume");
    CHECK(resumed.code == 0);
    CHECK_THAT(resumed.out, ContainsText("resuming after epoch "));
    CHECK(programs::read(folder / "model.st") == programs::read(folder / "straight.st"));
    CHECK(folder.run("cut -d , -f 1-10 log.csv").out ==
          folder.run("cut -d , -f 1-10 straight.csv").out);
    REQUIRE(folder.run("rm model.st").code == 0);
  }
}

TEST_CASE("What a killed program has left is gone after the next run") {
  const Folder folder;
  programs::write_small_data(folder / "small");
  for (const std::string name : {"model.st", "model.st.run", "log.csv"})
    programs::write(folder / (name + ".gloro-part"), "left by a kill");
  REQUIRE(folder.run(train_until_stopped + outputs + "--epochs 1").code == 0);
  CHECK(folder.run("ls -A | grep -c gloro-part").out == "0\n");
}
