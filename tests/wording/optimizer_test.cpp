// Optimizers in words: names, constants, and every rule's own text.
#include "gloro/wording/optimizer.hpp"

#include <cmath>
#include <string>
#include <vector>

#include "catch.hpp"
#include "gloro/train/rules/adam.hpp"
#include "gloro/train/rules/muon.hpp"
#include "gloro/train/rules/nadam.hpp"
#include "gloro/train/rules/sgd.hpp"

using namespace gloro;

namespace {

std::string read(std::string_view text) { return read_optimizer<float>(text).text(); }

}  // namespace

TEST_CASE("Optimizers are chosen by gloro's names") {
  CHECK(read("adam") == Adam{}.text());
  CHECK(read("nadam") == NAdam{}.text());
  CHECK(read("muon") == Muon{}.text());
  CHECK(read("muon,momentum=0.9") == Muon{.momentum = 0.9}.text());
  CHECK(read("sgd") == Sgd{}.text());
  CHECK(read("sgd.0.9") == Sgd{.momentum = 0.9}.text());
  CHECK(read("adam,beta1=0.8") == Adam{.beta1 = 0.8}.text());
  for (const auto* text :
       {"", "Adam", "rmsprop", "sgd.", "sgd.x", "sgd.0.9x", "adam.0.9", "sgd0.9"})
    CHECK_THROWS_WITH(read(text),
                      ContainsText("optimizer \"") && ContainsText("adam, nadam, muon, sgd"));
  CHECK_THROWS_WITH(read("sgd.1.5"), ContainsText("[0, 1), got 1.5"));
  for (const auto* text : {"adam,", "adam,beta3=1", "adam,beta1", "adam,beta1=", "adam,beta1=x",
                           "adam,beta1=0.9,,", "adam,momentum=0.5"})
    CHECK_THROWS_WITH(read(text), ContainsText(",beta1=NUMBER"));
}

TEST_CASE("The text of a rule changes with each of its constants and is read back") {
  const std::vector<std::string> texts{
      Adam{}.text(),
      Adam{.beta1 = std::nextafter(0.9, 1)}.text(),  // in full precision
      Adam{.beta2 = 0.99}.text(),
      Adam{.epsilon = 1e-8}.text(),
      NAdam{}.text(),
      NAdam{.beta1 = 0.8}.text(),
      NAdam{.beta2 = 1e-300}.text(),
      NAdam{.epsilon = 1e-3}.text(),
      Muon{}.text(),
      Muon{.momentum = 0.9}.text(),
      Muon{.beta1 = 0.8}.text(),
      Muon{.beta2 = 0.9}.text(),
      Muon{.epsilon = 1e-3}.text(),
      Sgd{}.text(),
      Sgd{.momentum = 0.3}.text(),
      Sgd{.is_nesterov = true}.text(),
      Sgd{.momentum = 0.3, .is_nesterov = true}.text()};
  for (std::size_t i = 0; i < texts.size(); ++i) {
    CHECK(read(texts[i]) == texts[i]);
    for (std::size_t j = 0; j < i; ++j) CHECK(texts[i] != texts[j]);
  }
}
