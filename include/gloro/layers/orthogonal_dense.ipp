// The bodies of orthogonal_dense.hpp.
#pragma once

#include "gloro/layers/orthogonal_dense.hpp"

#include "gloro/core/error.hpp"
#include "gloro/layers/detail/cholesky_orthogonal.hpp"

namespace gloro {

namespace detail {

/// In double, and no taller than wide.
template <std::floating_point Scalar>
[[nodiscard]] Matrix<double> lying(const Eigen::Ref<const Matrix<Scalar>>& matrix) {
  Matrix<double> wide = matrix.template cast<double>();
  if (wide.rows() > wide.cols()) wide = wide.transpose().eval();
  return wide;
}

/// Into a matrix of the extents that it came from.
template <std::floating_point Scalar>
void put_back(const Matrix<double>& wide, Eigen::Ref<Matrix<Scalar>> matrix) {
  if (wide.rows() == matrix.rows())
    matrix = wide.cast<Scalar>();
  else
    matrix = wide.transpose().cast<Scalar>();
}

}  // namespace detail

template <std::floating_point Scalar>
OrthogonalDense<Scalar>::OrthogonalDense(OrthogonalDenseOptions options)
    : options_(options), dense_({.units = options.units, .bias = options.bias}) {}

template <std::floating_point Scalar>
OrthogonalDense<Scalar>::OrthogonalDense(Index units)
    : OrthogonalDense(OrthogonalDenseOptions{.units = units}) {}

template <std::floating_point Scalar>
double OrthogonalDense<Scalar>::memory(Shape input) const {
  return 2 * dense_.memory(input);
}

template <std::floating_point Scalar>
void OrthogonalDense<Scalar>::place(Shape input) {
  dense_.place(input);
  original_.value = dense_.weight();
}

template <std::floating_point Scalar>
void OrthogonalDense<Scalar>::draw(Random& random) {
  dense_.draw(random);  // an orthogonal frame
  original_.value = dense_.weight();
}

template <std::floating_point Scalar>
std::vector<Parameter<Scalar>*> OrthogonalDense<Scalar>::parameters() {
  std::vector<Parameter<Scalar>*> all = dense_.parameters();
  all[0] = &original_;
  return all;
}

template <std::floating_point Scalar>
std::vector<Parameter<Scalar>*> OrthogonalDense<Scalar>::state() {
  return {dense_.parameters()[0]};
}

template <std::floating_point Scalar>
void OrthogonalDense<Scalar>::parametrization_backward(
    std::span<GradientView<Scalar>> gradients) const {
  const detail::CholeskyOrthogonal made(detail::lying<Scalar>(original_.value));
  detail::put_back<Scalar>(made.backward(detail::lying<Scalar>(gradients[0])), gradients[0]);
}

template <std::floating_point Scalar>
void OrthogonalDense<Scalar>::refresh_lipschitz(int) {
  const detail::CholeskyOrthogonal made(detail::lying<Scalar>(original_.value));
  detail::put_back<Scalar>(made.value(), dense_.parameters()[0]->value);
}

template <std::floating_point Scalar>
Description OrthogonalDense<Scalar>::describe() const {
  Description description = dense_.describe();
  description.type = type;
  return description;
}

template <std::floating_point Scalar>
template <std::floating_point Other>
OrthogonalDense<Other> OrthogonalDense<Scalar>::cast() const {
  OrthogonalDense<Other> other(options_);
  other.original_.value = original_.value.template cast<Other>();
  other.dense_ = dense_.template cast<Other>();
  return other;
}

#ifdef GLORO_COMPILING
template class OrthogonalDense<float>;
template class OrthogonalDense<double>;
GLORO_LAYER_CASTS(OrthogonalDense)
GLORO_HELD_LAYER(, OrthogonalDense)
#endif

}  // namespace gloro
