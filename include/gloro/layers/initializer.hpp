// Initial weights: orthogonal (Saxe, McClelland and Ganguli 2014) and Glorot (Glorot and Bengio 2010).
#pragma once

#include <Eigen/QR>

#include <algorithm>
#include <cmath>

#include "gloro/core/random.hpp"
#include "gloro/core/tensor.hpp"

namespace gloro {

enum class Initializer {
  orthogonal,  ///< orthonormal rows or columns of the outputs x fan-in matrix: norm 1 for Dense
  glorot,      ///< uniform on +-sqrt(6 / (fan-in + fan-out))
};

/// Draws an outputs x inputs matrix. `receptive` is the number of positions of a kernel (1 for
/// Dense): Glorot's fan-in is `inputs`, its fan-out `outputs * receptive`.
template <std::floating_point Scalar>
[[nodiscard]] Matrix<Scalar> initial_weights(Initializer how, Index outputs, Index inputs,
                                             Index receptive, Random& random) {
  if (how == Initializer::glorot) {
    const double limit = std::sqrt(6.0 / static_cast<double>(inputs + outputs * receptive));
    Matrix<Scalar> weights(outputs, inputs);
    for (auto& w : weights.reshaped()) w = static_cast<Scalar>(random.uniform(-limit, limit));
    return weights;
  }
  // Q of a Gaussian matrix, its columns' signs fixed by R's diagonal, is uniform over all
  // orthonormal frames (Mezzadri 2007).
  const Index tall = std::max(outputs, inputs), narrow = std::min(outputs, inputs);
  Matrix<double> gaussian(tall, narrow);
  for (auto& value : gaussian.reshaped()) value = random.normal();
  const Eigen::HouseholderQR<Matrix<double>> qr(gaussian);
  Matrix<double> frame = qr.householderQ() * Matrix<double>::Identity(tall, narrow);
  for (Index i = 0; i < narrow; ++i)
    if (qr.matrixQR()(i, i) < 0) frame.col(i) *= -1;
  if (outputs == tall) return frame.cast<Scalar>();
  return frame.transpose().cast<Scalar>();
}

}  // namespace gloro
