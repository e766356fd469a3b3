// A batch for losses: logits, margins and labels that tests can turn, and the comparison of a loss's
// derivatives with central differences.
#pragma once

#include <cmath>
#include <limits>
#include <vector>

#include "catch.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/random.hpp"
#include "gloro/loss/loss.hpp"
#include "gloro/testing/central_difference.hpp"

namespace losses {

using namespace gloro;

/// What a loss is given, owned.
template <typename Scalar>
struct Batch {
  Tensor<Scalar> logits;
  std::vector<int> labels;
  LipschitzTerms<Scalar> terms;
  Scalar epsilon = Scalar(0.25);
  double lambda_factor = 1;
  Guarantee guarantee = {};

  [[nodiscard]] LossInput<Scalar> input() const {
    return {.logits = logits.matrix(),
            .labels = labels,
            .terms = terms,
            .epsilon = epsilon,
            .lambda_factor = lambda_factor,
            .guarantee = guarantee};
  }
  [[nodiscard]] double value(const Loss<Scalar>& loss) const { return loss(input(), nullptr); }
  [[nodiscard]] Scalar& logit(Index i, Index n) { return logits.sample(n)[i]; }
};

/// One sample with these logits; the margins all `margin`, the network's constant `network`.
template <typename Scalar>
Batch<Scalar> one_sample(const std::vector<double>& logits, int label, double margin,
                         double network = 0) {
  const auto classes = static_cast<Index>(logits.size());
  Batch<Scalar> batch{Tensor<Scalar>(Shape::flat(classes), 1), {label}, {}};
  for (Index i = 0; i < classes; ++i)
    batch.logit(i, 0) = static_cast<Scalar>(logits[static_cast<std::size_t>(i)]);
  batch.terms.margin_constants =
      Matrix<Scalar>::Constant(classes, classes, static_cast<Scalar>(margin));
  batch.terms.margin_constants.diagonal().setZero();
  batch.terms.network = static_cast<Scalar>(network);
  return batch;
}

/// Random logits of size 2, symmetric margins between 0.5 and 2.
template <typename Scalar>
Batch<Scalar> random_batch(Index classes, Index samples, std::uint64_t seed) {
  Random random(seed);
  Batch<Scalar> batch{Tensor<Scalar>(Shape::flat(classes), samples), {}, {}};
  for (Index i = 0; i < classes * samples; ++i)
    batch.logits.data()[i] = static_cast<Scalar>(2 * random.normal());
  for (Index n = 0; n < samples; ++n)
    batch.labels.push_back(static_cast<int>(random.below(static_cast<std::uint64_t>(classes))));
  batch.terms.margin_constants = Matrix<Scalar>::Zero(classes, classes);
  for (Index i = 0; i < classes; ++i)
    for (Index j = 0; j < i; ++j)
      batch.terms.margin_constants(i, j) = batch.terms.margin_constants(j, i) =
          static_cast<Scalar>(random.uniform(0.5, 2));
  batch.terms.network = static_cast<Scalar>(1.75);
  return batch;
}

/// The derivatives that a loss gives, added to zeros.
template <typename Scalar>
struct Slopes {
  Tensor<Scalar> logits;
  LipschitzSlopes<Scalar> terms;
  double value = 0;

  Slopes(const Batch<Scalar>& batch, const Loss<Scalar>& loss)
      : logits(batch.logits.shape(), batch.logits.batch()) {
    logits.matrix().setZero();
    terms = {0, Matrix<Scalar>::Zero(logits.shape().size(), logits.shape().size())};
    LossGradient<Scalar> out{logits.matrix(), terms};
    value = loss(batch.input(), &out);
  }
};

/// By every logit, every margin and the network's constant. A loss of size 100 leaves rounding of
/// 100 u * 100 / step; truncation is step^2.
inline void check_slopes(Batch<double> batch, const Loss<double>& loss) {
  constexpr double step = 0x1p-17;
  const Slopes<double> slopes(batch, loss);
  CHECK(slopes.value == batch.value(loss));
  const auto check = [&](double& at, double found) {
    const double expected =
        testing::central_difference(at, step, [&] { return batch.value(loss); });
    CHECK(std::abs(found - expected) <= 1e-7 * (1 + std::abs(found)));
  };
  for (Index i = 0; i < batch.logits.size(); ++i)
    check(batch.logits.data()[i], slopes.logits.data()[i]);
  for (Index i = 0; i < batch.terms.margin_constants.size(); ++i)
    check(batch.terms.margin_constants(i), slopes.terms.margin_constants(i));
  check(batch.terms.network, slopes.terms.network);
}

/// Float gives what double gives, within the rounding of its inputs and outputs.
inline void check_float(const Loss<float>& single, const Loss<double>& exact) {
  const Batch<float> narrow = random_batch<float>(5, 8, 21);
  Batch<double> wide = random_batch<double>(5, 8, 21);
  wide.logits.matrix() = narrow.logits.matrix().cast<double>();
  wide.terms.margin_constants = narrow.terms.margin_constants.cast<double>();
  const Slopes<float> found(narrow, single);
  const Slopes<double> expected(wide, exact);
  const double rounding = 32 * static_cast<double>(std::numeric_limits<float>::epsilon());
  CHECK(std::abs(found.value - expected.value) <= rounding * expected.value);
  CHECK((found.logits.matrix().cast<double>() - expected.logits.matrix()).cwiseAbs().maxCoeff() <=
        rounding);
  CHECK((found.terms.margin_constants.cast<double>() - expected.terms.margin_constants)
            .cwiseAbs()
            .maxCoeff() <= 8 * rounding);
}

/// The same of a loss that is called without Loss around it, as a loss made of another calls it.
template <typename Function>
void check_direct_call(const Function& loss) {
  for (const int label : {-1, 3})
    CHECK_THROWS_WITH(loss(one_sample<double>({1, 2, 3}, label, 1).input(),
                           static_cast<LossGradient<double>*>(nullptr)),
                      ContainsText("0 to 2") && ContainsText(std::to_string(label)));
}

/// A label out of range is refused with the range, labels that are too few or too many with both
/// numbers.
inline void check_labels_are_checked(const Loss<double>& loss) {
  for (const int label : {-1, 3, 1000}) {
    const auto batch = one_sample<double>({1, 2, 3}, label, 1);
    CHECK_THROWS_AS(batch.value(loss), ArgumentError);
    CHECK_THROWS_WITH(batch.value(loss),
                      ContainsText("0 to 2") && ContainsText(std::to_string(label)));
  }
  auto batch = one_sample<double>({1, 2, 3}, 0, 1);
  batch.labels.clear();
  CHECK_THROWS_AS(batch.value(loss), ArgumentError);
  batch.labels = {0, 1};
  CHECK_THROWS_WITH(batch.value(loss), ContainsText("1 samples got 2 labels"));
}

}  // namespace losses
