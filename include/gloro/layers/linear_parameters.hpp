// LinearParameters: what the linear layers hold, Dense and Conv2D alike: weights, a bias or none, and
// the right singular vector that power iteration improves.
#pragma once

#include <concepts>
#include <vector>

#include "gloro/core/parameter.hpp"
#include "gloro/layers/initializer.hpp"
#include "gloro/lipschitz/power_iteration.hpp"

namespace gloro {

template <std::floating_point Scalar>
class LinearParameters {
 public:
  [[nodiscard]] std::vector<Parameter<Scalar>*> parameters() {
    if (has_bias()) return {&weight_, &bias_};
    return {&weight_};
  }
  [[nodiscard]] std::vector<const Parameter<Scalar>*> parameters() const {
    if (has_bias()) return {&weight_, &bias_};
    return {&weight_};
  }
  [[nodiscard]] std::vector<Parameter<Scalar>*> buffers() { return {&right_}; }
  [[nodiscard]] std::vector<const Parameter<Scalar>*> buffers() const { return {&right_}; }

  /// outputs x products summed for one of them.
  [[nodiscard]] const Matrix<Scalar>& weight() const { return weight_.value; }
  /// outputs x 1, or 0 x 1 for a layer without a bias.
  [[nodiscard]] const Matrix<Scalar>& bias() const { return bias_.value; }

 protected:
  template <std::floating_point>
  friend class LinearParameters;

  /// Values of such matrices, and of a singular vector for samples of `sample` values.
  [[nodiscard]] static double memory_of(Index outputs, Index inputs, Index sample) {
    return static_cast<double>(outputs) * (static_cast<double>(inputs) + 1) +
           static_cast<double>(sample);
  }

  /// Draws a weight matrix of those extents (see initial_weights) and a singular vector of `sample`
  /// values.
  void draw(Initializer how, Index outputs, Index inputs, Index receptive, bool has_bias,
            Index sample, Random& random) {
    weight_.value = initial_weights(how, outputs, inputs, receptive, random).template cast<Scalar>();
    bias_.value = Matrix<Scalar>::Zero(has_bias ? outputs : 0, 1);
    right_.value = random_unit_vector<Scalar>(sample, random);
  }

  template <std::floating_point Other>
  void take(const LinearParameters<Other>& other) {
    weight_.value = other.weight_.value.template cast<Scalar>();
    bias_.value = other.bias_.value.template cast<Scalar>();
    right_.value = other.right_.value.template cast<Scalar>();
  }

  [[nodiscard]] bool has_bias() const { return bias_.value.size() > 0; }
  /// As kernels take it: null where there is none.
  [[nodiscard]] const Scalar* bias_data() const {
    return has_bias() ? bias_.value.data() : nullptr;
  }

  Parameter<Scalar> weight_{"weight", {}};
  Parameter<Scalar> bias_{"bias", {}};
  Parameter<Scalar> right_{"right_singular_vector", {}};
};

}  // namespace gloro
