// The locales of a program that uses the library change nothing that it reads or writes.
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "catch.hpp"
#include "data/files.hpp"
#include "foreign_locale.hpp"
#include "gloro/gloro.hpp"
#include "gloro/io/json.hpp"
#include "gloro/io/model_file.hpp"
#include "gloro/report/report.hpp"
#include "gloro/wording/architecture.hpp"
#include "gloro/wording/augmentation.hpp"
#include "gloro/wording/loss.hpp"
#include "gloro/wording/optimizer.hpp"
#include "gloro/wording/schedule.hpp"

using namespace gloro;

namespace {

std::string text_of_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Every text that a run writes, one after the other; what depends on the clock left out, and so the
/// state, which keeps the log: it is read again.
std::string all_texts() {
  const files::TemporaryDirectory folder;
  const data::Dataset points("points", Shape::flat(2), std::vector<float>{0, 0, 0, 1, 1, 0, 1, 1},
                             {0, 0, 1, 1}, 2);
  GloroModel<float> model(points.shape(), read_architecture<float>("1026", 2), 1);
  Trainer<float> trainer(model, {.epochs = 2,
                                 .batch_size = 2,
                                 .epsilon = read_schedule("[0.5]-[1.25]") * 0.3,
                                 .loss = read_loss<float>("trades_kl.1.5"),
                                 .optimizer = read_optimizer<float>("sgd.0.5"),
                                 .augmentation = read_augmentation("noise:0.125"),
                                 .seed = 1,
                                 .threads = 1});
  trainer.fit(points, points, CsvLog(OutputFile(folder / "log.csv")));
  trainer.save_checkpoint(folder / "state.run");
  trainer.resume(folder / "state.run", points, points);
  save_model(folder / "model.st", model, {.epsilon = 0.2999996});
  const auto loaded = load_model<float>(folder / "model.st");
  CHECK(loaded.metadata.epsilon == 0.2999996);

  report::TrainingLog log = report::read_training_log(folder / "log.csv");
  CHECK(log.column("epsilon").back() > 0.2);
  log.columns.erase("seconds");
  const Certifier<float> certifier(loaded.model);
  Workers workers(1);
  const std::string html = report_html(
      {.model = "m",
       .input = points.shape(),
       .layers = report_layers(certifier),
       .images = points,
       .certified = certifier.certify(points.images(0, points.size()), {.workers = &workers}),
       .epsilon = 0.2999996,
       .epsilons = {0.1, 36.0 / 255.0},
       .log = log});

  std::string rows = text_of_file(folder / "log.csv");
  for (std::size_t end = rows.find('\n'); end != std::string::npos;
       end = rows.find('\n', end + 1)) {
    const std::size_t seconds = rows.rfind(',', end);
    rows.erase(seconds, end - seconds);
    end = seconds;
  }
  return rows + text_of_file(folder / "model.st") + html;
}

}  // namespace

TEST_CASE("Files and pages of a run are the same in every locale") {
  const std::string expected = all_texts();
  {
    const foreign_locale::OfCpp grouping;
    CHECK((all_texts() == expected));
  }
  const foreign_locale::OfC two_bytes;
  CHECK((all_texts() == expected));
}

TEST_CASE("JSON is read the same in every locale") {
  const foreign_locale::OfC two_bytes;
  const foreign_locale::OfCpp grouping;
  CHECK(parse_json("[0.5, 1.25e-3, -7.5]") == Json{0.5, 1.25e-3, -7.5});
  CHECK(print_json(Json{0.5, 1234567, 1e-7}) == "[0.5,1234567,1e-07]");
}
