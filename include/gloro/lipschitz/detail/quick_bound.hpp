// The quick bound: ||A||^2 <= ||A||_1 ||A||_inf, the largest sum of magnitudes of a column times that
// of a row, for A^T A has no eigenvalue above any norm of it, and ||A^T A||_inf <= ||A^T||_inf
// ||A||_inf. One pass over the weights, whatever the images' size; some times above the norm. It bounds
// || |A| || as well.
#pragma once

#include <Eigen/Core>

#include <algorithm>

#include "gloro/core/tensor.hpp"
#include "gloro/kernels/convolution_geometry.hpp"
#include "gloro/rounding/outward.hpp"

namespace gloro::lipschitz {

using namespace rounding;
namespace detail {

/// sqrt(column row) for sums of `terms` magnitudes each as they were computed, in any order.
[[nodiscard]] inline double quick_bound_of_sums(double column, double row, double terms) {
  const double shrunk = add_down(1, -gamma(terms, unit_roundoff<double>()));
  if (!(shrunk > 0)) return infinity;
  return sqrt_up(mul_up(div_up(column, shrunk), div_up(row, shrunk)));
}

}  // namespace detail

/// Never below the norm of a matrix, whose entries are at most 2.
[[nodiscard]] inline double dense_quick_bound(const Matrix<double>& matrix) {
  if (matrix.size() == 0) return 0;
  const double terms = static_cast<double>(std::max(matrix.rows(), matrix.cols()));
  return detail::quick_bound_of_sums(matrix.cwiseAbs().colwise().sum().maxCoeff(),
                                     matrix.cwiseAbs().rowwise().sum().maxCoeff(), terms);
}

/// Never below the norm of a convolution. A row of its matrix has the weights of one filter, or some
/// of them. A column has the weights by which one input channel is read with the taps of one phase: a
/// pixel meets only taps that are a whole number of strides apart.
[[nodiscard]] inline double convolution_quick_bound(const kernels::ConvolutionGeometry& g,
                                                    const Matrix<double>& filters) {
  if (filters.size() == 0) return 0;
  const Index phases_down = std::min(g.kernel_height, g.stride_height);
  const Index phases_across = std::min(g.kernel_width, g.stride_width);
  Matrix<double> columns = Matrix<double>::Zero(g.input.channels, phases_down * phases_across);
  for (Index y = 0; y < g.kernel_height; ++y)
    for (Index x = 0; x < g.kernel_width; ++x) {
      const Index phase = y % g.stride_height * phases_across + x % g.stride_width;
      const Index tap = y * g.kernel_width + x;
      columns.col(phase) += filters.middleCols(tap * g.input.channels, g.input.channels)
                                .cwiseAbs()
                                .colwise()
                                .sum()
                                .transpose();
    }
  return detail::quick_bound_of_sums(columns.maxCoeff(),
                                     filters.cwiseAbs().rowwise().sum().maxCoeff(),
                                     static_cast<double>(filters.size()));
}

}  // namespace gloro::lipschitz
