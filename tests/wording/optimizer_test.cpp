// Optimizers in words.
#include "gloro/wording/optimizer.hpp"

#include "catch.hpp"

using namespace gloro;
using Rule = OptimizerOptions::Rule;

TEST_CASE("Optimizers are chosen by gloro's names") {
  CHECK(read_optimizer("adam").rule == Rule::adam);
  CHECK(read_optimizer("nadam").rule == Rule::nadam);
  CHECK(read_optimizer("sgd").rule == Rule::sgd);
  CHECK(read_optimizer("sgd").momentum == 0);
  CHECK(read_optimizer("sgd.0.9").momentum == 0.9);
  for (const auto* text : {"", "Adam", "rmsprop", "sgd.", "sgd.x", "sgd.0.9x", "adam.0.9", "sgd.1.5", "sgd.-0.1"})
    CHECK_THROWS_WITH(read_optimizer(text), ContainsText("optimizer \"") && ContainsText("adam, nadam, sgd"));
  CHECK_THROWS_WITH(read_optimizer("sgd.1.5"), ContainsText("[0, 1), got \"sgd.1.5\""));
}
