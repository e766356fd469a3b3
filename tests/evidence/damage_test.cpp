// Evidence that is damaged in one place is refused, whatever the place.
#include <cstddef>
#include <cstdint>
#include <string>

#include "case.hpp"
#include "gloro/layers/conv2d.hpp"
#include "gloro/layers/dense.hpp"
#include "gloro/layers/minmax.hpp"
#include "gloro/layers/relu.hpp"

using namespace gloro;
using examples::Case;
using nlohmann::json;

namespace {

constexpr std::size_t images = 20, bounds = 7;

const Case& example() {
  static const Case made = [] {
    GloroModel<float> model({8, 8, 1},
                            {Conv2D<float>({.filters = 4, .kernel = 3}), MinMax<float>(),
                             Conv2D<float>({.filters = 6, .kernel = 4, .stride = 2}), ReLU<float>(),
                             Dense<float>(12), MinMax<float>(), Dense<float>(8), Dense<float>(4)},
                            2);
    examples::draw_biases(model);
    return Case(model, examples::random_images({8, 8, 1}, images));
  }();
  return made;
}

void check_refused(const Case::Opinion& opinion, const std::string& words) {
  INFO(opinion.words);
  CHECK(opinion.verdict == check::does_not_hold);
  CHECK(opinion.words.find(words) != std::string::npos);
}

void add(json& number, int units) { number[0] = number[0].get<std::int64_t>() + units; }

}  // namespace

TEST_CASE("undamaged evidence holds, of every image") {
  const auto opinion = example().opinion();
  INFO(opinion.words);
  CHECK(opinion.verdict == check::holds);
  REQUIRE(example().answers() == images);
  REQUIRE(example().evidence()["bounds"].size() == bounds);
}

TEST_CASE("a radius that is a unit larger is refused, of every image") {
  for (std::size_t n = 0; n < images; ++n) {
    CAPTURE(n);
    check_refused(example().opinion([&](json& e) { add(e["answers"][n]["radius"], 1); }),
                  "is too small");
  }
}

TEST_CASE("a radius that is a unit smaller claims less, and holds") {
  CHECK(example().opinion([](json& e) { add(e["answers"][4]["radius"], -1); }).verdict ==
        check::holds);
}

TEST_CASE("a radius without an end is refused") {
  check_refused(example().opinion([](json& e) { e["answers"][3]["radius"] = nullptr; }),
                "depends on the image");
}

TEST_CASE("a bound that is a unit off is refused, of every layer") {
  for (std::size_t l = 0; l < bounds; ++l)
    for (const int units : {-1, 1}) {
      CAPTURE(l, units);
      check_refused(example().opinion([&](json& e) { add(e["bounds"][l], units); }), "bound");
    }
}

TEST_CASE("bounds of too few or too many layers are refused") {
  check_refused(example().opinion([](json& e) { e["bounds"].erase(6); }), "bound");
  check_refused(example().opinion([](json& e) { e["bounds"].push_back({1, 0}); }), "bound");
}

TEST_CASE("a constant that is a unit smaller is refused, of every pair of classes") {
  for (std::size_t j = 0; j < 4; ++j)
    for (std::size_t i = 0; i < j; ++i) {
      CAPTURE(j, i);
      check_refused(example().opinion([&](json& e) { add(e["constants"][j][i], -1); }),
                    "below the bounds' product");
    }
  check_refused(example().opinion([](json& e) { e["constants"][3].erase(2); }), "each pair");
  check_refused(example().opinion([](json& e) { e["constants"].erase(3); }), "classes");
}

TEST_CASE("another label is refused, of every image") {
  for (std::size_t n = 0; n < images; ++n)
    for (const int to : {0, 1, 2, 3, 4, -1}) {
      CAPTURE(n, to);
      if (example().evidence()["answers"][n]["label"] == to) continue;
      const auto opinion = example().opinion([&](json& e) { e["answers"][n]["label"] = to; });
      check_refused(opinion, to >= 0 && to < 4 ? "is too small" : "is no class");
    }
}

TEST_CASE("another index is refused") {
  check_refused(example().opinion([](json& e) { e["answers"][5]["index"] = 6; }), "do not rise");
  check_refused(example().opinion([](json& e) { e["answers"][5]["index"] = 4; }), "do not rise");
  check_refused(example().opinion([](json& e) { e["answers"][0]["index"] = -1; }), "do not rise");
  check_refused(example().opinion([](json& e) { e["answers"][19]["index"] = 20; }), "do not rise");
  check_refused(example().opinion([](json& e) {
    e["answers"].erase(6);
    e["answers"][5]["index"] = 6;
  }),
                "another image");
}

TEST_CASE("another hash is refused, of the model and of an image") {
  const auto change = [](json& hash) {
    std::string text = hash.get<std::string>();
    text.back() = text.back() == '0' ? '1' : '0';
    hash = text;
  };
  check_refused(example().opinion([&](json& e) { change(e["model_sha256"]); }), "another model");
  check_refused(example().opinion([&](json& e) { change(e["answers"][7]["image_sha256"]); }),
                "another image");
}

TEST_CASE("a pixel that is a unit off is refused") {
  const files::Bytes bytes = example().read("images");
  files::Bytes changed = bytes;
  changed.back() ^= 1U;
  example().write("images", changed);
  check_refused(example().opinion(), "image 19: it is another image");
  example().write("images", bytes);
}

TEST_CASE("a weight with another last bit is refused, by its file's hash and by its network") {
  const files::Bytes bytes = example().read("model");
  const std::size_t data = 8 + static_cast<std::size_t>(bytes[0] + 256 * bytes[1]);
  const json header = json::parse(bytes.begin() + 8, bytes.begin() + static_cast<long>(data));
  for (const char* name : {"layers.0.weight", "layers.2.weight", "layers.4.weight",
                           "layers.6.weight", "layers.7.weight"}) {
    CAPTURE(name);
    files::Bytes changed = bytes;
    changed[data + header[name]["data_offsets"][0].get<std::size_t>()] ^= 1U;
    example().write("model", changed);
    check_refused(example().opinion(), "another model");
    // Whoever changes the hash with it still has other margins, or other constants.
    const auto opinion =
        example().opinion([&](json& e) { e["model_sha256"] = check::sha256(changed); });
    INFO(opinion.words);
    CHECK(opinion.verdict == check::does_not_hold);
    example().write("model", bytes);
  }
}

TEST_CASE("evidence that cannot be read says nothing") {
  const auto is_unclear = [](const Case::Opinion& opinion) {
    INFO(opinion.words);
    CHECK(opinion.verdict == check::cannot_tell);
  };
  for (const char* key : {"format", "version", "model_sha256", "bounds", "constants", "answers"})
    is_unclear(example().opinion([&](json& e) { e.erase(key); }));
  for (const char* key : {"index", "image_sha256", "label", "radius"})
    is_unclear(example().opinion([&](json& e) { e["answers"][2].erase(key); }));
  is_unclear(example().opinion([](json& e) { e["version"] = 2; }));
  is_unclear(example().opinion([](json& e) { e["bounds"][0] = 1.5; }));
  is_unclear(example().opinion([](json& e) { e["answers"][2]["radius"] = 0.25; }));
  is_unclear(example().opinion([](json& e) { e["answers"][2]["radius"] = {-3, 0}; }));
}
