// NormBound: the 2-norm of a vector as it was computed, from above.
#pragma once

#include <Eigen/Core>

#include <concepts>
#include <limits>

#include "gloro/core/tensor.hpp"
#include "gloro/rounding/outward.hpp"

namespace gloro {

/// Norms of computed vectors of one length, bounded from a sum of squares in the vectors' own
/// precision: n products, summed in any order; each operation loses a few smallest normal numbers.
template <std::floating_point Scalar>
class NormBound {
 public:
  explicit NormBound(Index size) : size_(size) {
    using namespace rounding;
    const auto n = static_cast<double>(size);
    shrunk_ = add_down(1, -gamma(n, unit_roundoff<Scalar>()));
    lost_ = mul_up(16 * n, static_cast<double>(std::numeric_limits<Scalar>::min()));
  }

  /// At least ||values||; +infinity if the squares overflow or a value is NaN or infinite.
  [[nodiscard]] double operator()(const Scalar* values) const {
    using namespace rounding;
    const auto squares =
        static_cast<double>(Eigen::Map<const Vector<Scalar>>(values, size_).squaredNorm());
    if (!(shrunk_ > 0 && squares <= static_cast<double>(std::numeric_limits<Scalar>::max())))
      return infinity;
    return sqrt_up(div_up(add_up(squares, lost_), shrunk_));
  }

 private:
  Index size_;
  double shrunk_ = 0, lost_ = 0;
};

}  // namespace gloro
