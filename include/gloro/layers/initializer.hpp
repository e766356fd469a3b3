// Initial weights: orthogonal (Saxe, McClelland and Ganguli 2014) and Glorot (Glorot and Bengio 2010).
#pragma once

#include "gloro/core/random.hpp"
#include "gloro/core/tensor.hpp"

namespace gloro {

enum class Initializer {
  orthogonal,  ///< orthonormal rows or columns of the outputs x fan-in matrix: norm 1 for Dense
  glorot,      ///< uniform on +-sqrt(6 / (fan-in + fan-out))
};

/// Draws an outputs x inputs matrix. `receptive` is the number of positions of a kernel (1 for
/// Dense): Glorot's fan-in is `inputs`, its fan-out `outputs * receptive`.
[[nodiscard]] Matrix<double> initial_weights(Initializer how, Index outputs, Index inputs,
                                             Index receptive, Random& random);

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/layers/initializer.ipp"
#endif
