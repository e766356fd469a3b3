// LinearParameters: what the linear layers hold, Dense and Conv2D alike: weights, a bias or none, and
// the right singular vector that power iteration improves.
#pragma once

#include <concepts>
#include <vector>

#include "gloro/core/parameter.hpp"
#include "gloro/layers/initializer.hpp"

namespace gloro {

template <std::floating_point Scalar>
class LinearParameters {
 public:
  [[nodiscard]] std::vector<Parameter<Scalar>*> parameters();
  [[nodiscard]] std::vector<Parameter<Scalar>*> state();

  /// outputs x products summed for one of them.
  [[nodiscard]] const Matrix<Scalar>& weight() const { return weight_.value; }
  /// outputs x 1, or 0 x 1 for a layer without a bias.
  [[nodiscard]] const Matrix<Scalar>& bias() const { return bias_.value; }

 protected:
  template <std::floating_point>
  friend class LinearParameters;

  /// Values of such matrices, and of a singular vector for samples of `sample` values.
  [[nodiscard]] static double memory_of(Index outputs, Index inputs, Index sample);

  /// Zero weights with an image of `layout` in each row, and a singular vector for samples of `sample`
  /// values that no weights are likely to be orthogonal to.
  void place(Index outputs, Layout layout, bool has_bias, Index sample);

  /// See initial_weights.
  void draw(Initializer how, Index receptive, Random& random);

  template <std::floating_point Other>
  void take(const LinearParameters<Other>& other);

  [[nodiscard]] bool has_bias() const { return bias_.value.size() > 0; }
  /// As kernels take it: null where there is none.
  [[nodiscard]] const Scalar* bias_data() const;

  Parameter<Scalar> weight_{.name = "weight", .decays = true};
  Parameter<Scalar> bias_{.name = "bias"};
  Parameter<Scalar> right_{.name = "right_singular_vector"};
};

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/layers/linear_parameters.ipp"
#endif
