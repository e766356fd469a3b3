// The idea in one picture: trains on points of the plane in seconds and draws the classes' regions, the
// band where the network abstains, and certified discs around some of the points.
//   plane [FILE.svg]
#include <gloro/core/decimal.hpp>
#include <gloro/gloro.hpp>

#include "../program/command_line.hpp"
#include "../program/outputs.hpp"
#include "contour.hpp"

#include <algorithm>
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

// The unit square in the picture, which has room around it for discs that stick out, and a legend.
constexpr double side = 600, margin = 26, legend = 58;

[[nodiscard]] std::string place(double x, double y) {
  return fixed_text(margin + side * x, 1) + ' ' + fixed_text(margin + side * y, 1);
}

/// How far class c stays above every other beyond epsilon, below zero where it does not: continuous, and above
/// zero where the certified answer is c but for rounding.
[[nodiscard]] Grid leads(const Certifier<float>& certifier, int c) {
  constexpr int cells = 240;
  Grid grid{cells + 1, cells + 1, {}};
  for (int row = 0; row <= cells; ++row) {
    Tensor<float> line(Shape::flat(2), cells + 1);
    for (int column = 0; column <= cells; ++column)
      line.matrix().col(column) << static_cast<float>(column) / cells,
          static_cast<float>(row) / cells;
    const Tensor<float> logits = certifier.model().logits(line);
    for (Index n = 0; n < line.batch(); ++n) {
      double lead = infinity;
      for (int i = 0; i < certifier.model().classes(); ++i)
        if (i != c)
          lead = std::min(lead, static_cast<double>(logits.sample(n)[c] - logits.sample(n)[i]) /
                                    certifier.margin_constant(c, i));
      grid.values.push_back(lead - epsilon);
    }
  }
  return grid;
}

/// Where each class is certified, as one path.
void draw_regions(std::ostream& svg, const Certifier<float>& certifier) {
  for (std::size_t c = 0; c < colours.size(); ++c) {
    const Grid grid = leads(certifier, static_cast<int>(c));
    svg << "<path fill='" << colours[c] << "' fill-opacity='0.32' fill-rule='evenodd' d='";
    for (const Line& line : contours(grid)) {
      const char* step = "M";
      for (const auto& [x, y] : line) {
        svg << step << place(x / (grid.columns - 1), y / (grid.columns - 1));
        step = "L";
      }
      svg << 'Z';
    }
    svg << "'/>\n";
  }
}

/// Every 24th point, with its certified disc.
void draw_discs(std::ostream& svg, const Certifier<float>& certifier, const data::Dataset& points) {
  for (Index i = 0; i < points.size(); i += 24) {
    const Tensor<float> point = points.image(i);
    const Certificate answer = certifier.certify_image(point);
    const double x = margin + side * static_cast<double>(point.data()[0]);
    const double y = margin + side * static_cast<double>(point.data()[1]);
    const std::string centre =
        "<circle cx='" + fixed_text(x, 2) + "' cy='" + fixed_text(y, 2) + "' r='";
    const char* const colour = colours[static_cast<std::size_t>(points.label(i))];
    if (!answer.abstains())
      svg << centre << decimal_down(side * answer.radius, 3) << "' fill='none' stroke='" << colour
          << "' stroke-width='1.4'/>\n";
    svg << centre << "3' fill='" << colour << "'/>\n";
  }
}

void draw_legend(std::ostream& svg) {
  const double y = margin + side + 40;
  double x = margin;
  const auto say = [&](const std::string& text, double width) {
    svg << "<text x='" << x << "' y='" << y + 5 << "'>" << text << "</text>\n";
    x += width;
  };
  for (const char* colour : colours) {
    svg << "<rect x='" << x << "' y='" << y - 8 << "' width='16' height='16' fill='" << colour
        << "' fill-opacity='0.32'/>\n";
    x += 18;
  }
  x += 5;
  say("certified at ε", 118);
  svg << "<rect x='" << x << "' y='" << y - 7.5
      << "' width='15' height='15' fill='none' stroke='#999'/>\n";
  x += 23;
  say("abstains (⊥)", 108);
  svg << "<circle cx='" << x + 9 << "' cy='" << y
      << "' r='9' fill='none' stroke='#555' stroke-width='1.4'/>"
      << "<circle cx='" << x + 9 << "' cy='" << y << "' r='3' fill='#555'/>\n";
  x += 26;
  say("a point, certified radius", 188);
  svg << "<path d='M" << x << ' ' << y - 5 << "v10m0-5h" << epsilon * side
      << "m0-5v10' fill='none' "
      << "stroke='#222' stroke-width='1.4'/>\n";
  x += epsilon * side + 8;
  say("ε = " + number_text(epsilon), 0);
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
  const double width = side + 2 * margin, height = width + legend - margin;
  svg << "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 " << width << ' ' << height
      << "' width='" << width
      << "' role='img' aria-labelledby='title' font-family='sans-serif' "
         "font-size='14.5' fill='#222'>\n"
         "<title id='title'>Regions of three classes in the plane, the band where the network "
         "abstains, and points with their certified discs</title>\n<rect width='"
      << width << "' height='" << height << "' rx='8' fill='#f7f7f5'/>\n<rect x='" << margin
      << "' y='" << margin << "' width='" << side << "' height='" << side << "' fill='#fff'/>\n";
  draw_regions(svg, certifier);
  draw_discs(svg, certifier, test);
  draw_legend(svg);
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
