// Gram iteration: rigorous upper bounds of a spectral norm (Delattre et al., "Efficient bound of
// Lipschitz constant for convolutional layers by Gram iteration", ICML 2023), here with every
// rounding error accounted for. ||A||^2 = ||A A^*||, repeated, and the Frobenius norm at the end.
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <utility>
#include <vector>

#include "gloro/core/tensor.hpp"
#include "gloro/rounding/outward.hpp"

namespace gloro::lipschitz {

using namespace rounding;

/// Frobenius norm rounded up, for entries whose squares do not overflow.
template <typename Entry>
[[nodiscard]] double frobenius_upper_bound(const Matrix<Entry>& matrix) {
  const double squares = 2.0 * static_cast<double>(matrix.size());  // of real and imaginary parts
  const double relative = gamma(squares, unit_roundoff<double>());
  if (!(relative < 1)) return infinity;
  const double sum = div_up(matrix.squaredNorm(), add_down(1, -relative));
  return sqrt_up(add_up(sum, mul_up(4 * squares, underflow_unit)));
}

/// Real (Entry = double) or complex (std::complex<double>) Gram iteration.
template <typename Entry>
class GramIteration {
 public:
  /// Takes over `matrix`, whose entries must be finite and below 2^1000.
  explicit GramIteration(Matrix<Entry> matrix) : current_(std::move(matrix)) {
    exponent_ = rescale();
    lost_ = scale_up(mul_up(2.0 * static_cast<double>(current_.size()), underflow_unit),
                     std::max(exponent_, 0));
    bound_ = latest_ = unwound();
  }

  /// Upper bound of ||matrix||, the best so far.
  [[nodiscard]] double bound() const { return bound_; }

  /// Squares until the bound is at most `enough` or within `tolerance` of the norm. The bounds are
  /// the Schatten norms S_2, S_4, S_8 ... S_p = norm r_p^(1/p), where r_p falls with p. Therefore
  /// S_2p / norm = r_2p^(1/2p) <= r_p^(1/2p) <= r_p^(1/p) / r_2p^(1/2p) = S_p / S_2p: two bounds in
  /// a row tell how far the second can be from the norm.
  void refine(double enough, double tolerance) {
    constexpr std::size_t most = 22;  // the 2^23rd root of any dimension is near enough to one
    while (bound_ > enough && step_.size() < most) {
      square();
      const double before = std::exchange(latest_, unwound());
      bound_ = std::min(bound_, latest_);
      if (before <= latest_ * (1 + tolerance)) return;
    }
  }

 private:
  /// ||matrix before||^2 <= ||matrix after|| 2^exponent + error.
  struct Step {
    int exponent;
    double error;
  };

  /// G = A A^* or A^* A, the smaller. An entry of n complex terms is two real sums of 2n products,
  /// in any order, fused or not: so |G - A A^*| <= 2 gamma_2n |A| |A^*| entry by entry, and the
  /// norm of that is at most 2 gamma_2n ||A||_F^2. Sixteen roundings more for the seams of blocks.
  void square() {
    const Index side = std::min(current_.rows(), current_.cols());
    const double terms = static_cast<double>(std::max(current_.rows(), current_.cols()));
    const double relative = mul_up(2, gamma(2 * terms + 16, unit_roundoff<double>()));
    const double rounding = mul_up(relative, mul_up(frobenius_, frobenius_));
    const double underflow = mul_up(static_cast<double>(side) * (16 * terms + 16), underflow_unit);

    Matrix<Entry> gram = Matrix<Entry>::Zero(side, side);
    auto lower = gram.template selfadjointView<Eigen::Lower>();
    if (current_.rows() <= current_.cols())
      lower.rankUpdate(current_);
    else
      lower.rankUpdate(current_.adjoint());
    gram.template triangularView<Eigen::StrictlyUpper>() = gram.adjoint();
    current_.swap(gram);

    const int exponent = rescale();
    step_.push_back({exponent, add_up(rounding, scale_up(underflow, std::max(exponent, 0)))});
  }

  /// Divides by the power of two that brings the largest part into [1, 2); returns its exponent.
  int rescale() {
    const Eigen::Map<const Vector<double>> parts(reinterpret_cast<const double*>(current_.data()),
                                                 current_.size() * parts_per_entry);
    const double largest = parts.size() == 0 ? 0 : parts.cwiseAbs().maxCoeff();
    const int exponent = largest > 0 && std::isfinite(largest) ? std::ilogb(largest) : 0;
    if (exponent != 0) current_ *= std::ldexp(1.0, -exponent);
    frobenius_ = frobenius_upper_bound(current_);
    return exponent;
  }

  /// What the Frobenius norm of the current matrix says about the first one.
  [[nodiscard]] double unwound() const {
    double bound = frobenius_;
    for (auto step = step_.rbegin(); step != step_.rend(); ++step)
      bound = sqrt_up(add_up(scale_up(bound, step->exponent), step->error));
    return add_up(scale_up(bound, exponent_), lost_);
  }

  static constexpr Index parts_per_entry = std::same_as<Entry, double> ? 1 : 2;

  Matrix<Entry> current_;
  int exponent_ = 0;      // of the first scaling
  double lost_ = 0;       // to underflow in the first scaling
  double frobenius_ = 0;  // of current_, rounded up
  std::vector<Step> step_;
  double latest_ = 0;
  double bound_ = 0;
};

}  // namespace gloro::lipschitz
