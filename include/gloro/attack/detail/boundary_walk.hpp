// BoundaryWalk: over the decision boundary and along it, towards the point nearest to a sample.
//
// Crossing: DeepFool's steps (Moosavi-Dezfooli, Fawzi and Frossard, CVPR 2016). Walking: at a point
// z of the boundary, the nearest point of its tangent plane lies down the margin's gradient from x;
// z is turned towards that direction at its distance from x, and where it then lies beyond the
// boundary, drawn in along the ray from x until it is back on it, and so nearer than before.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <optional>
#include <utility>
#include <vector>

#include "gloro/attack/adversarials.hpp"
#include "gloro/attack/detail/ball.hpp"
#include "gloro/attack/detail/distance.hpp"
#include "gloro/attack/detail/margin.hpp"
#include "gloro/core/infinity.hpp"

namespace gloro::attack {

/// One walk of each of a few samples, in step. Sample k is column k.
template <std::floating_point Scalar>
class BoundaryWalk {
 public:
  /// `samples`, which outlive the walk, have positive margins.
  BoundaryWalk(const GloroModel<Scalar>& model, const Tensor<Scalar>& samples,
               std::vector<Aim> aims, std::optional<Box> box)
      : model_(model),
        samples_(samples),
        aims_(std::move(aims)),
        box_(box),
        at_(samples),
        walkers_(aims_.size()) {
    const std::vector<Margin> inside = margins(model_, samples_, aims_);
    for (std::size_t k = 0; k < walkers_.size(); ++k) walkers_[k].inside = inside[k].value;
  }

  /// The nearest point of sample k that was found beyond the boundary.
  [[nodiscard]] const Scalar* point(Index k) const { return at_.sample(k); }
  /// Its distance from the sample; +infinity if there is none.
  [[nodiscard]] double distance_of(Index k) const { return walker(k).distance; }

  /// Goes over the boundary from each start by ever bolder steps, and back to it.
  void cross(Tensor<Scalar> starts) {
    std::vector<Index> across;
    std::vector<char> done(walkers_.size(), 0);
    for (int step = 0; step < crossing_steps && across.size() < walkers_.size(); ++step) {
      const MarginSlope<Scalar> slope = margin_slope(model_, starts, aims_);
      const double boldness = 1.02 + 0.01 * step * step;
      for (Index k = 0; k < starts.batch(); ++k) {
        const auto n = static_cast<std::size_t>(k);
        const double margin = slope.margins[n].value;
        if (done[n]) continue;
        if (std::isfinite(margin) && margin <= 0) {
          done[n] = 1;
          across.push_back(k);
          walkers_[n].outside = margin;
          continue;
        }
        const auto norm = static_cast<double>(slope.gradient.matrix().col(k).norm());
        step_along(starts.sample(k), slope.gradient.sample(k), size(), -boldness * margin / norm);
        cut(starts.sample(k), size(), box_);
      }
    }
    draw_in(starts, across);
  }

  /// Goes along the boundary towards the nearest point, until that gains no more.
  void walk(int steps) {
    for (int step = 0; step < steps; ++step) {
      std::vector<Index> going;
      std::vector<Aim> aims;
      for (Index k = 0; k < at_.batch(); ++k) {
        if (walker(k).distance == infinity || walker(k).turn < 1e-3) continue;
        going.push_back(k);
        aims.push_back(aims_[static_cast<std::size_t>(k)]);
      }
      if (going.empty()) return;
      Tensor<Scalar> turned = columns(at_, going);
      const MarginSlope<Scalar> slope = margin_slope(model_, turned, aims);
      for (std::size_t g = 0; g < going.size(); ++g)
        turn(turned.sample(static_cast<Index>(g)), slope.gradient.sample(static_cast<Index>(g)),
             going[g]);
      const std::vector<Margin> there = margins(model_, turned, aims);
      Tensor<Scalar> moved = at_;
      std::vector<Index> across;
      for (std::size_t g = 0; g < going.size(); ++g) {
        Walker& mine = walker(going[g]);
        if (!(there[g].value <= 0)) {
          mine.turn /= 2;
          continue;
        }
        mine.outside = there[g].value;
        across.push_back(going[g]);
        std::copy_n(turned.sample(static_cast<Index>(g)), size(), moved.sample(going[g]));
      }
      draw_in(moved, across);
    }
  }

 private:
  static constexpr int crossing_steps = 60;
  static constexpr int drawing_steps = 12;

  struct Walker {
    double inside = 0;           // margin at the sample
    double outside = 0;          // margin at the point that is to be drawn in
    double distance = infinity;  // of the nearest point so far
    double turn = 1;             // share of the way to the steepest direction
  };

  /// The part of the segment from a sample, at 0, to a point beyond the boundary, at 1, that holds
  /// a crossing; halved by regula falsi with the Illinois rule.
  struct Segment {
    double low = 0, high = 1;
    double margin_low, margin_high;
    bool moved_low = false, moved_high = false;

    [[nodiscard]] double guess() const {
      const double share = low + (high - low) * margin_low / (margin_low - margin_high);
      return share > low && share < high ? share : (low + high) / 2;
    }
    void learn(double share, double margin) {
      const bool is_beyond = margin <= 0;
      (is_beyond ? high : low) = share;
      (is_beyond ? margin_high : margin_low) = margin;
      if (is_beyond && moved_high) margin_low /= 2;
      if (!is_beyond && moved_low) margin_high /= 2;
      moved_high = is_beyond;
      moved_low = !is_beyond;
    }
  };

  [[nodiscard]] Walker& walker(Index k) { return walkers_[static_cast<std::size_t>(k)]; }
  [[nodiscard]] const Walker& walker(Index k) const {
    return walkers_[static_cast<std::size_t>(k)];
  }
  [[nodiscard]] Index size() const { return samples_.shape().size(); }

  /// Turns a boundary point's direction from sample k towards minus the gradient, at its distance.
  void turn(Scalar* point, const Scalar* gradient, Index k) const {
    const auto wide = [this](const Scalar* values) -> Vector<double> {
      return Eigen::Map<const Vector<Scalar>>(values, size()).template cast<double>();
    };
    const Vector<double> x = wide(samples_.sample(k));
    const Vector<double> away = wide(point) - x;
    const Vector<double> slope = wide(gradient);
    if (!(away.norm() > 0 && slope.norm() > 0 && std::isfinite(slope.norm()))) return;
    const double share = walker(k).turn;
    const Vector<double> direction = (1 - share) * away.normalized() - share * slope.normalized();
    if (!(direction.norm() > 0)) return;
    Eigen::Map<Vector<Scalar>>(point, size()) =
        (x + away.norm() * direction.normalized()).template cast<Scalar>();
    cut(point, size(), box_);
  }

  /// Draws points beyond the boundary in along the segments from their samples, and keeps those
  /// that come nearer than what their walkers have.
  void draw_in(const Tensor<Scalar>& beyond, const std::vector<Index>& which) {
    if (which.empty()) return;
    std::vector<Segment> segments;
    std::vector<Aim> aims;
    for (const Index k : which) {
      segments.push_back({.margin_low = walker(k).inside, .margin_high = walker(k).outside});
      aims.push_back(aims_[static_cast<std::size_t>(k)]);
    }
    Tensor<Scalar> best = columns(beyond, which);
    Tensor<Scalar> trial(best.shape(), best.batch());
    for (int step = 0; step < drawing_steps; ++step) {
      for (Index s = 0; s < trial.batch(); ++s) {
        const double share = segments[static_cast<std::size_t>(s)].guess();
        const Index k = which[static_cast<std::size_t>(s)];
        const auto from = samples_.matrix().col(k).template cast<double>();
        const auto to = beyond.matrix().col(k).template cast<double>();
        trial.matrix().col(s) = (from + share * (to - from)).template cast<Scalar>();
      }
      const std::vector<Margin> there = margins(model_, trial, aims);
      for (Index s = 0; s < trial.batch(); ++s) {
        Segment& segment = segments[static_cast<std::size_t>(s)];
        const double margin = there[static_cast<std::size_t>(s)].value;
        segment.learn(segment.guess(), margin);
        if (margin <= 0) std::copy_n(trial.sample(s), size(), best.sample(s));
      }
    }
    for (Index s = 0; s < best.batch(); ++s) {
      const Index k = which[static_cast<std::size_t>(s)];
      Walker& mine = walker(k);
      const double reached = distance(best.sample(s), samples_.sample(k), size());
      if (!(reached < mine.distance * (1 - 1e-6))) mine.turn /= 2;  // hardly worth the way
      if (!(reached < mine.distance)) continue;
      mine.distance = reached;
      std::copy_n(best.sample(s), size(), at_.sample(k));
    }
  }

  const GloroModel<Scalar>& model_;
  const Tensor<Scalar>& samples_;
  std::vector<Aim> aims_;
  std::optional<Box> box_;
  Tensor<Scalar> at_;
  std::vector<Walker> walkers_;
};

}  // namespace gloro::attack
