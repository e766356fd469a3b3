// What the bounds are compared with: exact norms by singular value decomposition, weights of every
// awkward kind, and geometries of all paddings.
#pragma once

#include <Eigen/Eigenvalues>
#include <Eigen/SVD>

#include <algorithm>
#include <array>
#include <cmath>

#include "gloro/core/random.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/kernels/convolution_geometry.hpp"

namespace reference {

using gloro::Index;
using gloro::Matrix;
using gloro::kernels::ConvolutionGeometry;

/// Largest singular value, good to a few units of 1e-15: by Jacobi rotations or, where they would
/// take long, by the eigenvalues of the smaller Gram matrix. Not by Eigen 3.4's BDCSVD, which is off
/// by 1e-8 on badly scaled matrices and stops on an assertion on some others.
inline double spectral_norm(const Matrix<double>& matrix) {
  const double largest = matrix.size() == 0 ? 0 : matrix.cwiseAbs().maxCoeff();
  if (largest == 0) return 0;
  Matrix<double> unit = matrix / largest;
  if (unit.rows() < unit.cols()) unit.transposeInPlace();
  if (unit.cols() <= 64)
    return largest * Eigen::JacobiSVD<Matrix<double>>(unit).singularValues()(0);
  const Matrix<double> gram = unit.transpose() * unit;
  const Eigen::SelfAdjointEigenSolver<Matrix<double>> solver(gram, Eigen::EigenvaluesOnly);
  return largest * std::sqrt(solver.eigenvalues().maxCoeff());
}

/// The explicit matrix of a convolution: what it does to one sample, bias apart.
/// g.output.size() x g.input.size(), channels fastest in both; `filters` is cout x (kh kw cin).
template <typename Derived>
[[nodiscard]] Matrix<typename Derived::Scalar> convolution_matrix(
    const ConvolutionGeometry& g, const Eigen::MatrixBase<Derived>& filters) {
  using Result = Matrix<typename Derived::Scalar>;
  Result matrix = Result::Zero(g.output.size(), g.input.size());
  for (Index out_y = 0; out_y < g.output.height; ++out_y)
    for (Index out_x = 0; out_x < g.output.width; ++out_x)
      for (Index ky = 0; ky < g.kernel_height; ++ky)
        for (Index kx = 0; kx < g.kernel_width; ++kx) {
          const Index in_y = out_y * g.stride_height + ky - g.pad_top;
          const Index in_x = out_x * g.stride_width + kx - g.pad_left;
          if (in_y < 0 || in_y >= g.input.height || in_x < 0 || in_x >= g.input.width) continue;
          matrix.block((out_y * g.output.width + out_x) * g.output.channels,
                       (in_y * g.input.width + in_x) * g.input.channels, g.output.channels,
                       g.input.channels) =
              filters.middleCols((ky * g.kernel_width + kx) * g.input.channels, g.input.channels);
        }
  return matrix;
}

/// What the reference itself may be off by, relatively.
inline constexpr double slack = 1e-13;

enum class Weights {
  normal,
  rank_one,
  zero,
  one_hot,
  positive,
  negative,
  denormal,
  huge,
  largest,
  bad_rows,
  bad_columns
};
inline constexpr std::array every_kind{Weights::normal,   Weights::rank_one,   Weights::zero,
                                       Weights::one_hot,  Weights::positive,   Weights::negative,
                                       Weights::denormal, Weights::huge,       Weights::largest,
                                       Weights::bad_rows, Weights::bad_columns};

/// Float weights: every awkward number of a network comes from here.
inline Matrix<float> weights(Weights kind, Index rows, Index cols, gloro::Random& random) {
  const auto filled = [&](auto&& value) {
    Matrix<float> result(rows, cols);
    for (Index j = 0; j < cols; ++j)
      for (Index i = 0; i < rows; ++i) result(i, j) = static_cast<float>(value(i, j));
    return result;
  };
  const auto normal = [&](Index, Index) { return random.normal(); };
  switch (kind) {
    case Weights::rank_one: {
      const Matrix<float> whole = filled(normal);
      return whole.col(0) * whole.row(0);
    }
    case Weights::zero:
      return Matrix<float>::Zero(rows, cols);
    case Weights::one_hot: {
      Matrix<float> result = Matrix<float>::Zero(rows, cols);
      const auto hot = [&](Index count) {
        return static_cast<Index>(random.below(static_cast<std::uint64_t>(count)));
      };
      result(hot(rows), hot(cols)) = -3;
      return result;
    }
    case Weights::positive:
      return filled([&](Index, Index) { return random.uniform(0.5, 1); });
    case Weights::negative:
      return filled([&](Index, Index) { return -random.uniform(); });
    case Weights::denormal:
      return filled([&](Index, Index) { return 1e-40 * random.normal(); });
    case Weights::huge:
      return filled([&](Index, Index) { return 1e30 * random.normal(); });
    case Weights::largest:
      return filled([&](Index, Index) { return 3e38 * random.uniform(-1, 1); });
    case Weights::bad_rows:
      return filled(
          [&](Index i, Index) { return std::pow(1e-3, double(i % 9)) * random.normal(); });
    case Weights::bad_columns:
      return filled([&](Index, Index j) { return std::pow(1e4, double(j % 9)) * random.normal(); });
    case Weights::normal:
      break;
  }
  return filled(normal);
}

/// One axis of a geometry: extents and the zeros before and after.
struct Axis {
  Index input, kernel, stride, before, after;

  [[nodiscard]] Index output() const { return (input + before + after - kernel) / stride + 1; }
  [[nodiscard]] bool exists() const { return input + before + after >= kernel; }
};

/// Valid, same, and three uneven ones, the last wider than the kernel.
inline constexpr int paddings = 5;
inline Axis padded(Index input, Index kernel, Index stride, int padding) {
  const Index output = (input + stride - 1) / stride;
  const Index total = std::max<Index>(0, (output - 1) * stride + kernel - input);
  switch (padding) {
    case 0:
      return {input, kernel, stride, 0, 0};
    case 1:
      return {input, kernel, stride, total / 2, total - total / 2};
    case 2:
      return {input, kernel, stride, kernel - 1, 0};
    case 3:
      return {input, kernel, stride, 0, kernel / 2};
    default:
      return {input, kernel, stride, kernel + 1, 2};
  }
}

inline ConvolutionGeometry geometry(Axis down, Axis across, Index channels, Index filters) {
  return {{down.input, across.input, channels},
          {down.output(), across.output(), filters},
          down.kernel,
          across.kernel,
          down.stride,
          across.stride,
          down.before,
          across.before};
}

}  // namespace reference
