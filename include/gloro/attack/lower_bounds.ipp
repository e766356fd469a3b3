// The bodies of lower_bounds.hpp.
#pragma once

#include "gloro/attack/lower_bounds.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "gloro/attack/detail/distance.hpp"
#include "gloro/attack/detail/groups.hpp"
#include "gloro/attack/detail/margin.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/infinity.hpp"
#include "gloro/core/random.hpp"

namespace gloro::attack {

namespace detail {

/// |m(a) - m(b)| / ||a - b|| of the margin m = y_j - y_i, less what the rounding of logits usually adds to it:
/// where the points all but meet, that is all there is.
[[nodiscard]] inline double quotient(const double* a, const double* b, Index j, Index i,
                                     double apart) {
  const double sizes = std::abs(a[j]) + std::abs(b[j]) + std::abs(a[i]) + std::abs(b[i]);
  return (std::abs((a[j] - b[j]) - (a[i] - b[i])) - 0x1p-46 * sizes) / apart;
}

/// Pairs of points, in step; columns n and n + count are the two ends of pair n.
class PairAscent {
 public:
  struct Pair {
    Index up, down;           // the margin is y_up - y_down
    double limit = infinity;  // the ends stay this close to the start
  };

  PairAscent(const GloroModel<double>& model, Tensor<double> starts, std::vector<Pair> pairs)
      : model_(model),
        starts_(std::move(starts)),
        centers_(starts_.matrix()),
        pairs_(std::move(pairs)),
        directions_(centers_.rows(), centers_.cols()) {}

  /// Calls record with a pair's number, the logits at both ends and their distance.
  template <typename Record>
  void run(const LowerBoundOptions& options, std::vector<Random> randoms, const Record& record) {
    Vector<double> halves(count());
    for (Index n = 0; n < count(); ++n) {
      Random& random = randoms[static_cast<std::size_t>(n)];
      for (double& value : directions_.col(n)) value = random.normal();
      directions_.col(n).normalize();
      // Strictly within the limit, whatever the rounding.
      halves(n) = std::min(options.reach / 2, pair(n).limit * (1 - 1e-9));
    }
    for (int level = 0; level <= options.halvings; ++level) {
      for (int step = 0; step <= options.steps; ++step)
        climb(halves, step == options.steps, options.pace, record);
      halves /= 2;
    }
  }

 private:
  [[nodiscard]] Index count() const { return centers_.cols(); }
  [[nodiscard]] const Pair& pair(Index n) const { return pairs_[static_cast<std::size_t>(n)]; }

  [[nodiscard]] Tensor<double> ends(const Vector<double>& halves) const {
    Tensor<double> points(starts_.shape(), 2 * count());
    for (Index n = 0; n < count(); ++n) {
      points.matrix().col(n) = centers_.col(n) + halves(n) * directions_.col(n);
      points.matrix().col(n + count()) = centers_.col(n) - halves(n) * directions_.col(n);
    }
    return points;
  }

  /// One step of every pair, or with `is_last` the choice of the better half.
  template <typename Record>
  void climb(const Vector<double>& halves, bool is_last, double pace, const Record& record) {
    const Tensor<double> points = ends(halves);
    std::vector<Aim> aims;
    for (int end = 0; end < 2; ++end)
      for (const Pair& each : pairs_) aims.push_back({each.up, each.down});
    const auto slope = margin_slope(model_, points, aims);
    for (Index n = 0; n < count(); ++n) {
      const double apart =
          distance(points.sample(n), points.sample(n + count()), points.shape().size());
      if (!(apart > 0)) continue;
      record(n, slope.logits.sample(n), slope.logits.sample(n + count()), apart);
    }
    if (is_last) {
      choose_halves(halves, slope.margins);
      return;
    }
    for (Index n = 0; n < count(); ++n) {
      const auto upper = slope.gradient.matrix().col(n);
      const auto lower = slope.gradient.matrix().col(n + count());
      const Vector<double> turned = upper + lower;
      const double norms = upper.norm() + lower.norm();
      if (!(turned.norm() > 1e-12 * norms && std::isfinite(norms))) continue;
      // Where the pair turns round, its ends change places.
      const double sense = turned.dot(directions_.col(n)) < 0 ? -1 : 1;
      directions_.col(n) = turned.normalized();
      centers_.col(n) += (sense * pace * halves(n) / norms) * (upper - lower);
      keep_close(n, halves(n));
    }
  }

  /// Of the two halves of each pair, keeps the one over which the margin rises more.
  void choose_halves(const Vector<double>& halves, const std::vector<Margin>& at_ends) {
    Tensor<double> middles(starts_.shape(), count());
    middles.matrix() = centers_;
    std::vector<Aim> aims;
    for (const Pair& each : pairs_) aims.push_back({each.up, each.down});
    const std::vector<Margin> middle = margins(model_, middles, aims);
    for (Index n = 0; n < count(); ++n) {
      const auto at = static_cast<std::size_t>(n);
      const double above = at_ends[at].value - middle[at].value;
      const double below = middle[at].value - at_ends[at + static_cast<std::size_t>(count())].value;
      centers_.col(n) += (above >= below ? 0.5 : -0.5) * halves(n) * directions_.col(n);
    }
  }

  void keep_close(Index n, double half) {
    if (pair(n).limit == infinity) return;
    const double room = std::max(0.0, pair(n).limit * (1 - 1e-9) - half);
    const Vector<double> away = centers_.col(n) - starts_.matrix().col(n);
    const double norm = away.norm();
    if (norm > room) centers_.col(n) = starts_.matrix().col(n) + (room / norm) * away;
  }

  const GloroModel<double>& model_;
  Tensor<double> starts_;
  Matrix<double> centers_;
  std::vector<Pair> pairs_;
  Matrix<double> directions_;
};

}  // namespace detail

template <std::floating_point Scalar>
Matrix<double> global_lower_bounds(const GloroModel<Scalar>& model, const Tensor<Scalar>& starts,
                                   const LowerBoundOptions& options, Workers& workers) {
  require_samples(model, starts, std::vector<int>(static_cast<std::size_t>(starts.batch()), 0));
  const Index classes = model.classes();
  const GloroModel<double> wide = model.template cast<double>();
  std::vector<std::pair<Index, Index>> class_pairs;
  for (Index j = 0; j < classes; ++j)
    for (Index i = 0; i < j; ++i) class_pairs.emplace_back(j, i);
  std::vector<Matrix<double>> found(static_cast<std::size_t>(starts.batch()),
                                    Matrix<double>::Zero(classes, classes));
  if (class_pairs.empty()) return Matrix<double>::Zero(classes, classes);
  for_each_group(starts.batch(), workers, [&](Index first, Index count) {
    Tensor<double> x(starts.shape(), count);
    std::copy_n(starts.sample(first), x.size(), x.data());
    std::vector<detail::PairAscent::Pair> pairs;
    std::vector<Random> randoms;
    for (Index n = first; n < first + count; ++n) {
      const auto& [up, down] = class_pairs[static_cast<std::size_t>(n) % class_pairs.size()];
      pairs.push_back({up, down});
      randoms.push_back(Random(options.seed).split(static_cast<std::uint64_t>(n)));
    }
    detail::PairAscent(wide, std::move(x), std::move(pairs))
        .run(options, std::move(randoms),
             [&](Index n, const double* a, const double* b, double apart) {
               Matrix<double>& mine = found[static_cast<std::size_t>(first + n)];
               for (Index j = 0; j < classes; ++j)
                 for (Index i = 0; i < j; ++i)
                   mine(i, j) = std::max(mine(i, j), detail::quotient(a, b, j, i, apart));
             });
  });
  Matrix<double> all = Matrix<double>::Zero(classes, classes);
  for (const auto& mine : found) all = all.cwiseMax(mine);
  return all + all.transpose().eval();
}

template <std::floating_point Scalar>
std::vector<double> local_lower_bounds(const GloroModel<Scalar>& model,
                                       const Tensor<Scalar>& samples, double epsilon,
                                       const LowerBoundOptions& options, Workers& workers) {
  require_samples(model, samples, std::vector<int>(static_cast<std::size_t>(samples.batch()), 0));
  if (!(epsilon > 0 && std::isfinite(epsilon)))
    throw ArgumentError(message("local bounds need a finite epsilon > 0, got ", epsilon));
  const Index classes = model.classes();
  const GloroModel<double> wide = model.template cast<double>();
  std::vector<double> bounds(static_cast<std::size_t>(samples.batch()), 0.0);
  LowerBoundOptions local = options;
  local.reach = 2 * epsilon;
  for_each_group(samples.batch(), workers, [&](Index first, Index count) {
    Tensor<double> x(samples.shape(), count);
    std::copy_n(samples.sample(first), x.size(), x.data());
    const Tensor<double> y = wide.logits(x);
    for (int rank = 0; rank < std::min<int>(options.rivals, static_cast<int>(classes) - 1);
         ++rank) {
      std::vector<detail::PairAscent::Pair> pairs;
      std::vector<Random> randoms;
      for (Index n = 0; n < count; ++n) {
        Index top = 0;
        y.matrix().col(n).maxCoeff(&top);
        const auto rivals = rivals_by_strength(y.sample(n), classes, top);
        pairs.push_back({top, rivals[static_cast<std::size_t>(rank)], epsilon});
        randoms.push_back(Random(options.seed)
                              .split(static_cast<std::uint64_t>(first + n))
                              .split(static_cast<std::uint64_t>(rank)));
      }
      detail::PairAscent(wide, x, pairs)
          .run(local, std::move(randoms),
               [&](Index n, const double* a, const double* b, double apart) {
                 const Index j = pairs[static_cast<std::size_t>(n)].up;
                 double& best = bounds[static_cast<std::size_t>(first + n)];
                 for (Index i = 0; i < classes; ++i)
                   best = std::max(best, detail::quotient(a, b, j, i, apart));
               });
    }
  });
  return bounds;
}

#ifdef GLORO_COMPILING
template Matrix<double> global_lower_bounds<float>(const GloroModel<float>&, const Tensor<float>&,
                                                   const LowerBoundOptions&, Workers&);
template Matrix<double> global_lower_bounds<double>(const GloroModel<double>&,
                                                    const Tensor<double>&, const LowerBoundOptions&,
                                                    Workers&);
template std::vector<double> local_lower_bounds<float>(const GloroModel<float>&,
                                                       const Tensor<float>&, double,
                                                       const LowerBoundOptions&, Workers&);
template std::vector<double> local_lower_bounds<double>(const GloroModel<double>&,
                                                        const Tensor<double>&, double,
                                                        const LowerBoundOptions&, Workers&);
#endif

}  // namespace gloro::attack
