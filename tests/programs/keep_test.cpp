// gloro train --keep and --init: models that can be certified while a run goes on, and runs that begin with one.
#include "programs/run.hpp"

#include <string>

using programs::Folder;
using programs::Outcome;

namespace {

const std::string train_and_keep =
    "gloro train --data small --architecture '(8,3).16' --threads 1 --batch_size 32 --epsilon 0.1 ";

/// Every radius that is proved of the test images, to the last digit.
std::string proofs(const Folder& folder, const std::string& model) {
  const Outcome outcome =
      folder.run("gloro certify " + model + " --dataset mnist --data small --csv - 2>words");
  REQUIRE(outcome.code == 0);
  return outcome.out;
}

/// The epoch of the largest test VRA in log.csv, from 1; the first of equals.
std::string best_epoch(const Folder& folder) {
  return folder.run("awk -F, 'NR > 1 && $9 > m {m = $9; e = $1} END {printf \"%d\", e}' log.csv")
      .out;
}

}  // namespace

TEST_CASE("The model of each N-th epoch is kept beside the last") {
  const Folder folder;
  programs::write_small_data(folder / "small");
  const Outcome outcome = folder.run(train_and_keep + "--epochs 5 --keep every:2 --save model.st");
  INFO(outcome.err);
  REQUIRE(outcome.code == 0);
  CHECK(folder.run("ls *.st").out == "model-epoch-2.st\nmodel-epoch-4.st\nmodel.st\n");
  CHECK(folder.run("gloro certify model-epoch-4.st --dataset mnist --data small").code == 0);
  REQUIRE(folder.run(train_and_keep + "--epochs 4 --save straight.st").code == 0);
  CHECK(proofs(folder, "model-epoch-4.st") == proofs(folder, "straight.st"));
  CHECK_THAT(programs::read(folder / "model-epoch-4.st"), ContainsText("\"epoch\":\"4\""));
}

TEST_CASE("The best model is kept and is the one that is certified at the end") {
  const Folder folder;
  programs::write_small_data(folder / "small");
  const std::string run = train_and_keep + "--epochs 6 --lr 0.02 ";
  const Outcome outcome = folder.run(run + "--keep best --save best.st --log log.csv");
  INFO(outcome.out << outcome.err);
  const std::string best = best_epoch(folder);
  CHECK_THAT(outcome.out, ContainsText("saved best.st, the model after epoch " + best + "\n"));
  REQUIRE(folder.run(run + "--keep every:" + best + " --save all.st").code == 0);
  CHECK(programs::read(folder / "best.st") ==
        programs::read(folder / ("all-epoch-" + best + ".st")));
  const Outcome certified = folder.run(
      "gloro certify best.st --dataset mnist --data small --epsilon 0.1 --json - 2>words | "
      "sed -n 's/.*\"vra\": //p' | tr -d ,");
  const Outcome told =
      folder.run("echo '" + outcome.out + "' | sed -n 's/^result.* vra=\\([0-9.]*\\).*/\\1/p'");
  CHECK(std::stod(told.out) == Approx(100 * std::stod(certified.out)).margin(0.011));
  // A run that goes on knows the best of before.
  const std::string halves = train_and_keep + "--lr 0.02 --keep best --save halves.st ";
  REQUIRE(folder.run(halves + "--epochs 3").code == 0);
  REQUIRE(folder.run(halves + "--epochs 6 --resume").code == 0);
  CHECK(programs::read(folder / "halves.st") == programs::read(folder / "best.st"));
}

TEST_CASE("A run that goes on takes for the best so far what its file has") {
  const Folder folder;
  programs::write_small_data(folder / "small");
  const std::string run = train_and_keep + "--lr 0.02 --save m.st ";
  REQUIRE(folder.run(run + "--epochs 4").code == 0);  // whatever was best of these is lost
  const std::string goes_on = run + "--epochs 6 --resume --keep best --log log.csv";
  Outcome outcome = folder.run(goes_on);
  INFO(outcome.out << outcome.err);
  const std::string best =
      folder.run("tail -n 2 log.csv | awk -F, '$9 > m {m = $9; e = $1} END {printf \"%d\", e}'")
          .out;
  CHECK_THAT(outcome.out, ContainsText("saved m.st, the model after epoch " + best + "\n"));
  REQUIRE(
      folder.run(train_and_keep + "--lr 0.02 --epochs 6 --keep every:" + best + " --save all.st")
          .code == 0);
  CHECK(proofs(folder, "m.st") == proofs(folder, "all-epoch-" + best + ".st"));
  // What is gone is not said to be kept: the last one is.
  REQUIRE(folder.run("rm m.st").code == 0);
  outcome = folder.run(goes_on);
  CHECK(outcome.code == 0);
  CHECK_THAT(outcome.out, ContainsText("saved m.st\n"));
  CHECK(proofs(folder, "m.st") == proofs(folder, "all.st"));
}

TEST_CASE("The last model is there to be certified while the run goes on") {
  const Folder folder;
  programs::write_small_data(folder / "small");
  const Outcome outcome =
      folder.run(train_and_keep +
                 "--epochs 4000 --keep last --save model.st >words & child=$!; "
                 "until test -s model.st; do sleep 0.05; kill -0 $child || exit 99; done; "
                 "gloro certify model.st --dataset mnist --data small; code=$?; kill $child; wait "
                 "$child; exit "
                 "$code");
  INFO(outcome.out << outcome.err);
  CHECK(outcome.code == 0);
}

TEST_CASE("What is kept is said in words that are read") {
  const Folder folder;
  for (const std::string text : {"all", "every", "every:0", "every:x", "''"}) {
    const Outcome outcome = folder.run(train_and_keep + "--save m.st --keep " + text);
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.err, ContainsText("--keep") && ContainsText("every:N"));
  }
  CHECK(folder.run(train_and_keep + "--keep best").code == 2);
}

TEST_CASE("A training begins with a model file and says what that certified") {
  const Folder folder;
  programs::write_small_data(folder / "small");
  REQUIRE(
      folder
          .run(
              "gloro train --data small --architecture '(8,3).16' --threads 1 --epochs 6 --epsilon "
              "0.1 --loss standard_crossentropy --lr 0.02 --weight_decay 0 --save plain.st")
          .code == 0);
  const Outcome tuned = folder.run(
      "gloro train --data small --threads 1 --init plain.st --epochs 3 --epsilon 2 "
      "--save tuned.st");
  INFO(tuned.out << tuned.err);
  REQUIRE(tuned.code == 0);
  CHECK_THAT(tuned.out, ContainsText("plain.st before training: clean ") &&
                            ContainsText(" %, VRA 0.00 % at 2\n") &&
                            ContainsText("note: no image is certified at 2."));
  // No epoch: the very weights of the file.
  REQUIRE(folder
              .run("gloro train --data small --threads 1 --init plain.st --epochs 0 --epsilon 0.1 "
                   "--save same.st")
              .code == 0);
  CHECK(folder
            .run("for m in plain same; do gloro certify $m.st --dataset mnist --data small --csv "
                 "$m.csv "
                 "|| exit; done; cmp plain.csv same.csv")
            .code == 0);
  // The state is of a run with that beginning.
  const std::string run =
      "gloro train --data small --threads 1 --epochs 3 --epsilon 2 --save tuned.st --resume ";
  CHECK(folder.run(run + "--init plain.st").code == 0);
  CHECK_THAT(folder.run(run + "--init same.st").out, ContainsText("resuming"));  // equal weights
  CHECK(folder.run(run + "--architecture '(8,3).16'").code == 1);
  CHECK(folder.run(run + "--init plain.st --architecture '(8,3).16'").code == 2);
  CHECK(folder.run(run + "--init tuned.st").code == 2);  // would be read and written
}

TEST_CASE("The end of a run says what limited it") {
  const Folder folder;
  programs::write_small_data(folder / "small");
  const Outcome outcome = folder.run(train_and_keep + "--epochs 2");
  CHECK_THAT(outcome.out, ContainsText("note: VRA ~") || ContainsText("note: clean accuracy"));
  CHECK_THAT(outcome.out, ContainsText("note: K of the layers together: "));
}
