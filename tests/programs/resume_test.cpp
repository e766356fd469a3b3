// train --resume: the same bits wherever it was killed, each epoch once in the log, no other run.
#include "programs/run.hpp"

using programs::Folder;
using programs::Outcome;

namespace {

const std::string train_in_parts =
    "gloro train --architecture '(8,3).16' --threads 1 --batch_size 32 --epsilon 0.1 "
    "--lr_schedule linear_decay ";

/// The first column of a log.
std::string epochs_of(const Folder& folder) {
  return folder.run("cut -d , -f 1 log.csv | tr '\\n' ' '").out;
}

}  // namespace

TEST_CASE("A training that is killed again and again ends with the same bits and a whole log") {
  const Folder folder;
  programs::write_small_data(folder / "small");
  REQUIRE(folder.run(train_in_parts + "--data small --epochs 60 --save straight.st").code == 0);
  const std::string run =
      train_in_parts + "--data small --epochs 60 --save model.st --log log.csv --resume";
  int kills = 0;
  for (int hundredths = 1;; ++hundredths) {  // longer each time, so that it ends on any machine
    REQUIRE(hundredths < 6000);
    const std::string seconds = std::to_string(hundredths / 100.0);
    if (folder.run("timeout -s KILL " + seconds + " " + run).code == 0) break;
    ++kills;
  }
  CHECK(kills > 1);
  CHECK(programs::read(folder / "model.st") == programs::read(folder / "straight.st"));
  std::string epochs = "epoch ";
  for (int epoch = 1; epoch <= 60; ++epoch) epochs += std::to_string(epoch) + ' ';
  CHECK(epochs_of(folder) == epochs);
  CHECK(folder.run("ls -A | grep -c gloro-part").out == "0\n");
}

TEST_CASE("A log that was cut short or lost is whole again after a resume") {
  const Folder folder;
  programs::write_small_data(folder / "small");
  const std::string run = train_in_parts + "--data small --epochs 6 --save model.st --log log.csv ";
  REQUIRE(folder.run(run).code == 0);
  const std::string whole = programs::read(folder / "log.csv");
  for (const std::string damage : {"truncate -s -20 log.csv", "sed -i 3d log.csv", "rm log.csv",
                                   "echo 7,0.1, >>log.csv", "printf 7,0.1 >>log.csv"}) {
    CAPTURE(damage);
    REQUIRE(folder.run(damage + " && " + run + "--resume").code == 0);
    CHECK(programs::read(folder / "log.csv") == whole);
  }
}

TEST_CASE("A state is not gone on from by another run and says what differs") {
  const Folder folder;
  programs::write_small_data(folder / "small");
  programs::write_small_data(folder / "more", {.train = 210});
  programs::write_small_data(folder / "wide", {.height = 4, .width = 16});
  REQUIRE(folder.run(train_in_parts + "--data small --epochs 2 --save model.st").code == 0);
  const std::string state = programs::read(folder / "model.st.run");
  const auto refused = [&](const std::string& options, const std::string& words) {
    CAPTURE(options);
    const Outcome outcome = folder.run(train_in_parts + "--save model.st --resume " + options);
    CHECK(outcome.code == 1);
    CHECK_THAT(outcome.err, ContainsText("is of another run: they differ in " + words));
    CHECK(outcome.err.size() < 700);
    CHECK(programs::read(folder / "model.st.run") == state);
  };
  refused("--epochs 2 --data small --loss trades_ce.1.5", "the loss");
  refused("--epochs 2 --data small --loss trades_kl.2", "the schedule of the loss's weight");
  refused("--epochs 2 --data small --trades_schedule linear", "the schedule of the loss's weight");
  refused("--epochs 2 --data more", "the training data");
  refused("--epochs 2 --data wide", "the layers");
  refused("--epochs 2 --data small --initialization glorot", "the initial weights");
  refused("--epochs 2 --data small --seed 1", "the seed");
  refused("--epochs 2 --data small --top_k 2", "the guarantee");
  refused("--epochs 2 --data small --augmentation flip", "the augmentation");
  refused("--data small --epochs 1", "the number of epochs");
  CHECK(folder.run(train_in_parts + "--data small --epochs 2 --save model.st --resume").code == 0);
}

TEST_CASE("A training that diverges keeps the last good state and model") {
  const Folder folder;
  programs::write_small_data(folder / "small");
  REQUIRE(folder.run(train_in_parts + "--data small --epochs 1 --save model.st").code == 0);
  const std::string model = programs::read(folder / "model.st"),
                    state = programs::read(folder / "model.st.run");
  const Outcome outcome =
      folder.run(train_in_parts +
                 "--data small --epochs 2 --save model.st --overwrite --optimizer sgd --lr 1e30");
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.err, ContainsText("diverged"));
  CHECK(programs::read(folder / "model.st") == model);
  CHECK(programs::read(folder / "model.st.run") == state);
}

TEST_CASE("A run goes on for more epochs than it had and says what becomes of its schedules") {
  const Folder folder;
  programs::write_small_data(folder / "small");
  const std::string run = train_in_parts + "--data small --save model.st --log log.csv ";
  REQUIRE(folder.run(run + "--epochs 4").code == 0);
  const Outcome longer = folder.run(run + "--epochs 8 --resume");
  INFO(longer.err);
  REQUIRE(longer.code == 0);
  CHECK_THAT(longer.out, ContainsText("resuming after epoch 4\n") &&
                             ContainsText("was to have 4 epochs and now has 8") &&
                             ContainsText("epsilon goes from 0.1 to 0.1") &&
                             ContainsText("the learning rate from 0.000") &&
                             ContainsText("epoch 8/8"));
  CHECK(epochs_of(folder) == "epoch 1 2 3 4 5 6 7 8 ");
  // From here on it is the run of eight epochs.
  CHECK_THAT(folder.run(run + "--epochs 8 --resume").out, !ContainsText("was to have"));
  const Outcome shorter = folder.run(run + "--epochs 6 --resume");
  CHECK(shorter.code == 1);
  CHECK_THAT(shorter.err, ContainsText("they differ in the number of epochs"));
}

TEST_CASE("An earlier run is not replaced without a word") {
  const Folder folder;
  programs::write_small_data(folder / "small");
  const std::string run = train_in_parts + "--data small --epochs 1 --save model.st ";
  REQUIRE(folder.run(run).code == 0);
  const std::string model = programs::read(folder / "model.st"),
                    state = programs::read(folder / "model.st.run");
  const auto refused = [&](const std::string& options, const std::string& file) {
    const Outcome outcome = folder.run(run + "--seed 3 " + options);
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.err, ContainsText(file + " is there already") && ContainsText("--resume") &&
                                ContainsText("--overwrite"));
  };
  refused("", "model.st.run");
  CHECK(programs::read(folder / "model.st") == model);
  CHECK(programs::read(folder / "model.st.run") == state);
  REQUIRE(folder.run("mv model.st.run kept").code == 0);
  refused("", "model.st");
  refused("--resume", "model.st");  // of a state that is not there
  REQUIRE(folder.run(run + "--seed 3 --overwrite").code == 0);
  CHECK(programs::read(folder / "model.st") != model);
  CHECK(folder.run(run + "--resume --overwrite").code == 2);
}
