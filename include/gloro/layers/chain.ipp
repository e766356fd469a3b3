// The bodies of chain.hpp.
#pragma once

#include "gloro/layers/chain.hpp"

#include <cstddef>
#include <string>
#include <utility>

#include "gloro/layers/described_options.hpp"
#include "gloro/layers/detail/in_order.hpp"
#include "gloro/layers/detail/layer_list.hpp"
#include "gloro/rounding/product.hpp"

namespace gloro {

template <std::floating_point Scalar>
Chain<Scalar>::Chain(std::vector<AnyLayer<Scalar>> layers) : layers_(std::move(layers)) {}

template <std::floating_point Scalar>
std::vector<Part<Scalar>> Chain<Scalar>::parts(Shape input) const {
  std::vector<Part<Scalar>> all;
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    all.push_back({std::to_string(l), &layers_[l], input});
    detail::in_part([&] { input = layers_[l].output_shape(input); }, l);
  }
  return all;
}

template <std::floating_point Scalar>
Shape Chain<Scalar>::output_shape(Shape input) const {
  for (std::size_t l = 0; l < layers_.size(); ++l)
    detail::in_part([&] { input = layers_[l].output_shape(input); }, l);
  return input;
}

template <std::floating_point Scalar>
double Chain<Scalar>::memory(Shape input) const {
  double values = 0;
  for (const Part<Scalar>& part : parts(input)) values += part.layer->memory(part.input);
  return values;
}

template <std::floating_point Scalar>
void Chain<Scalar>::place(Shape input) {
  input_ = input;
  for (std::size_t l = 0; l < layers_.size(); ++l)
    detail::in_part(
        [&] {
          layers_[l].place(input);
          input = layers_[l].output_shape(input);
        },
        l);
}

template <std::floating_point Scalar>
void Chain<Scalar>::draw(Random& random) {
  for (auto& layer : layers_) layer.draw(random);
}

template <std::floating_point Scalar>
std::vector<Parameter<Scalar>*> Chain<Scalar>::parameters() {
  return detail::parameters_of<Scalar>(layers_);
}

template <std::floating_point Scalar>
std::vector<Parameter<Scalar>*> Chain<Scalar>::state() {
  return detail::state_of<Scalar>(layers_);
}

template <std::floating_point Scalar>
Tensor<Scalar> Chain<Scalar>::forward(Tensor<Scalar> x, const Pass<Scalar>& pass) const {
  for (const auto& layer : layers_) x = layer.forward(std::move(x), pass);
  return x;
}

template <std::floating_point Scalar>
Tensor<Scalar> Chain<Scalar>::backward(Tensor<Scalar> dy, const BackwardPass<Scalar>& pass) const {
  std::size_t end = pass.gradients.size();
  for (std::size_t l = layers_.size(); l-- > 0;) {
    BackwardPass<Scalar> own = pass;
    own.gradients = detail::take_back(pass.gradients, end, layers_[l]);
    own.input_gradient = pass.input_gradient || l > 0;
    dy = layers_[l].backward(std::move(dy), own);
  }
  return dy;
}

template <std::floating_point Scalar>
std::optional<Tensor<double>> Chain<Scalar>::definitions(const Tensor<double>& x) const {
  std::optional<Tensor<double>> at = x;
  for (std::size_t l = 0; l < layers_.size() && at; ++l) at = layers_[l].definitions(*at);
  return at;
}

template <std::floating_point Scalar>
void Chain<Scalar>::refresh_lipschitz(int iterations, Workers* workers) {
  for (auto& layer : layers_) layer.refresh_lipschitz(iterations, workers);
}

template <std::floating_point Scalar>
Scalar Chain<Scalar>::lipschitz(Workers* workers) const {
  return detail::product_without(detail::estimates_of<Scalar>(layers_, workers), layers_.size());
}

template <std::floating_point Scalar>
void Chain<Scalar>::lipschitz_backward(Scalar g, std::span<GradientView<Scalar>> gradients) const {
  const auto estimates = detail::estimates_of<Scalar>(layers_);
  std::size_t end = gradients.size();
  for (std::size_t l = layers_.size(); l-- > 0;)
    layers_[l].lipschitz_backward(g * detail::product_without(estimates, layers_.size(), l),
                                  detail::take_back(gradients, end, layers_[l]));
}

template <std::floating_point Scalar>
bool Chain<Scalar>::is_parametrized() const {
  return detail::any_is_parametrized<Scalar>(layers_);
}

template <std::floating_point Scalar>
void Chain<Scalar>::parametrization_backward(std::span<GradientView<Scalar>> gradients) const {
  detail::parametrization_backward_of<Scalar>(layers_, gradients);
}

template <std::floating_point Scalar>
Chain<Scalar> Chain<Scalar>::plain() const {
  Chain other = *this;
  other.layers_ = detail::plain_of<Scalar>(layers_);
  return other;
}

template <std::floating_point Scalar>
double Chain<Scalar>::lipschitz_upper_bound() const {
  return upper_bound_from(detail::upper_bounds_of<Scalar>(layers_));
}

template <std::floating_point Scalar>
double Chain<Scalar>::upper_bound_from(std::span<const double> parts) const {
  return rounding::product_up(parts);
}

template <std::floating_point Scalar>
bool Chain<Scalar>::has_quick_bound() const {
  return detail::any_has_quick_bound<Scalar>(layers_);
}

template <std::floating_point Scalar>
detail::Growth Chain<Scalar>::growth() const {
  detail::Growth growth;
  for (const Part<Scalar>& part : parts(input_)) growth.pass(*part.layer, part.input);
  return growth;
}

template <std::floating_point Scalar>
Description Chain<Scalar>::describe() const {
  return {type, {{"layers", detail::descriptions_of<Scalar>(layers_)}}};
}

template <std::floating_point Scalar>
Chain<Scalar> Chain<Scalar>::from(DescribedOptions& options) {
  return Chain(options.layers<Scalar>("layers"));
}

template <std::floating_point Scalar>
template <std::floating_point Other>
Chain<Other> Chain<Scalar>::cast() const {
  Chain<Other> other(detail::cast_of<Other, Scalar>(layers_));
  other.input_ = input_;
  return other;
}

#ifdef GLORO_COMPILING
template class Chain<float>;
template class Chain<double>;
GLORO_COMPOSITE_CASTS(Chain)
GLORO_HELD_LAYER(, Chain)
#endif

}  // namespace gloro
