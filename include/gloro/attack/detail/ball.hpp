// Ball: the points that an attack may use, all closer to a sample than a radius and, if asked for,
// with pixels in a box. Membership is decided exactly, for the numbers as stored.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <limits>
#include <optional>

#include "gloro/attack/box.hpp"
#include "gloro/attack/detail/distance.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/random.hpp"
#include "gloro/core/shape.hpp"

namespace gloro::attack {

/// Cuts the values of a point to the box, if there is one.
template <std::floating_point Scalar>
void cut(Scalar* point, Index size, const std::optional<Box>& box) {
  if (!box) return;
  for (Index i = 0; i < size; ++i)
    point[i] = std::clamp(point[i], Scalar(box->low), Scalar(box->high));
}

template <std::floating_point Scalar>
class Ball {
 public:
  /// `center`: `size` values that outlive the ball. Throws ArgumentError for a radius that is
  /// negative, infinite or NaN, and for a centre outside the box.
  Ball(const Scalar* center, Index size, double radius, std::optional<Box> box = {})
      : center_(center), size_(size), radius_(radius), box_(box) {
    if (!(radius >= 0 && std::isfinite(radius)))
      throw ArgumentError(message("an attack needs a finite radius >= 0, got ", radius));
    if (box)
      for (Index i = 0; i < size; ++i)
        if (!(center[i] >= Scalar(box->low) && center[i] <= Scalar(box->high)))
          throw ArgumentError(message("value ", i, " of a sample is ", center[i], ", outside [",
                                      box->low, ", ", box->high, "]"));
  }

  [[nodiscard]] const Scalar* center() const { return center_; }
  [[nodiscard]] Index size() const { return size_; }
  [[nodiscard]] double radius() const { return radius_; }

  /// The point is the centre itself or strictly closer to it than the radius, and in the box.
  [[nodiscard]] bool contains(const Scalar* point) const {
    if (box_)
      for (Index i = 0; i < size_; ++i)
        if (!(point[i] >= Scalar(box_->low) && point[i] <= Scalar(box_->high))) return false;
    return std::equal(point, point + size_, center_) || is_closer(point, center_, size_, radius_);
  }

  /// Moves a point into the ball: cut to the box, which brings it no farther from the centre, then
  /// drawn towards the centre, to within a relative `gap` of the radius where the grid of floats
  /// allows it. A point that is no number becomes the centre.
  void project(Scalar* point, double gap = std::numeric_limits<Scalar>::epsilon() / 4) const {
    cut(point, size_, box_);
    for (int attempt = 0; attempt < 60; ++attempt, gap *= 2) {
      if (is_closer(point, center_, size_, radius_)) return;
      const double factor = radius_ / distance(point, center_, size_) * (1 - std::min(gap, 1.0));
      if (!(factor >= 0)) break;
      for (Index i = 0; i < size_; ++i) point[i] = along(point[i], i, std::min(factor, 1.0));
      cut(point, size_, box_);
    }
    std::copy_n(center_, size_, point);
  }

  /// A point in a uniform direction, at a uniform distance.
  void draw(Scalar* point, Random& random) const {
    double squares = 0;
    for (Index i = 0; i < size_; ++i) {
      const double value = random.normal();
      point[i] = static_cast<Scalar>(value);
      squares += value * value;
    }
    const double scale = squares > 0 ? radius_ * random.uniform() / std::sqrt(squares) : 0;
    for (Index i = 0; i < size_; ++i)
      point[i] = static_cast<Scalar>(static_cast<double>(center_[i]) +
                                     scale * static_cast<double>(point[i]));
    project(point);
  }

 private:
  [[nodiscard]] Scalar along(Scalar value, Index i, double factor) const {
    const auto from = static_cast<double>(center_[i]);
    return static_cast<Scalar>(from + factor * (static_cast<double>(value) - from));
  }

  const Scalar* center_;
  Index size_;
  double radius_;
  std::optional<Box> box_;
};

}  // namespace gloro::attack
