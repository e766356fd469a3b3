// The bodies of pgd.hpp.
#pragma once

#include "gloro/attack/pgd.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "gloro/attack/detail/ball.hpp"
#include "gloro/attack/detail/distance.hpp"
#include "gloro/attack/detail/groups.hpp"
#include "gloro/attack/detail/margin.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/random.hpp"

namespace gloro::attack {

namespace detail {

/// PGD on one group of samples.
template <std::floating_point Scalar>
class PgdGroup {
 public:
  PgdGroup(const GloroModel<Scalar>& model, const PgdOptions& options,
           std::vector<Ball<Scalar>> balls, std::vector<int> labels, Index first)
      : model_(model), options_(options), balls_(std::move(balls)), labels_(std::move(labels)) {
    for (std::size_t n = 0; n < balls_.size(); ++n)
      randoms_.push_back(Random(options.seed).split(static_cast<std::uint64_t>(first) + n));
  }

  /// Writes the best point of sample n to points.sample(first + n).
  void run(Index first, Adversarials<Scalar>& found) {
    found_ = &found;
    first_ = first;
    look_at_samples();
    for (int restart = 0; restart < options_.restarts; ++restart)
      for (int rank = 0; rank <= options_.rivals; ++rank)
        if (const std::vector<std::size_t> left = attackable(); !left.empty())
          descend(left, restart, rank);
  }

 private:
  [[nodiscard]] Attempt& attempt(std::size_t n) {
    return found_->attempts[static_cast<std::size_t>(first_) + n];
  }

  /// Samples that no success has ended and whose ball has more than the sample itself.
  [[nodiscard]] std::vector<std::size_t> attackable() {
    std::vector<std::size_t> left;
    for (std::size_t n = 0; n < balls_.size(); ++n)
      if (!attempt(n).success && balls_[n].radius() > 0) left.push_back(n);
    return left;
  }

  void look_at_samples() {
    Tensor<Scalar> x(model_.input_shape(), static_cast<Index>(balls_.size()));
    for (std::size_t n = 0; n < balls_.size(); ++n)
      std::copy_n(balls_[n].center(), balls_[n].size(), x.sample(static_cast<Index>(n)));
    const Tensor<Scalar> y = model_.logits(x);
    for (std::size_t n = 0; n < balls_.size(); ++n) {
      const auto at = static_cast<Index>(n);
      rivals_.push_back(rivals_by_strength(y.sample(at), model_.classes(), labels_[n]));
      consider(n, x.sample(at), y.sample(at));
    }
  }

  /// Keeps the point if it is the best so far.
  void consider(std::size_t n, const Scalar* point, const Scalar* logits) {
    Attempt& best = attempt(n);
    const Margin margin = margin_of(logits, model_.classes(), {labels_[n]});
    if (best.success || (margin.value >= best.margin && !margin.is_lost())) return;
    if (margin.is_lost() && !balls_[n].contains(point)) return;
    best = {margin.is_lost(), margin.value, distance(point, balls_[n].center(), balls_[n].size())};
    std::copy_n(point, balls_[n].size(), found_->points.sample(first_ + static_cast<Index>(n)));
  }

  void descend(const std::vector<std::size_t>& which, int restart, int rank) {
    Tensor<Scalar> x(model_.input_shape(), static_cast<Index>(which.size()));
    std::vector<Aim> aims;
    for (std::size_t k = 0; k < which.size(); ++k) {
      const std::size_t n = which[k];
      const std::vector<Index>& rivals = rivals_[n];
      const bool is_aimed = rank > 0 && static_cast<std::size_t>(rank) <= rivals.size();
      aims.push_back(
          {labels_[n], is_aimed ? rivals[static_cast<std::size_t>(rank) - 1] : any_rival});
      Scalar* start = x.sample(static_cast<Index>(k));
      if (restart == 0)
        std::copy_n(balls_[n].center(), balls_[n].size(), start);
      else
        balls_[n].draw(start, randoms_[n]);
    }
    for (int step = 0;; ++step) {
      const bool is_last = step == options_.steps;
      const MarginSlope<Scalar> slope =
          is_last ? MarginSlope<Scalar>{model_.logits(x), {}, {}} : margin_slope(model_, x, aims);
      bool all_broken = true;
      for (std::size_t k = 0; k < which.size(); ++k) {
        consider(which[k], x.sample(static_cast<Index>(k)),
                 slope.logits.sample(static_cast<Index>(k)));
        all_broken = all_broken && attempt(which[k]).success;
      }
      if (is_last || all_broken) return;
      const double length = options_.step * (1 - static_cast<double>(step) / options_.steps);
      for (std::size_t k = 0; k < which.size(); ++k) {
        const Ball<Scalar>& ball = balls_[which[k]];
        const auto at = static_cast<Index>(k);
        step_along(x.sample(at), slope.gradient.sample(at), ball.size(), -length * ball.radius());
        ball.project(x.sample(at));
      }
    }
  }

  const GloroModel<Scalar>& model_;
  const PgdOptions& options_;
  std::vector<Ball<Scalar>> balls_;
  std::vector<int> labels_;
  std::vector<Random> randoms_;
  std::vector<std::vector<Index>> rivals_;
  Adversarials<Scalar>* found_ = nullptr;
  Index first_ = 0;
};

}  // namespace detail

template <std::floating_point Scalar>
Adversarials<Scalar> pgd(const GloroModel<Scalar>& model, const Tensor<Scalar>& samples,
                         std::span<const int> labels, std::span<const double> radii,
                         const PgdOptions& options, Workers& workers) {
  require_samples(model, samples, labels);
  if (radii.size() != labels.size())
    throw ArgumentError(message(labels.size(), " samples, but ", radii.size(), " radii"));
  if (options.steps < 0 || options.restarts < 1 || options.rivals < 0)
    throw ArgumentError("PGD needs steps >= 0, restarts >= 1 and rivals >= 0");
  if (!(options.step > 0 && std::isfinite(options.step)))
    throw ArgumentError(message("PGD needs a finite step > 0, got ", options.step));
  Adversarials<Scalar> found{samples, std::vector<Attempt>(labels.size())};
  for_each_group(samples.batch(), workers, [&](Index first, Index count) {
    std::vector<Ball<Scalar>> balls;
    std::vector<int> truths;
    for (Index n = first; n < first + count; ++n) {
      balls.emplace_back(samples.sample(n), samples.shape().size(),
                         radii[static_cast<std::size_t>(n)], options.box);
      truths.push_back(labels[static_cast<std::size_t>(n)]);
    }
    detail::PgdGroup<Scalar>(model, options, std::move(balls), std::move(truths), first)
        .run(first, found);
  });
  return found;
}

template <std::floating_point Scalar>
Adversarials<Scalar> pgd(const GloroModel<Scalar>& model, const Tensor<Scalar>& samples,
                         std::span<const int> labels, double epsilon, const PgdOptions& options,
                         Workers& workers) {
  const std::vector<double> radii(labels.size(), epsilon);
  return pgd(model, samples, labels, std::span<const double>(radii), options, workers);
}

#ifdef GLORO_COMPILING
template Adversarials<float> pgd<float>(const GloroModel<float>&, const Tensor<float>&,
                                        std::span<const int>, std::span<const double>,
                                        const PgdOptions&, Workers&);
template Adversarials<float> pgd<float>(const GloroModel<float>&, const Tensor<float>&,
                                        std::span<const int>, double, const PgdOptions&, Workers&);
template Adversarials<double> pgd<double>(const GloroModel<double>&, const Tensor<double>&,
                                          std::span<const int>, std::span<const double>,
                                          const PgdOptions&, Workers&);
template Adversarials<double> pgd<double>(const GloroModel<double>&, const Tensor<double>&,
                                          std::span<const int>, double, const PgdOptions&,
                                          Workers&);
#endif

}  // namespace gloro::attack
