// What `gloro certify --evidence` writes, and what gloro-check says of it on its way out.
#include "programs/run.hpp"

#include <filesystem>
#include <string>

using programs::Folder;
using programs::Outcome;

namespace {

const std::string images = "small/t10k-images-idx3-ubyte";

/// gloro-check is left out of a build without GMP, and these tests with it, aloud.
bool is_built() {
  if (!Folder().run("command -v gloro-check || true").out.empty()) return true;
  WARN("gloro-check is not built here: not tested");
  return false;
}

}  // namespace

TEST_CASE("Evidence of a trained network is confirmed, and of no other network or images") {
  if (!is_built()) return;
  const Folder folder;
  programs::train_small_model(folder);
  const Outcome certified =
      folder.run("gloro certify model.st --dataset mnist --data small --evidence evidence.json");
  INFO(certified.err);
  REQUIRE(certified.code == 0);

  Outcome checked = folder.run("gloro-check model.st evidence.json " + images);
  CHECK(checked.code == 0);
  CHECK_THAT(checked.out, ContainsText("50 of 50 answers hold, 0 do not"));
  CHECK(checked.err.empty());
  checked = folder.run("gzip -c " + images + " >packed; gloro-check model.st evidence.json packed");
  CHECK(checked.code == 0);

  checked = folder.run("gloro-check model.st evidence.json small/train-images-idx3-ubyte");
  CHECK(checked.code == 1);
  CHECK_THAT(checked.out, ContainsText("does not hold: image 0: it is another image"));
  checked = folder.run(
      "gloro train --data small --architecture '(8,3).16' --epochs 1 --epsilon 0.1 "
      "--threads 1 --seed 4 --save other.st; gloro-check other.st evidence.json " +
      images);
  CHECK(checked.code == 1);
  CHECK_THAT(checked.out, ContainsText("does not hold: it is another model"));
}

TEST_CASE("gloro-check cannot tell of files that are not there, and says how it is used") {
  if (!is_built()) return;
  const Folder folder;
  Outcome outcome = folder.run("gloro-check model.st evidence.json images");
  CHECK(outcome.code == 2);
  CHECK_THAT(outcome.out, ContainsText("cannot tell: model.st: cannot be opened"));
  outcome = folder.run("gloro-check");
  CHECK(outcome.code == 2);
  CHECK_THAT(outcome.err, ContainsText("usage: gloro-check"));
}

TEST_CASE("certify writes evidence of what gloro-check reads only") {
  const Folder folder;
  for (const std::string what :
       {"model.st --images x.npy", "model.st --dataset cifar-100",
        "model.st --dataset mapped --data files", "m.onnx --dataset mnist"}) {
    const Outcome outcome = folder.run("gloro certify " + what + " --evidence e.json");
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.err, ContainsText("--evidence is about a model file and --dataset mnist,"));
  }
}
