// Proof of a spectral norm by Cholesky: if the factorisation of c I - A^T A, rounding and all, runs to
// its end, no eigenvalue of A^T A lies above c by more than a known rounding error (Rump,
// "Verification of positive definiteness", BIT 2006). With c hardly above an estimate of ||A||^2 the
// bound is as good as the estimate.
#pragma once

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include <algorithm>

#include "gloro/core/tensor.hpp"
#include "gloro/kernels/convolution.hpp"
#include "gloro/kernels/convolution_transposed.hpp"
#include "gloro/lipschitz/affordable.hpp"
#include "gloro/lipschitz/detail/convolution_gram.hpp"
#include "gloro/lipschitz/detail/gram_iteration.hpp"
#include "gloro/lipschitz/detail/lanczos.hpp"
#include "gloro/lipschitz/detail/scaled_matrix.hpp"
#include "gloro/rounding/outward.hpp"

namespace gloro::lipschitz {

using namespace rounding;
namespace detail {

/// Whether the Cholesky factorisation of `diagonal` I - gram succeeds. Within the band a column meets
/// only the `reach` blocks before it: a window of reach + 1 blocks a side slides down the diagonal.
[[nodiscard]] inline bool cholesky_succeeds(const ConvolutionGram& gram, double diagonal) {
  const Index side = gram.side(), blocks = gram.blocks(), reach = gram.reach();
  Matrix<double> window = Matrix<double>::Zero((reach + 1) * side, (reach + 1) * side);
  Matrix<double> next = window;
  const auto load_row = [&](Index row, Index first) {  // `first` is the window's first block
    for (Index column = first; column <= row; ++column) {
      auto block = window.block((row - first) * side, (column - first) * side, side, side);
      block.setZero();
      if (row == column) block.diagonal().setConstant(diagonal);
      gram.subtract_block(row, column, block);
    }
  };
  for (Index row = 0; row < reach; ++row) load_row(row, 0);
  for (Index first = 0; first < blocks; ++first) {
    const Index present = std::min(reach + 1, blocks - first);
    if (first + reach < blocks) load_row(first + reach, first);

    Eigen::Ref<Matrix<double>> corner = window.topLeftCorner(side, side);
    const Eigen::LLT<Eigen::Ref<Matrix<double>>> factor(corner);
    if (factor.info() != Eigen::Success || !(corner.diagonal().array() > 0).all()) return false;

    const Index rest = (present - 1) * side;
    auto below = window.block(side, 0, rest, side);
    factor.matrixU().solveInPlace<Eigen::OnTheRight>(below);
    auto trailing = window.block(side, side, rest, rest);
    trailing.selfadjointView<Eigen::Lower>().rankUpdate(below, -1);
    next.topLeftCorner(rest, rest) = trailing;
    window.swap(next);
  }
  return true;
}

}  // namespace detail

/// Whether cholesky_upper_bound is affordable: a factorisation of at most 2 10^10 operations, and
/// the Lanczos iteration and the Gram matrix before it.
[[nodiscard]] inline bool has_cholesky_bound(const kernels::ConvolutionGeometry& g) {
  const double factorisation = ConvolutionGram::cost(g);
  if (!(factorisation <= 2e10)) return false;
  const ConvolutionGram::Assembly assembly = ConvolutionGram::assembly(g);
  const auto inputs = static_cast<double>(g.input.size());
  const auto outputs = static_cast<double>(g.output.size());
  const auto taps = static_cast<double>(g.taps());
  const double steps = std::min(inputs, most_lanczos_steps);
  const double lanczos = steps * (2 * taps * outputs + 2 * steps * inputs);
  return is_affordable(factorisation + assembly.operations + lanczos,
                       assembly.values + steps * inputs,
                       taps * static_cast<double>(g.output.channels));
}

/// Never below the spectral norm of the convolution, and above it by hardly more than one millionth;
/// +infinity where no limit near the estimate could be proved. `filters` must not be all zero.
[[nodiscard]] inline double cholesky_upper_bound(const kernels::ConvolutionGeometry& geometry,
                                                 const ScaledMatrix& filters) {
  const ConvolutionGram gram(geometry, filters.value);
  const double dimension = static_cast<double>(gram.blocks() * gram.side());
  const auto squared = [&](const Vector<double>& v) {
    Vector<double> u(geometry.output.size()), w(v.size());
    kernels::convolve<double>(
        {.geometry = geometry, .filters = filters.value.data(), .x = v.data(), .y = u.data()});
    kernels::convolve_transposed<double>(
        {.geometry = geometry, .filters = filters.value.data(), .dy = u.data(), .dx = w.data()});
    return w;
  };

  // The factor L of a matrix B that was factored satisfies |B - L L^T| <= gamma |L| |L^T|, whatever
  // the order of its sums (Higham 2002, theorem 10.3); the norm of that is at most
  // gamma ||L||_F^2 <= gamma / (1 - gamma) trace(B), and the trace at most `dimension`
  // limits, rounded: a factor of 2 allows for that.
  const double terms = static_cast<double>((gram.reach() + 1) * gram.side());
  const double relative = gamma(terms + 32, unit_roundoff<double>());
  const double share = mul_up(mul_up(relative, 1 + 2 * relative), dimension);
  const double underflow = mul_up(16 * dimension * terms, underflow_unit);
  double estimate = 0;
  std::uint64_t seed = 0;
  for (double slack = 1e-6; slack < 0.1; slack *= 10) {
    // Another start after a failure: the first one may have missed the largest singular vector.
    estimate = std::max(
        estimate, lanczos_largest_eigenvalue(geometry.input.size(), 1e-8, Random(seed++), squared));
    const double limit = estimate * (1 + slack);
    if (!detail::cholesky_succeeds(gram, limit)) continue;
    const double proved =
        add_up(add_up(limit, mul_up(share, 2 * limit)), add_up(gram.rounding(limit), underflow));
    return filters.unscaled(sqrt_up(proved));
  }
  return infinity;
}

}  // namespace gloro::lipschitz
