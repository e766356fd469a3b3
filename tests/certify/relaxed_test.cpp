// Relaxed certificates: sets of classes proved against networks whose answer is known, the definition
// tried pair by pair, and attacks that cannot change a certified set.
#include "catch.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "gloro/certify/certified_metrics.hpp"
#include "gloro/data/dataset.hpp"
#include "networks.hpp"

using namespace gloro;

namespace {

constexpr double unbounded = std::numeric_limits<double>::infinity();

/// The classes with the `size` largest logits, in rising order; all of another size if they tie.
template <typename Logits>
std::vector<int> leading_set(const Logits& logits, std::size_t size) {
  std::vector<int> order(static_cast<std::size_t>(logits.size()));
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int>(i);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return logits(a) > logits(b); });
  if (size < order.size() && logits(order[size - 1]) == logits(order[size])) return {};
  order.resize(size);
  std::sort(order.begin(), order.end());
  return order;
}

template <typename Scalar>
Tensor<Scalar> one_of(const Tensor<Scalar>& images, Index n) {
  Tensor<Scalar> one(images.shape(), 1);
  std::copy_n(images.sample(n), one.size(), one.data());
  return one;
}

/// The set of the first `size` classes of an answer, in rising order.
std::vector<int> members(const Certificate& answer, std::size_t size) {
  std::vector<int> all;
  for (std::size_t k = 0; k < size; ++k) all.push_back(answer.sets[k].added);
  std::sort(all.begin(), all.end());
  return all;
}

/// Logits (x, 7/8 x, y, -8): unit vectors as rows but for the second and the last.
GloroModel<float> four_classes() {
  Matrix<float> weight(4, 2), bias = Matrix<float>::Zero(4, 1);
  weight << 1, 0, 0.875F, 0, 0, 1, 0, 0;
  bias(3) = -8;
  return networks::linear<float>(weight, bias);
}

}  // namespace

TEST_CASE("A linear network's sets have the radii worked by hand") {
  // At (4, 1) the logits are 4, 3.5, 1, -8 and no layer comes before the head: K = ||w_j - w_i||.
  const auto x = networks::point<float>({4, 1});
  const double k_02 = std::sqrt(2.0), k_12 = std::sqrt(1 + 0.875 * 0.875);
  const double alone = 0.5 / 0.125;                          // 0 over 1; 3 / k_02 is less
  const double pair = std::min(3 / k_02, 2.5 / k_12);        // 0 and 1 over 2; 3 is far
  const double three = std::min({12.0, 11.5 / 0.875, 9.0});  // over 3
  const Certifier<float> certifier(four_classes(), Guarantee::top_k(3));
  const Certificate answer = certifier.certify_image(x);
  CHECK(answer.label == 0);
  REQUIRE(answer.sets.size() == 3);
  const int added[3] = {0, 1, 2};
  const double radii[3] = {std::min(alone, 3 / k_02), pair, three};
  for (std::size_t k = 0; k < 3; ++k) {
    CHECK(answer.sets[k].added == added[k]);
    CHECK(answer.sets[k].radius <= radii[k] * (1 + 1e-15));
    CHECK(answer.sets[k].radius >= radii[k] * (1 - 1e-12));
  }
  CHECK(answer.radius == answer.sets[0].radius);
  CHECK(answer.set_radius() == answer.sets[2].radius);
  CHECK(answer.classes() == std::vector<int>{0, 1, 2});
  for (const int c : {0, 1, 2}) CHECK(answer.set_radius_of(c) == answer.sets[2].radius);
  CHECK(answer.set_radius_of(3) == 0);

  // At (4, 4) classes 0 and 2 tie and 1 is near: only all three are far from class 3.
  const Certificate close = certifier.certify_image(networks::point<float>({4, 4}));
  REQUIRE(close.sets.size() == 3);
  CHECK(close.abstains());
  CHECK(close.radius == 0);
  CHECK(close.sets[0] == CertifiedSet{0, 0});  // a tie: not proved alone
  CHECK(close.sets[1].added == 2);
  CHECK(close.sets[1].radius == Approx(0.5 / k_12).epsilon(1e-12));
  CHECK(close.sets[2].added == 1);
  CHECK(close.classes_at(0) == std::vector<int>{0, 2, 1});
  // By affinity classes 0 and 2 stand together, but not with 1.
  const Certifier<float> affine(four_classes(), Guarantee::affinity({{0, 2}, {1}, {3}}));
  const Certificate two = affine.certify_image(networks::point<float>({4, 4}));
  REQUIRE(two.sets.size() == 2);
  CHECK(two.classes() == std::vector<int>{0, 2});
  CHECK(two.abstains());
  CHECK(two.set_radius() == close.sets[1].radius);
  CHECK(affine.certify_image(x).sets.size() == 1);
  CHECK(affine.certify_image(x).radius == answer.sets[0].radius);
}

TEST_CASE("At epsilon the sets are those with a larger radius, up to the largest") {
  const auto x = networks::point<float>({4, 1});
  const Certifier<float> certifier(four_classes(), Guarantee::top_k(3));
  const Certificate best = certifier.certify_image(x);
  CHECK(best.sets[1].radius < best.sets[0].radius);
  CHECK(best.sets[0].radius < best.sets[2].radius);
  const double between = (best.sets[0].radius + best.sets[1].radius) / 2;
  const Certificate at = certifier.certify_image(x, {.epsilon = between});
  REQUIRE(at.sets.size() == 3);
  CHECK(at.sets[0] == best.sets[0]);
  CHECK(at.sets[1] == CertifiedSet{1, 0});
  CHECK(at.sets[2] == best.sets[2]);
  CHECK(at.label == 0);
  CHECK(at.radius == best.radius);
  CHECK(at.set_radius() == best.set_radius());
  // Above the label's radius there are sets and no label; above the best, nothing.
  CHECK(certifier.certify_image(x, {.epsilon = best.radius}).abstains());
  CHECK(certifier.certify_image(x, {.epsilon = best.radius}).radius == 0);
  CHECK(certifier.certify_image(x, {.epsilon = best.radius}).set_radius() == best.set_radius());
  CHECK(certifier.certify_image(x, {.epsilon = best.set_radius()}).sets.empty());
  // Top-2 has no third set: above the second's radius the first is what is left.
  const Certifier<float> pair(four_classes(), Guarantee::top_k(2));
  const Certificate left = pair.certify_image(x, {.epsilon = between});
  CHECK(left.sets == std::vector<CertifiedSet>{best.sets[0]});
  CHECK(left.set_radius_of(1) == 0);
  CHECK(best.classes_at(between) == std::vector<int>{0, 1, 2});
  CHECK(pair.certify_image(x).classes_at(between) == std::vector<int>{0});
  CHECK(pair.certify_image(x).classes_at(100).empty());
}

TEST_CASE("A set that no input changes has an unbounded radius") {
  Matrix<float> weight = Matrix<float>::Zero(3, 1), bias(3, 1);
  weight(0, 0) = weight(1, 0) = 1;
  weight(2, 0) = 1;
  bias << 2, 2, 0;
  const Certifier<float> certifier(networks::linear<float>(weight, bias), Guarantee::top_k(2));
  const Certificate answer =
      certifier.certify_image(networks::point<float>({5}), {.epsilon = unbounded});
  CHECK(answer.set_radius() == unbounded);
  CHECK(answer.abstains());
  CHECK(answer.classes() == std::vector<int>{0, 1});
  CHECK(answer.sets[0].radius == 0);
}

TEST_CASE("For K = 1 a certifier answers as it always did") {
  for (int family = 0; family < networks::families; ++family) {
    auto model = networks::random_network(family, 31);
    const Certifier<float> plain(model);
    model.set_guarantee(Guarantee::top_k(2));
    const Certifier<float> strict(model, Guarantee::top_k(1)), relaxed(model);
    const auto images = networks::random_batch<float>(model.input_shape(), 30, Random(8));
    Workers workers(1);
    const Certificates expected = plain.certify(images, {.workers = &workers});
    CHECK(strict.certify(images, {.workers = &workers}).answers == expected.answers);
    // And a relaxed answer's label and radius are the top-1 claim, bit for bit.
    const Certificates wider = relaxed.certify(images, {.workers = &workers});
    CHECK(wider.top == expected.top);
    for (std::size_t n = 0; n < 30; ++n) {
      const Certificate &one = expected.answers[n], &more = wider.answers[n];
      CHECK(one.sets.empty());
      CHECK(more.label == one.label);
      CHECK(more.radius == one.radius);
      CHECK((more.sets.empty() ? 0 : more.sets[0].radius) == one.radius);
      CHECK(more.set_radius() >= one.radius);
      CHECK(one.set_radius() == one.radius);
    }
  }
}

TEST_CASE("A set's radius is never above the least of its pairs', and hardly below") {
  Workers workers(1);
  Index proved = 0;
  for (int family = 0; family < networks::families; ++family) {
    const auto model = networks::random_network(family, 17);
    const Guarantee guarantee = model.classes() > 3 ? Guarantee::top_k(3) : Guarantee::top_k(2);
    const Certifier<float> certifier(model, guarantee);
    const auto images = networks::random_batch<float>(model.input_shape(), 40, Random(2));
    const Certificates answers = certifier.certify(images, {.workers = &workers});
    Tensor<double> wide(images.shape(), images.batch());
    std::copy_n(images.data(), images.size(), wide.data());
    const Tensor<double> y = model.cast<double>().logits(std::move(wide));
    for (Index n = 0; n < images.batch(); ++n) {
      const Certificate& answer = answers.answers[static_cast<std::size_t>(n)];
      const auto column = y.matrix().col(n);
      for (std::size_t size = 1; size <= answer.sets.size(); ++size) {
        const std::vector<int> inside = members(answer, size);
        CHECK(inside == leading_set(column, size));
        double truth = unbounded;
        for (const int j : inside)
          for (int i = 0; i < static_cast<int>(model.classes()); ++i)
            if (!std::binary_search(inside.begin(), inside.end(), i))
              truth = std::min(truth, (column(j) - column(i)) / certifier.margin_constants()(j, i));
        // The logits have size 1 and double's rounding 2^-53 times some hundred operations.
        const double radius = answer.sets[size - 1].radius;
        CHECK(radius <= truth + 1e-12);
        CHECK(radius >= std::min(truth, truth * (1 - 1e-9) - 1e-9));
        proved += radius > 0;
      }
    }
  }
  CHECK(proved > 200);
}

TEST_CASE("No step within its radius changes a certified set") {
  Random random(12);
  Index attacked = 0;
  for (int family = 0; family < networks::families; ++family) {
    const auto model = networks::random_network(family, 23);
    const GloroModel<double> exact = model.cast<double>();
    const Certifier<float> certifier(model, Guarantee::top_k(2));
    const auto images = networks::random_batch<float>(model.input_shape(), 12, Random(3));
    for (Index n = 0; n < images.batch(); ++n) {
      const Certificate answer = certifier.certify_image(one_of(images, n));
      for (std::size_t size = 1; size <= answer.sets.size(); ++size) {
        const double radius = answer.sets[size - 1].radius;
        if (!(radius > 0) || std::isinf(radius)) continue;
        // Down the margin of every pair inside and outside: steps along its gradient, each brought
        // back into the ball; and some at random.
        for (int attempt = 0; attempt < 24; ++attempt) {
          const std::vector<int> inside = members(answer, size);
          const int j = inside[random.below(inside.size())];
          int i = j;
          while (std::binary_search(inside.begin(), inside.end(), i))
            i = static_cast<int>(random.below(static_cast<std::uint64_t>(model.classes())));
          Tensor<double> start(images.shape(), 1), x(images.shape(), 1);
          std::copy_n(images.sample(n), start.size(), start.data());
          x = start;
          for (int step = 0; step < 4; ++step) {
            Tape<double> tape;
            Tensor<double> y = exact.logits(x, {.tape = &tape});
            y.matrix().setZero();
            y.data()[j] = -1;
            y.data()[i] = 1;
            const Tensor<double> slope = exact.backward(std::move(y), {.tape = tape});
            Vector<double> moved = x.matrix().col(0) - start.matrix().col(0);
            if (slope.matrix().norm() > 0)
              moved += radius * slope.matrix().col(0) / slope.matrix().norm();
            for (Index p = 0; p < moved.size() && attempt % 4 == 3; ++p)
              moved(p) += radius * random.normal();
            moved *= 0.999999 * radius / std::max(moved.norm(), 1e-300);
            x.matrix().col(0) = start.matrix().col(0) + moved;
            CHECK(leading_set(exact.logits(x).matrix().col(0), size) == inside);
          }
          ++attacked;
        }
      }
    }
  }
  CHECK(attacked > 500);
}

TEST_CASE("Relaxed answers are the same for any number of threads, one by one and in double") {
  auto model = networks::random_network(0, 41);
  model.set_guarantee(Guarantee::affinity({{0, 1}, {1, 2, 3}}));
  const Certifier<float> certifier(model);
  const Certifier<double> in_double(model.cast<double>());
  CHECK(in_double.guarantee() == model.guarantee());
  const auto images = networks::random_batch<float>(model.input_shape(), 70, Random(4));
  Tensor<double> wide(images.shape(), images.batch());
  std::copy_n(images.data(), images.size(), wide.data());
  Workers one(1), three(3);
  const Certificates a = certifier.certify(images, {.workers = &one});
  const Certificates b = certifier.certify(images, {.workers = &three});
  CHECK(a.answers == b.answers);
  CHECK(a.answers == in_double.certify(wide, {.workers = &one}).answers);
  const double epsilon = a.answers[0].set_radius() / 2;
  const Certificates at = certifier.certify(images, {.epsilon = epsilon, .workers = &three});
  CHECK(at.needed_double == 70);
  for (Index n = 0; n < 70; ++n) {
    const auto k = static_cast<std::size_t>(n);
    CHECK(certifier.certify_image(one_of(images, n)) == a.answers[k]);
    CHECK(certifier.certify_image(one_of(images, n), {.epsilon = epsilon}) == at.answers[k]);
    CHECK(at.answers[k].classes_at(epsilon) == a.answers[k].classes_at(epsilon));
    for (const CertifiedSet& set : at.answers[k].sets)
      CHECK((set.radius == 0 || set.radius > epsilon));
  }
}

TEST_CASE("Two relaxed answers whose balls meet have sets within one another") {
  const auto model = networks::random_network(0, 51);
  const Certifier<float> certifier(model, Guarantee::top_k(2));
  const auto ends = networks::random_batch<float>(model.input_shape(), 16, Random(5));
  Index compared = 0;
  for (Index e = 0; e < ends.batch(); e += 2) {
    Tensor<float> points(model.input_shape(), 60);
    for (Index n = 0; n < 60; ++n)
      points.matrix().col(n) =
          ends.matrix().col(e) +
          static_cast<float>(n) / 59.0F * (ends.matrix().col(e + 1) - ends.matrix().col(e));
    Workers workers(1);
    const std::vector<Certificate> answers =
        certifier.certify(points, {.workers = &workers}).answers;
    for (Index a = 0; a < 60; ++a)
      for (Index b = 0; b < a; ++b) {
        const double apart =
            (points.matrix().col(a).cast<double>() - points.matrix().col(b).cast<double>()).norm();
        const Certificate& one = answers[static_cast<std::size_t>(a)];
        const Certificate& other = answers[static_cast<std::size_t>(b)];
        for (std::size_t s = 1; s <= one.sets.size(); ++s)
          for (std::size_t t = 1; t <= other.sets.size(); ++t) {
            const double reach = std::max(one.sets[s - 1].radius, other.sets[t - 1].radius);
            if (one.sets[s - 1].radius == 0 || other.sets[t - 1].radius == 0) continue;
            if (apart * (1 + 1e-12) >= reach) continue;
            const std::vector<int> small = members(s < t ? one : other, std::min(s, t));
            const std::vector<int> large = members(s < t ? other : one, std::max(s, t));
            CHECK(std::includes(large.begin(), large.end(), small.begin(), small.end()));
            ++compared;
          }
      }
  }
  CHECK(compared > 500);
}

TEST_CASE("Numbers beyond float's and NaN prove no set") {
  const Certifier<float> certifier(four_classes(), Guarantee::top_k(3));
  CHECK(certifier.certify_image(networks::point<float>({std::nanf(""), 1})).sets.empty());
  CHECK(certifier.certify_image(networks::point<float>({INFINITY, 1})).sets.empty());
}

TEST_CASE("The metrics of a relaxed certifier count sets that have the true class") {
  // Points (4, 1), (4, 4), (0, -9): at 1.5 sets {0, 1} and {0, 1, 2}; at (4, 4) all three only; and
  // at (0, -9), where the logits are 0, 0, -9, -8, classes 0 and 1 tie and stand together.
  const std::vector<float> pixels{4, 1, 4, 1, 4, 4, 4, 4, 0, -9, 0, -9};
  const std::vector<int> labels{1, 2, 1, 3, 1, 2};
  const data::Dataset points("points", Shape::flat(2), pixels, labels, 4);
  Workers workers(1);
  const auto metrics = [&](const Guarantee& guarantee) {
    return certified_metrics(Certifier<float>(four_classes(), guarantee), points, 1.5, workers);
  };
  const CertifiedMetrics strict = metrics(Guarantee::top_1());
  CHECK(strict.samples == 6);
  CHECK(strict.right == 0);
  CHECK(strict.certified == 2);
  CHECK(strict.right_and_certified == 0);
  CHECK(strict.set_certified == 2);
  CHECK(strict.right_and_set_certified == 0);
  const CertifiedMetrics two = metrics(Guarantee::top_k(2));
  CHECK(two.certified == 2);  // the label's count is the same for every guarantee
  CHECK(two.right_and_certified == 0);
  CHECK(two.set_certified == 4);
  CHECK(two.right_and_set_certified == 2);  // (4, 1) with label 1, (0, -9) with label 1
  CHECK(two.clean_accuracy() == 0);
  const CertifiedMetrics three = metrics(Guarantee::top_k(3));
  CHECK(three.certified == 2);
  CHECK(three.set_certified == 6);
  CHECK(three.set_vra() == 4.0 / 6);
  CHECK(three.set_rejection_rate() == 0);
  CHECK(three.right_and_set_certified == 4);  // 2 is in the largest set at (4, 1), 3 nowhere
  const CertifiedMetrics affine = metrics(Guarantee::affinity({{0, 1}, {2, 3}}));
  CHECK(affine.set_certified == 4);
  CHECK(affine.right_and_set_certified == 2);
}

TEST_CASE("A guarantee that does not fit the model makes no certifier") {
  CHECK_THROWS_AS(Certifier<float>(four_classes(), Guarantee::top_k(4)), ArgumentError);
}
