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
  [[nodiscard]] std::vector<Parameter<Scalar>*> state() { return {&right_}; }

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

  /// Zero weights with an image of `layout` in each row, and a singular vector for samples of `sample`
  /// values that no weights are likely to be orthogonal to.
  void place(Index outputs, Layout layout, bool has_bias, Index sample) {
    weight_.value = Matrix<Scalar>::Zero(outputs, layout.row.size());
    weight_.layout = layout;
    bias_.value = Matrix<Scalar>::Zero(has_bias ? outputs : 0, 1);
    Random fixed(0x51);
    right_.value = lipschitz::random_unit_vector<Scalar>(sample, fixed);
  }

  /// See initial_weights.
  void draw(Initializer how, Index receptive, Random& random) {
    weight_.value =
        initial_weights(how, weight_.value.rows(), weight_.value.cols(), receptive, random)
            .template cast<Scalar>();
    right_.value = lipschitz::random_unit_vector<Scalar>(right_.value.rows(), random);
  }

  template <std::floating_point Other>
  void take(const LinearParameters<Other>& other) {
    weight_.value = other.weight_.value.template cast<Scalar>();
    weight_.layout = other.weight_.layout;
    bias_.value = other.bias_.value.template cast<Scalar>();
    right_.value = other.right_.value.template cast<Scalar>();
  }

  [[nodiscard]] bool has_bias() const { return bias_.value.size() > 0; }
  /// As kernels take it: null where there is none.
  [[nodiscard]] const Scalar* bias_data() const {
    return has_bias() ? bias_.value.data() : nullptr;
  }

  Parameter<Scalar> weight_{.name = "weight", .decays = true};
  Parameter<Scalar> bias_{.name = "bias"};
  Parameter<Scalar> right_{.name = "right_singular_vector"};
};

}  // namespace gloro
