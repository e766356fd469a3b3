// Certificates do not know what training multiplied in: in a process that has trained in bfloat16, and has
// used whatever unit the machine has for it, they are those of a fresh process, to the last bit.
#include "catch.hpp"

#include <bit>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "data/files.hpp"
#include "gloro/certify/certifier.hpp"
#include "gloro/core/error.hpp"
#include "gloro/io/model_file.hpp"
#include "gloro/kernels/bfloat16/unit.hpp"
#include "gloro/parallel/workers.hpp"
#include "gloro/train/trainer.hpp"
#include "train/small_problem.hpp"

using namespace gloro;
namespace fs = std::filesystem;

namespace {

/// Labels and the bits of radii, on one thread and on two, of a batch and of single images.
std::string certificates(const GloroModel<float>& model) {
  const data::Dataset test = small_problem::dataset(100, 2);
  const Certifier<float> certifier(model);
  Workers workers(2);
  std::string text;
  const auto add = [&](const Certificate& answer) {
    text += message(answer.label, ' ', std::bit_cast<std::uint64_t>(answer.radius), '\n');
  };
  for (Workers* shared : {static_cast<Workers*>(nullptr), &workers}) {
    for (const Certificate& answer :
         certifier.certify(test.images<float>(0, 100), {.workers = shared}).answers)
      add(answer);
    add(certifier.certify_image(test.image<float>(3), {.epsilon = 0.05, .workers = shared}));
  }
  return text;
}

}  // namespace

// Run by the case below, as a process of its own.
TEST_CASE("Certificates of a model file, for another process", "[.fresh-process]") {
  const char* const model = std::getenv("GLORO_FRESH_MODEL");
  const char* const result = std::getenv("GLORO_FRESH_RESULT");
  REQUIRE(model);
  REQUIRE(result);
  std::ofstream(result) << certificates(load_model<float>(model).model);
}

TEST_CASE("A process that trained in bfloat16 certifies like a fresh one, to the last bit") {
  const fs::path own = "/proc/self/exe";
  std::error_code none;
  (void)fs::read_symlink(own, none);
  if (none) {
    WARN("this system does not say which program runs");
    return;
  }
  auto model = small_problem::network<float>();
  TrainerOptions<float> options;
  options.epochs = 4;
  options.batch_size = 32;
  options.epsilon = 0.05;
  options.learning_rate = 0.01;
  options.threads = 2;
  options.products = kernels::bfloat16::best_unit() == kernels::bfloat16::Unit::plain
                         ? Products::bfloat16_plain
                         : Products::bfloat16;
  const auto train = small_problem::dataset(300, 1);
  Trainer<float> trainer(model, options);
  const Metrics metrics = trainer.fit(train, small_problem::dataset(100, 2));
  REQUIRE(metrics.estimated_vra() > 0.5);
  const std::string here = certificates(model);

  const files::TemporaryDirectory directory;
  const fs::path file = directory / "model.safetensors", result = directory / "fresh";
  save_model(file, model);
  const std::string command = "GLORO_FRESH_MODEL='" + file.string() + "' GLORO_FRESH_RESULT='" +
                              result.string() + "' '" + fs::read_symlink(own).string() +
                              "' '[.fresh-process]' >/dev/null";
  REQUIRE(std::system(command.c_str()) == 0);
  std::ifstream in(result);
  CHECK(std::string(std::istreambuf_iterator<char>(in), {}) == here);
}
