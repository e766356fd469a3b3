// The bodies of linear_parameters.hpp.
#pragma once

#include "gloro/layers/linear_parameters.hpp"

#include "gloro/core/random.hpp"
#include "gloro/lipschitz/power_iteration.hpp"

namespace gloro {

template <std::floating_point Scalar>
std::vector<Parameter<Scalar>*> LinearParameters<Scalar>::parameters() {
  if (has_bias()) return {&weight_, &bias_};
  return {&weight_};
}

template <std::floating_point Scalar>
std::vector<Parameter<Scalar>*> LinearParameters<Scalar>::state() {
  return {&right_};
}

template <std::floating_point Scalar>
double LinearParameters<Scalar>::memory_of(Index outputs, Index inputs, Index sample) {
  return static_cast<double>(outputs) * (static_cast<double>(inputs) + 1) +
         static_cast<double>(sample);
}

template <std::floating_point Scalar>
void LinearParameters<Scalar>::place(Index outputs, Layout layout, bool has_bias, Index sample) {
  weight_.value = Matrix<Scalar>::Zero(outputs, layout.row.size());
  weight_.layout = layout;
  bias_.value = Matrix<Scalar>::Zero(has_bias ? outputs : 0, 1);
  Random fixed(0x51);
  right_.value = lipschitz::random_unit_vector<Scalar>(sample, fixed);
}

template <std::floating_point Scalar>
void LinearParameters<Scalar>::draw(Initializer how, Index receptive, Random& random) {
  weight_.value =
      initial_weights(how, weight_.value.rows(), weight_.value.cols(), receptive, random)
          .template cast<Scalar>();
  right_.value = lipschitz::random_unit_vector<Scalar>(right_.value.rows(), random);
}

template <std::floating_point Scalar>
template <std::floating_point Other>
void LinearParameters<Scalar>::take(const LinearParameters<Other>& other) {
  weight_.value = other.weight_.value.template cast<Scalar>();
  weight_.layout = other.weight_.layout;
  bias_.value = other.bias_.value.template cast<Scalar>();
  right_.value = other.right_.value.template cast<Scalar>();
}

template <std::floating_point Scalar>
const Scalar* LinearParameters<Scalar>::bias_data() const {
  return has_bias() ? bias_.value.data() : nullptr;
}

#ifdef GLORO_COMPILING
template class LinearParameters<float>;
template class LinearParameters<double>;
template void LinearParameters<float>::take(const LinearParameters<float>&);
template void LinearParameters<float>::take(const LinearParameters<double>&);
template void LinearParameters<double>::take(const LinearParameters<float>&);
template void LinearParameters<double>::take(const LinearParameters<double>&);
#endif

}  // namespace gloro
