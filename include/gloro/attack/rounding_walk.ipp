// The bodies of rounding_walk.hpp.
#pragma once

#include "gloro/attack/rounding_walk.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "gloro/attack/adversarials.hpp"
#include "gloro/attack/contradiction.hpp"
#include "gloro/attack/detail/ball.hpp"
#include "gloro/attack/detail/groups.hpp"
#include "gloro/attack/detail/margin.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/random.hpp"

namespace gloro::attack {

namespace detail {

template <std::floating_point Scalar>
class RoundingWalk {
 public:
  RoundingWalk(const GloroModel<Scalar>& model, const Answers<Scalar>& answer,
               const Tensor<Scalar>& sample, const Certificate& claim,
               const RoundingWalkOptions& options)
      : model_(model),
        answer_(answer),
        sample_(sample),
        claim_(claim),
        options_(options),
        ball_(sample.data(), sample.size(), claim.radius),
        random_(options.seed) {}

  [[nodiscard]] RoundingFindings<Scalar> run() {
    const Tensor<Scalar> y = model_.logits(sample_);
    std::vector<Index> rivals = rivals_by_strength(y.data(), model_.classes(), claim_.label);
    rivals.resize(std::min(rivals.size(), static_cast<std::size_t>(options_.rivals)));
    for (const Index rival : rivals) {
      Tensor<Scalar> at = edge(rival);
      double margin = infinity;
      for (int round = 0; round < options_.rounds; ++round) step(at, margin, {claim_.label, rival});
    }
    return std::move(findings_);
  }

 private:
  static constexpr double edge_gap = 0x1p-44;  // relative: below what one float step changes

  [[nodiscard]] Index size() const { return sample_.size(); }

  /// The point of the sphere down the margin's gradient, followed a few times.
  [[nodiscard]] Tensor<Scalar> edge(Index rival) const {
    Tensor<Scalar> at = sample_;
    const Aim aim{claim_.label, rival};
    for (int turn = 0; turn < 5; ++turn) {
      const MarginSlope<Scalar> slope = margin_slope(model_, at, std::span(&aim, 1));
      at = sample_;
      step_along(at.data(), slope.gradient.data(), size(), -ball_.radius());
      ball_.project(at.data(), edge_gap);
    }
    return at;
  }

  /// Looks at neighbours of `at` and moves to the best.
  void step(Tensor<Scalar>& at, double& margin, const Aim& aim) {
    Tensor<Scalar> near(sample_.shape(), options_.neighbours);
    for (Index n = 0; n < near.batch(); ++n) {
      std::copy_n(at.data(), size(), near.sample(n));
      if (n > 0) {  // the first is the point itself
        if (n % 2 == 0)
          jitter(near.sample(n));
        else
          drift(near.sample(n));
        ball_.project(near.sample(n), edge_gap);
      }
    }
    const Tensor<Scalar> y = model_.logits(near);
    std::vector<std::pair<double, Index>> order;
    for (Index n = 0; n < near.batch(); ++n) {
      ++findings_.visited;
      const Margin any = margin_of(y.sample(n), model_.classes(), {claim_.label});
      if (any.is_lost() && findings_.flips++ == 0) findings_.flip = one(near, n);
      const double aimed = margin_of(y.sample(n), model_.classes(), aim).value;
      order.emplace_back(std::isnan(aimed) ? -infinity : aimed, n);
    }
    std::sort(order.begin(), order.end());
    order.resize(static_cast<std::size_t>(std::min(near.batch(), options_.asked)));
    findings_.least_margin = std::min(findings_.least_margin, order.front().first);
    ask(near, order);
    if (order.front().first <= margin) {
      margin = order.front().first;
      at = one(near, order.front().second);
    }
  }

  void ask(const Tensor<Scalar>& near, const std::vector<std::pair<double, Index>>& order) {
    for (const auto& [margin, n] : order) {
      const Tensor<Scalar> point = one(near, n);
      const Certificate other = answer_(point);
      ++findings_.asked;
      if (contradict(claim_, sample_.data(), other, point.data(), size()) &&
          findings_.contradictions++ == 0)
        findings_.contradiction = point;
    }
  }

  /// Moves a random share of the values to a float next to them.
  void jitter(Scalar* point) {
    const double share = std::pow(static_cast<double>(size()), -random_.uniform());
    for (Index i = 0; i < size(); ++i) {
      if (random_.uniform() >= share) continue;
      const Scalar towards = random_.bits() % 2 == 0 ? std::numeric_limits<Scalar>::max()
                                                     : std::numeric_limits<Scalar>::lowest();
      point[i] = std::nextafter(point[i], towards);
    }
  }

  /// Moves in a random direction, by a share of the radius between one and a float's resolution.
  void drift(Scalar* point) {
    const double share = std::exp2(-random_.uniform(0, std::numeric_limits<Scalar>::digits));
    std::vector<Scalar> direction(static_cast<std::size_t>(size()));
    for (Scalar& value : direction) value = static_cast<Scalar>(random_.normal());
    step_along(point, direction.data(), size(), share * ball_.radius());
  }

  [[nodiscard]] Tensor<Scalar> one(const Tensor<Scalar>& batch, Index n) const {
    return columns(batch, std::span(&n, 1));
  }

  const GloroModel<Scalar>& model_;
  const Answers<Scalar>& answer_;
  const Tensor<Scalar>& sample_;
  const Certificate& claim_;
  const RoundingWalkOptions& options_;
  Ball<Scalar> ball_;
  Random random_;
  RoundingFindings<Scalar> findings_;
};

}  // namespace detail

template <std::floating_point Scalar>
RoundingFindings<Scalar> rounding_walk(const GloroModel<Scalar>& model,
                                       const std::type_identity_t<Answers<Scalar>>& answer,
                                       const Tensor<Scalar>& sample, const Certificate& claim,
                                       const RoundingWalkOptions& options) {
  const std::vector<int> label{claim.label};
  require_samples(model, sample, label);
  if (options.neighbours < 1 || options.rounds < 0 || options.asked < 1 || options.rivals < 1)
    throw ArgumentError("the rounding walk needs neighbours, asked and rivals >= 1, rounds >= 0");
  return detail::RoundingWalk<Scalar>(model, answer, sample, claim, options).run();
}

#ifdef GLORO_COMPILING
template RoundingFindings<float> rounding_walk<float>(const GloroModel<float>&,
                                                      const Answers<float>&, const Tensor<float>&,
                                                      const Certificate&,
                                                      const RoundingWalkOptions&);
template RoundingFindings<double> rounding_walk<double>(const GloroModel<double>&,
                                                        const Answers<double>&,
                                                        const Tensor<double>&, const Certificate&,
                                                        const RoundingWalkOptions&);
#endif

}  // namespace gloro::attack
