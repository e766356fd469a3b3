// settle_lipschitz: power iteration until the estimates hardly grow; after training, or after a file is read.
#pragma once

#include <concepts>

#include "gloro/model/gloro_model.hpp"

namespace gloro {

struct Settling {
  double tolerance = 1e-6;  ///< relative growth of an estimate in ten steps that counts as none
  int most_steps = 10000;  ///< fewer where a handful of weights act on images of millions of pixels
};

/// Power iteration in every layer until no estimate grows by more than the tolerance. Returns whether
/// that was so within the steps.
template <std::floating_point Scalar>
bool settle_lipschitz(GloroModel<Scalar>& model, const Settling& settling = {});

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/model/settle.ipp"
#endif
