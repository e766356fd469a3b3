// A data set of one's own: numbers in memory, labels, the classes' names. Bars of 6 x 6 pixels, lying or
// standing; a lying one and a standing one share one pixel, so any two lie sqrt(10) apart: more than that
// the proved radii of two right answers can never add up to, and half of it is the best for all.
#include <gloro/gloro.hpp>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <utility>

using namespace gloro;

data::Dataset bars(Index count, std::uint64_t seed) {
  constexpr Index side = 6;
  Random random(seed);
  std::vector<float> pixels(static_cast<std::size_t>(count * side * side));
  std::vector<int> labels;
  for (Index n = 0; n < count; ++n) {
    const bool is_standing = random.below(2) == 1;
    const auto place = static_cast<Index>(random.below(side));
    for (Index i = 0; i < side; ++i) {
      const Index at = is_standing ? i * side + place : place * side + i;
      pixels[static_cast<std::size_t>(n * side * side + at)] = 1;
    }
    labels.push_back(is_standing ? 1 : 0);
  }
  return data::Dataset("bars", {side, side, 1}, std::move(pixels), std::move(labels), 2)
      .with_class_names({"lying", "standing"});
}

int main() {
  const data::Dataset train = bars(600, 1), test = bars(100, 2);
  GloroModel<float> model(train.shape(), {Dense<float>(24), MinMax<float>(), Dense<float>(2)}, 1);
  Trainer<float> trainer(model,
                         {.epochs = 40, .batch_size = 50, .epsilon = 1.0, .learning_rate = 0.01});
  trainer.fit(train, test);

  const Certificates certified = Certifier<float>(model).certify(test);
  double farthest[2] = {0, 0};
  for (Index n = 0; n < test.size(); ++n) {
    const Certificate& answer = certified.answers[static_cast<std::size_t>(n)];
    double& radius = farthest[test.label(n)];
    if (answer.label == test.label(n)) radius = std::max(radius, answer.radius);
  }
  const double vra = tally(certified, test.labels(), 0.5).vra();
  std::cout << "VRA " << vra << " at 0.5; radii up to " << farthest[0] << " for "
            << test.class_names()[0] << ", " << farthest[1] << " for " << test.class_names()[1]
            << '\n';
  return vra == 1 && farthest[0] + farthest[1] <= std::sqrt(10.0) ? 0 : 1;
}
