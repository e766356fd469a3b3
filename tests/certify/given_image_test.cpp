// An answer is about the image that was given: what float cannot hold is not rounded on the way. Logits
// (x, -x) have their border at 0, so an image x > 0 lies exactly x from it.
#include "catch.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "gloro/certify/certified_metrics.hpp"
#include "gloro/data/dataset.hpp"
#include "networks.hpp"

using namespace gloro;

namespace {

template <typename Scalar>
GloroModel<Scalar> mirror() {
  Matrix<Scalar> weight(2, 1);
  weight << Scalar(1), Scalar(-1);
  return networks::linear<Scalar>(weight, networks::column<Scalar>({0, 0}));
}

/// Numbers that are no floats; half of them are below the float nearest to them.
std::vector<double> distances() {
  std::vector<double> all{0.1, 0.7, 0.3, 1 / 3.0, 0.001, 5e-39, 1e-42, 1e39, 1e100};
  std::mt19937_64 random(3);
  std::uniform_real_distribution<double> exponent(-30, 30);
  while (all.size() < 400) all.push_back(std::exp2(exponent(random)));
  return all;
}

void check(double x, double proved) {
  INFO(x);
  CHECK(proved <= x);
  CHECK(proved >= x * (1 - 1e-12) - 1e-300);
}

}  // namespace

TEMPLATE_TEST_CASE("the radius is true of the double image that was given", "", float, double) {
  const Certifier<TestType> certifier(mirror<TestType>());
  const std::vector<double> all = distances();
  const data::Dataset images("images", Shape::flat(1), all, std::vector<int>(all.size(), 0), 2);
  Workers workers(2);
  const auto tensor = images.images<double>(0, images.size());
  const Certificates best = certifier.certify(tensor, {.workers = &workers});
  const Certificates at = certifier.certify(tensor, {.epsilon = 0, .workers = &workers});
  Index n = 0;
  for (const double x : all) {
    const auto one = images.image<double>(n);
    const auto place = static_cast<std::size_t>(n++);
    check(x, certifier.certify_image(one).radius);
    check(x, certifier.certify_image(one, {.workers = &workers}).radius);
    check(x, certifier.certify_image(one, {.epsilon = 0}).radius);
    check(x, certifier.certify_image(one, {.epsilon = 0, .workers = &workers}).radius);
    check(x, best.answers[place].radius);
    check(x, at.answers[place].radius);
    // Between x and the float nearest to it there is no label: x itself lies closer to the border.
    const double epsilon = std::nextafter(x, std::numeric_limits<double>::infinity());
    CHECK(certifier.certify_image(one, {.epsilon = epsilon}).abstains());
    CHECK(certified_metrics(certifier, images.part(n - 1, 1), epsilon, workers).certified == 0);
    CHECK(certified_metrics(certifier, images.part(n - 1, 1), x / 2, workers).certified == 1);
  }
}

TEMPLATE_TEST_CASE("a float image and its copy in double get one answer", "", float, double) {
  for (const auto& guarantee : {Guarantee::top_1(), Guarantee::top_k(2)}) {
    const auto model = networks::random_network(2, 3).cast<TestType>();
    const Certifier<TestType> certifier(model, guarantee);
    const auto narrow = networks::random_batch<float>(model.input_shape(), 40, Random(4));
    Tensor<double> wide(narrow.shape(), narrow.batch());
    std::copy_n(narrow.data(), narrow.size(), wide.data());
    Workers workers(1);
    CHECK(certifier.certify(narrow, {.workers = &workers}).answers ==
          certifier.certify(wide, {.workers = &workers}).answers);
    const auto one = certifier.certify(narrow, {.epsilon = 0.01, .workers = &workers}).answers;
    const auto other = certifier.certify(wide, {.epsilon = 0.01, .workers = &workers}).answers;
    for (std::size_t n = 0; n < one.size(); ++n) CHECK(one[n].label == other[n].label);
  }
}
