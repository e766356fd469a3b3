// Evidence for the tests: of a network and images made up for them, in files of a folder of their own, and
// what gloro-check says of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "../../program/evidence.hpp"
#include "catch.hpp"
#include "checking.hpp"
#include "data/files.hpp"
#include "gloro/certify/certifier.hpp"
#include "gloro/core/random.hpp"
#include "gloro/data/dataset.hpp"
#include "gloro/io/model_file.hpp"
#include "gloro/model/gloro_model.hpp"

namespace examples {

using namespace gloro;

/// Images of one channel, a row of `bytes` each.
struct Images {
  Shape shape;
  std::vector<std::uint8_t> bytes;

  [[nodiscard]] data::Dataset dataset() const { return {"made up", shape, bytes}; }
};

[[nodiscard]] inline Images random_images(const Shape& shape, Index count, std::uint64_t seed = 3) {
  Random random(seed);
  Images images{shape, {}};
  for (Index i = 0; i < count * shape.size(); ++i)
    images.bytes.push_back(static_cast<std::uint8_t>(random.below(256)));
  return images;
}

/// Gives each bias random values: they are drawn as zeros.
template <typename Scalar>
void draw_biases(GloroModel<Scalar>& model, std::uint64_t seed = 5) {
  Random random(seed);
  for (Parameter<Scalar>* parameter : model.parameters())
    if (parameter->name == "bias")
      for (Scalar& value : parameter->value.reshaped())
        value = static_cast<Scalar>(random.uniform(-0.3, 0.3));
}

/// The three files that gloro-check reads.
class Case {
 public:
  template <typename Scalar>
  Case(const GloroModel<Scalar>& model, const Images& images) {
    save_model(folder_ / "model", model);
    const Certifier<Scalar> certifier(model);
    const data::Dataset data = images.dataset();
    const std::string text =
        evidence::text(folder_ / "model", certifier, certifier.certify(data), data);
    evidence_ = nlohmann::json::parse(text);
    write("evidence", {text.begin(), text.end()});
    const auto extent = [](Index n) { return static_cast<std::uint32_t>(n); };
    files::Bytes bytes = files::idx_header(
        {extent(data.size()), extent(images.shape.height), extent(images.shape.width)});
    bytes.insert(bytes.end(), images.bytes.begin(), images.bytes.end());
    write("images", bytes);
  }

  [[nodiscard]] const nlohmann::json& evidence() const { return evidence_; }
  [[nodiscard]] std::size_t answers() const { return evidence_["answers"].size(); }
  [[nodiscard]] files::Bytes read(const std::string& name) const {
    return check::read_file((folder_ / name).string());
  }
  void write(const std::string& name, const files::Bytes& bytes) const {
    files::write(folder_ / name, bytes);
  }

  struct Opinion {
    check::Verdict verdict;
    std::string words;
  };
  [[nodiscard]] Opinion opinion() const {
    std::ostringstream words;
    const auto path = [&](const char* name) { return (folder_ / name).string(); };
    const check::Verdict verdict =
        check::check_evidence(path("model"), path("evidence"), path("images"), words);
    return {verdict, words.str()};
  }
  /// Of evidence that is changed first.
  [[nodiscard]] Opinion opinion(const std::function<void(nlohmann::json&)>& change) const {
    nlohmann::json changed = evidence_;
    change(changed);
    const std::string before = evidence_.dump(), after = changed.dump();
    REQUIRE(before != after);
    write("evidence", {after.begin(), after.end()});
    const Opinion found = opinion();
    write("evidence", {before.begin(), before.end()});
    return found;
  }

 private:
  files::TemporaryDirectory folder_;
  nlohmann::json evidence_;
};

}  // namespace examples
