// The bodies of initializer.hpp.
#pragma once

#include "gloro/layers/initializer.hpp"

#include <algorithm>
#include <cmath>

#include "gloro/core/compiled.hpp"
#include "gloro/core/shape.hpp"

namespace gloro {

GLORO_INLINE Matrix<double> initial_weights(Initializer how, Index outputs, Index inputs,
                                            Index receptive, Random& random) {
  (void)checked_product(outputs, checked_product(inputs, receptive));
  if (how == Initializer::glorot) {
    const double limit = std::sqrt(6.0 / static_cast<double>(inputs + outputs * receptive));
    Matrix<double> weights(outputs, inputs);
    for (auto& w : weights.reshaped()) w = random.uniform(-limit, limit);
    return weights;
  }
  // Gram-Schmidt on Gaussian columns gives a frame that is uniform over all orthonormal frames
  // (Mezzadri 2007); projecting twice is enough (Giraud, Langou and Rozloznik 2005).
  const Index tall = std::max(outputs, inputs), narrow = std::min(outputs, inputs);
  Matrix<double> frame(tall, narrow);
  for (auto& value : frame.reshaped()) value = random.normal();
  for (Index i = 0; i < narrow; ++i) {
    for (int pass = 0; pass < 2; ++pass) {
      const Vector<double> share = frame.leftCols(i).transpose() * frame.col(i);
      frame.col(i).noalias() -= frame.leftCols(i) * share;
    }
    frame.col(i).normalize();
  }
  if (outputs == tall) return frame;
  return frame.transpose();
}

}  // namespace gloro
