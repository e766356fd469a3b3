// The bodies of boundary.hpp.
#pragma once

#include "gloro/attack/boundary.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

#include "gloro/attack/detail/ball.hpp"
#include "gloro/attack/detail/boundary_walk.hpp"
#include "gloro/attack/detail/groups.hpp"
#include "gloro/attack/detail/margin.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/infinity.hpp"
#include "gloro/core/random.hpp"

namespace gloro::attack {

namespace detail {

/// The attack on one group of samples, from sample `first` on.
template <std::floating_point Scalar>
class BoundaryGroup {
 public:
  BoundaryGroup(const GloroModel<Scalar>& model, const Tensor<Scalar>& samples,
                std::span<const int> labels, const BoundaryOptions& options,
                Adversarials<Scalar>& found)
      : model_(model), samples_(samples), labels_(labels), options_(options), found_(found) {}

  void run(Index first, Index count) {
    look_at_samples(first, count);
    if (to_move_.empty()) return;
    x_ = columns(samples_, to_move_);
    const int walks = 1 + options_.rivals + options_.restarts;
    for (int walk = 0; walk < walks; ++walk) seek(walk);
    const Tensor<Scalar> y = model_.logits(columns(found_.points, to_move_));
    for (Index k = 0; k < y.batch(); ++k)
      attempt(k).margin = margin_of(y.sample(k), model_.classes(), {label(k)}).value;
  }

 private:
  [[nodiscard]] Index sample(Index k) const { return to_move_[static_cast<std::size_t>(k)]; }
  [[nodiscard]] Attempt& attempt(Index k) {
    return found_.attempts[static_cast<std::size_t>(sample(k))];
  }
  [[nodiscard]] Index label(Index k) const { return labels_[static_cast<std::size_t>(sample(k))]; }

  /// Settles the samples that are misclassified already; the others are to be moved.
  void look_at_samples(Index first, Index count) {
    std::vector<Index> group(static_cast<std::size_t>(count));
    std::iota(group.begin(), group.end(), first);
    const Tensor<Scalar> y = model_.logits(columns(samples_, group));
    for (Index n = 0; n < count; ++n) {
      const auto at = static_cast<std::size_t>(first + n);
      const Margin margin = margin_of(y.sample(n), model_.classes(), {labels_[at]});
      found_.attempts[at] = {margin.is_lost(), margin.value, margin.is_lost() ? 0 : infinity};
      if (margin.is_lost() || model_.classes() < 2) continue;
      to_move_.push_back(first + n);
      rivals_.push_back(rivals_by_strength(y.sample(n), model_.classes(), labels_[at]));
      randoms_.push_back(Random(options_.seed).split(static_cast<std::uint64_t>(first + n)));
    }
  }

  /// Walk 0 goes for any rival, the next ones for one each, the last ones start elsewhere.
  void seek(int walk) {
    std::vector<Aim> aims;
    Tensor<Scalar> starts = x_;
    for (Index k = 0; k < x_.batch(); ++k) {
      const auto& rivals = rivals_[static_cast<std::size_t>(k)];
      const auto rank = static_cast<std::size_t>(walk) - 1;
      const bool is_aimed = walk > 0 && walk <= options_.rivals && rank < rivals.size();
      aims.push_back({label(k), is_aimed ? rivals[rank] : any_rival});
      if (walk > options_.rivals && attempt(k).success)
        Ball<Scalar>(x_.sample(k), x_.shape().size(), attempt(k).distance, options_.box)
            .draw(starts.sample(k), randoms_[static_cast<std::size_t>(k)]);
    }
    BoundaryWalk<Scalar> walker(model_, x_, std::move(aims), options_.box);
    walker.cross(std::move(starts));
    walker.walk(options_.steps);
    for (Index k = 0; k < x_.batch(); ++k) {
      if (!(walker.distance_of(k) < attempt(k).distance)) continue;
      attempt(k).success = true;
      attempt(k).distance = walker.distance_of(k);
      std::copy_n(walker.point(k), x_.shape().size(), found_.points.sample(sample(k)));
    }
  }

  const GloroModel<Scalar>& model_;
  const Tensor<Scalar>& samples_;
  std::span<const int> labels_;
  const BoundaryOptions& options_;
  Adversarials<Scalar>& found_;
  std::vector<Index> to_move_;
  std::vector<std::vector<Index>> rivals_;
  std::vector<Random> randoms_;
  Tensor<Scalar> x_;
};

}  // namespace detail

template <std::floating_point Scalar>
Adversarials<Scalar> boundary(const GloroModel<Scalar>& model, const Tensor<Scalar>& samples,
                              std::span<const int> labels, const BoundaryOptions& options,
                              Workers& workers) {
  require_samples(model, samples, labels);
  if (options.steps < 0 || options.rivals < 0 || options.restarts < 0)
    throw ArgumentError("the boundary attack needs steps, rivals and restarts >= 0");
  Adversarials<Scalar> found{samples, std::vector<Attempt>(labels.size())};
  for_each_group(samples.batch(), workers, [&](Index first, Index count) {
    detail::BoundaryGroup<Scalar>(model, samples, labels, options, found).run(first, count);
  });
  return found;
}

#ifdef GLORO_COMPILING
template Adversarials<float> boundary<float>(const GloroModel<float>&, const Tensor<float>&,
                                             std::span<const int>, const BoundaryOptions&,
                                             Workers&);
template Adversarials<double> boundary<double>(const GloroModel<double>&, const Tensor<double>&,
                                               std::span<const int>, const BoundaryOptions&,
                                               Workers&);
#endif

}  // namespace gloro::attack
