// The idea in one picture: trains on points of the plane in seconds and draws the classes' regions, the
// band where the network abstains, and certified discs around some of the points.
//   plane [FILE.svg]
#include <gloro/core/decimal.hpp>
#include <gloro/gloro.hpp>

#include "command_line.hpp"
#include "outputs.hpp"

#include <array>
#include <cmath>
#include <iostream>
#include <locale>
#include <numbers>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace gloro;

constexpr double epsilon = 0.03;
constexpr Index points_per_class = 400;
constexpr std::array colours{"#4477aa", "#ee6677", "#228833"};

/// Three arms of a spiral in the unit square.
data::Dataset spirals(std::uint64_t seed) {
  Random random(seed);
  std::vector<float> points;
  std::vector<int> labels;
  for (int arm = 0; arm < 3; ++arm)
    for (Index i = 0; i < points_per_class; ++i) {
      const double t = random.uniform(0.15, 1);
      const double angle = 2.0 * std::numbers::pi * (arm / 3.0 + 0.55 * t);
      const double radius = 0.46 * t, jitter = 0.018;
      points.push_back(
          static_cast<float>(0.5 + radius * std::cos(angle) + jitter * random.normal()));
      points.push_back(
          static_cast<float>(0.5 + radius * std::sin(angle) + jitter * random.normal()));
      labels.push_back(arm);
    }
  return {"spirals", Shape::flat(2), std::move(points), std::move(labels), 3};
}

/// Runs of equal answers on a grid, as rectangles of the answer's colour.
void draw_regions(std::ostream& svg, const Certifier<float>& certifier, Workers& workers) {
  constexpr Index cells = 320;
  for (Index row = 0; row < cells; ++row) {
    Tensor<float> line(Shape::flat(2), cells);
    for (Index column = 0; column < cells; ++column)
      line.matrix().col(column) << (static_cast<float>(column) + 0.5F) / cells,
          (static_cast<float>(row) + 0.5F) / cells;
    const auto answers = certifier.certify(line, {.epsilon = epsilon, .workers = &workers}).answers;
    for (std::size_t from = 0; from < answers.size();) {
      std::size_t to = from;
      while (to < answers.size() && answers[to].label == answers[from].label) ++to;
      if (!answers[from].abstains())
        svg << "<rect x='" << from << "' y='" << row << "' width='" << to - from
            << "' height='1.05' fill='" << colours[static_cast<std::size_t>(answers[from].label)]
            << "' fill-opacity='0.35'/>\n";
      from = to;
    }
  }
}

/// Every 24th point, with its certified disc.
void draw_discs(std::ostream& svg, const Certifier<float>& certifier, const data::Dataset& points) {
  for (Index i = 0; i < points.size(); i += 24) {
    const Tensor<float> point = points.image(i);
    const Certificate answer = certifier.certify_image(point);
    const double x = 320.0 * static_cast<double>(point.data()[0]);
    const double y = 320.0 * static_cast<double>(point.data()[1]);
    const std::string centre =
        "<circle cx='" + fixed_text(x, 3) + "' cy='" + fixed_text(y, 3) + "' r='";
    const char* const colour = colours[static_cast<std::size_t>(points.label(i))];
    if (!answer.abstains())
      svg << centre << decimal_down(320 * answer.radius, 4) << "' fill='none' stroke='" << colour
          << "' stroke-width='0.8'/>\n";
    svg << centre << "1.6' fill='" << colour << "'/>\n";
  }
}

void train_and_draw(const std::string& path) {
  Output file(std::in_place, path);
  const data::Dataset train = spirals(1), test = spirals(2);
  GloroModel<float> model(train.shape(),
                          {Dense<float>(64), MinMax<float>(), Dense<float>(64), MinMax<float>(),
                           Dense<float>(64), MinMax<float>(), Dense<float>(3)},
                          /*seed=*/1);
  Trainer<float> trainer(
      model, {.epochs = 400,
              .batch_size = 200,
              .epsilon = Schedule::from(0.1).linear_to(1, percent(50)) * epsilon,
              .loss = Trades{.lambda = 2},
              .learning_rate =
                  Schedule::from(1).hold_until(percent(50)).exponential_to(absolute(1e-4)) * 3e-3,
              .seed = 1});
  trainer.fit(train, test);

  const Certifier<float> certifier(model);
  const auto proved = certified_metrics(certifier, test, epsilon, trainer.workers());
  std::ostringstream svg;
  svg.imbue(std::locale::classic());
  svg << "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 320 320' width='640'>\n"
         "<rect width='320' height='320' fill='#f4f4f2'/>\n";
  draw_regions(svg, certifier, trainer.workers());
  draw_discs(svg, certifier, test);
  svg << "</svg>\n";
  file->write(svg.str());
  file->commit();
  people({&file}) << path << ": clean " << percent_down(proved.right, proved.samples)
                  << " %, VRA at " << number_text(epsilon) << ' '
                  << percent_down(proved.right_and_certified, proved.samples) << " %\n";
}

}  // namespace

int main(int argc, char** argv) {
  std::string path = "plane.svg";
  command_line::Program program("plane", "Trains on points of the plane and draws what is proved.");
  program.add("file", path, "SVG picture to write");
  return program.run(argc, argv, [&] { train_and_draw(path); });
}
