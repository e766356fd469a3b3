// Adversarials: what an attack found for each sample of a batch.
#pragma once

#include <concepts>
#include <span>
#include <vector>

#include "gloro/core/infinity.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/core/tensor.hpp"

namespace gloro::attack {

/// The best point for one sample.
struct Attempt {
  bool success = false;        ///< there the label is not the unique top class
  double margin = infinity;    ///< y_label less the best rival's logit
  double distance = infinity;  ///< of the point as stored, in double
};

template <std::floating_point Scalar>
struct Adversarials {
  Tensor<Scalar> points;  ///< a column a sample; where the attack failed, the best point it tried
  std::vector<Attempt> attempts;

  [[nodiscard]] Index successes() const;
};

/// Some columns of a tensor, in the order given.
template <std::floating_point Scalar>
[[nodiscard]] Tensor<Scalar> columns(const Tensor<Scalar>& all, std::span<const Index> which);

}  // namespace gloro::attack

#ifndef GLORO_COMPILED
#include "gloro/attack/adversarials.ipp"
#endif
