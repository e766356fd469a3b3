// A matrix with orthonormal rows made of any matrix by a Cholesky factor, and the way of a gradient back.
#pragma once

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include "gloro/core/error.hpp"
#include "gloro/core/tensor.hpp"

namespace gloro::detail {

/// W = L^-1 V with L L^T = V V^T + delta I, so that W W^T = I - delta L^-1 L^-T: orthonormal rows, but for
/// those directions in which V has next to nothing; there they are shorter, never longer. delta is
/// 2^-40 of the mean square of V's rows.
class CholeskyOrthogonal {
 public:
  /// `original`: V, no more rows than columns. Throws Error where there is no such factor.
  explicit CholeskyOrthogonal(const Matrix<double>& original) {
    const Index rows = original.rows();
    Matrix<double> gram = Matrix<double>::Zero(rows, rows);
    gram.selfadjointView<Eigen::Lower>().rankUpdate(original);
    gram.diagonal().array() += 0x1p-40 * gram.trace() / static_cast<double>(rows);
    factor_.compute(gram);  // which does not mind NaN
    if (factor_.info() != Eigen::Success || !gram.allFinite())
      throw Error(message("no orthogonal matrix can be made of a ", rows, " x ", original.cols(),
                          " weight that is zero, or not finite"));
    orthogonal_ = factor_.matrixL().solve(original);
  }

  [[nodiscard]] const Matrix<double>& value() const { return orthogonal_; }

  /// The gradient by V of a function whose gradient by W is G, delta held:
  ///   L^-T (G - S W), S symmetric with the lower triangle of G W^T,
  /// from dW = L^-1 (dV - dL W) and dL = L Phi(L^-1 d(V V^T) L^-T), Phi the lower triangle with half of the
  /// diagonal (Murray 2016, "Differentiation of the Cholesky decomposition").
  [[nodiscard]] Matrix<double> backward(const Matrix<double>& gradient) const {
    const Matrix<double> product = gradient * orthogonal_.transpose();
    Matrix<double> by_original = gradient;
    by_original.noalias() -= product.selfadjointView<Eigen::Lower>() * orthogonal_;
    factor_.matrixU().solveInPlace(by_original);
    return by_original;
  }

 private:
  Eigen::LLT<Matrix<double>> factor_;
  Matrix<double> orthogonal_;
};

}  // namespace gloro::detail
