// The bodies of gloro_model.hpp.
#pragma once

#include "gloro/model/gloro_model.hpp"

#include <utility>

#include "gloro/core/error.hpp"
#include "gloro/core/random.hpp"
#include "gloro/layers/detail/in_order.hpp"
#include "gloro/layers/detail/layer_list.hpp"
#include "gloro/model/detail/for_layers.hpp"
#include "gloro/model/detail/head_distances.hpp"
#include "gloro/model/estimated_answers.hpp"

namespace gloro {

template <std::floating_point Scalar>
GloroModel<Scalar>::GloroModel(Shape input, std::vector<AnyLayer<Scalar>> layers,
                               std::uint64_t seed)
    : GloroModel(placed(input, std::move(layers))) {
  const Random random(seed);
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    Random stream = random.split(l);
    layers_[l].draw(stream);
  }
}

template <std::floating_point Scalar>
GloroModel<Scalar> GloroModel<Scalar>::placed(Shape input, std::vector<AnyLayer<Scalar>> layers) {
  if (layers.empty() || !layers.back().template as<Dense<Scalar>>())
    throw ArgumentError("a GloroModel ends with a Dense layer, its head");
  Shape shape = input;
  if (shape.size() < 1) throw ShapeError(message("an input must not be empty, got ", input));
  std::vector<Shape> shapes;
  for (std::size_t l = 0; l < layers.size(); ++l)
    detail::in_layer(l, [&] {
      shapes.push_back(layers[l].output_shape(shape));
      layers[l].place(shape);
      shape = shapes.back();
    });
  return GloroModel(input, std::move(layers), std::move(shapes), Guarantee::top_1());
}

template <std::floating_point Scalar>
const Dense<Scalar>& GloroModel<Scalar>::head() const {
  return *layers_.back().template as<Dense<Scalar>>();
}

template <std::floating_point Scalar>
void GloroModel<Scalar>::set_guarantee(Guarantee guarantee) {
  guarantee.require_classes(classes());
  guarantee_ = std::move(guarantee);
}

template <std::floating_point Scalar>
std::vector<Parameter<Scalar>*> GloroModel<Scalar>::parameters() {
  return detail::parameters_of<Scalar>(layers_);
}

template <std::floating_point Scalar>
std::vector<const Parameter<Scalar>*> GloroModel<Scalar>::parameters() const {
  std::vector<const Parameter<Scalar>*> all;
  for (const auto& layer : layers_)
    for (const auto* parameter : layer.parameters()) all.push_back(parameter);
  return all;
}

template <std::floating_point Scalar>
std::vector<Parameter<Scalar>*> GloroModel<Scalar>::state() {
  return detail::state_of<Scalar>(layers_);
}

template <std::floating_point Scalar>
void GloroModel<Scalar>::require_extents() const {
  for (std::size_t l = 0; l < layers_.size(); ++l)
    detail::in_layer(l, [&] { layers_[l].require_extents(); });
}

template <std::floating_point Scalar>
void GloroModel<Scalar>::require_input(const Shape& shape) const {
  if (shape != input_)
    throw ShapeError(message("the model takes inputs of ", input_, ", got ", shape));
}

template <std::floating_point Scalar>
Tensor<Scalar> GloroModel<Scalar>::logits(Tensor<Scalar> x, const Pass<Scalar>& pass) const {
  require_input(x.shape());
  require_extents();
  for (const auto& layer : layers_) x = layer.forward(std::move(x), pass);
  return x;
}

template <std::floating_point Scalar>
Matrix<Scalar> GloroModel<Scalar>::logits_with_bottom(Tensor<Scalar> x, Scalar epsilon) const {
  return with_bottom(logits(std::move(x)), lipschitz_terms(), epsilon, guarantee_);
}

template <std::floating_point Scalar>
std::vector<int> GloroModel<Scalar>::estimated_labels(Tensor<Scalar> x, Scalar epsilon) const {
  return gloro::estimated_labels(logits(std::move(x)), lipschitz_terms(), epsilon, guarantee_);
}

template <std::floating_point Scalar>
Vector<Scalar> GloroModel<Scalar>::estimated_radius(Tensor<Scalar> x) const {
  return gloro::estimated_radius(logits(std::move(x)), lipschitz_terms(), guarantee_);
}

template <std::floating_point Scalar>
Tensor<Scalar> GloroModel<Scalar>::backward(Tensor<Scalar> dlogits,
                                            const BackwardPass<Scalar>& pass) const {
  require_extents();
  std::size_t end = pass.gradients.size();
  for (std::size_t l = layers_.size(); l-- > 0;) {
    BackwardPass<Scalar> own = pass;
    own.gradients = detail::take_back(pass.gradients, end, layers_[l]);
    own.input_gradient = pass.input_gradient || l > 0;
    dlogits = layers_[l].backward(std::move(dlogits), own);
  }
  return dlogits;
}

template <std::floating_point Scalar>
void GloroModel<Scalar>::refresh_lipschitz(int iterations, Workers& workers) {
  refresh_lipschitz(iterations, detail::all_of(layers_.size()), workers);
}

template <std::floating_point Scalar>
void GloroModel<Scalar>::refresh_lipschitz(int iterations, std::span<const std::size_t> which,
                                           Workers& workers) {
  require_extents();
  detail::for_layers<Scalar>(
      layers_, shapes_, {which.begin(), which.end()}, true, workers,
      [&](std::size_t l, Workers* own) { layers_[l].refresh_lipschitz(iterations, own); });
}

template <std::floating_point Scalar>
std::vector<Scalar> GloroModel<Scalar>::layer_lipschitz(Workers& workers) const {
  require_extents();
  std::vector<Scalar> constants(layers_.size());
  detail::for_layers<Scalar>(
      layers_, shapes_, detail::all_of(layers_.size()), true, workers,
      [&](std::size_t l, Workers* own) { constants[l] = layers_[l].lipschitz(own); });
  return constants;
}

template <std::floating_point Scalar>
std::vector<Scalar> GloroModel<Scalar>::layer_lipschitz() const {
  Workers alone(1);
  return layer_lipschitz(alone);
}

template <std::floating_point Scalar>
LipschitzTerms<Scalar> GloroModel<Scalar>::lipschitz_terms() const {
  return lipschitz_terms(layer_lipschitz());
}

template <std::floating_point Scalar>
LipschitzTerms<Scalar> GloroModel<Scalar>::lipschitz_terms(
    const std::vector<Scalar>& layers) const {
  require_extents();
  LipschitzTerms<Scalar> terms;
  terms.body = detail::product_without(layers, layers.size() - 1);
  terms.network = terms.body * layers.back();
  terms.margin_constants = terms.body * head_distances(head().weight());
  return terms;
}

template <std::floating_point Scalar>
void GloroModel<Scalar>::lipschitz_backward(const LipschitzSlopes<Scalar>& slope,
                                            const std::vector<Scalar>& layers,
                                            std::span<GradientView<Scalar>> gradients,
                                            Workers& workers) const {
  require_extents();
  const Scalar k = detail::product_without(layers, layers.size() - 1);
  const Matrix<Scalar> distances = head_distances(head().weight());
  const Scalar slope_body =
      slope.margin_constants.cwiseProduct(distances).sum() + slope.network * layers.back();

  std::vector<std::span<GradientView<Scalar>>> views(layers_.size());
  std::size_t end = gradients.size();
  for (std::size_t l = layers_.size(); l-- > 0;)
    views[l] = detail::take_back(gradients, end, layers_[l]);

  const auto backward = [&](std::size_t l, Workers*) {
    if (views[l].empty()) return;
    if (l + 1 < layers_.size())  // d k / d s_l: the product of the others
      layers_[l].lipschitz_backward(
          slope_body * detail::product_without(layers, layers.size() - 1, l), views[l]);
    else if (slope.network != 0)
      layers_[l].lipschitz_backward(slope.network * k, views[l]);
  };
  detail::for_layers<Scalar>(layers_, shapes_, detail::all_of(layers_.size()), false, workers,
                             backward);
  head_distances_backward<Scalar>(k * slope.margin_constants, distances, head().weight(),
                                  views.back()[0]);
}

template <std::floating_point Scalar>
void GloroModel<Scalar>::parametrization_backward(std::span<GradientView<Scalar>> gradients,
                                                  Workers& workers) const {
  require_extents();
  std::vector<std::size_t> which;
  std::vector<std::span<GradientView<Scalar>>> views(layers_.size());
  std::size_t end = gradients.size();
  for (std::size_t l = layers_.size(); l-- > 0;) {
    views[l] = detail::take_back(gradients, end, layers_[l]);
    if (layers_[l].is_parametrized()) which.push_back(l);
  }
  detail::for_layers<Scalar>(
      layers_, shapes_, std::move(which), false, workers,
      [&](std::size_t l, Workers*) { layers_[l].parametrization_backward(views[l]); });
}

template <std::floating_point Scalar>
bool GloroModel<Scalar>::is_parametrized() const {
  return detail::any_is_parametrized<Scalar>(layers_);
}

template <std::floating_point Scalar>
GloroModel<Scalar> GloroModel<Scalar>::plain() const {
  require_extents();
  return GloroModel(input_, detail::plain_of<Scalar>(layers_), shapes_, guarantee_);
}

template <std::floating_point Scalar>
template <std::floating_point Other>
GloroModel<Other> GloroModel<Scalar>::cast() const {
  require_extents();
  std::vector<AnyLayer<Other>> layers;
  for (std::size_t l = 0; l < layers_.size(); ++l)
    detail::in_layer(l, [&] { layers.push_back(layers_[l].template cast<Other>()); });
  return GloroModel<Other>(input_, std::move(layers), shapes_, guarantee_);
}

template <std::floating_point Scalar>
GloroModel<Scalar>::GloroModel(Shape input, std::vector<AnyLayer<Scalar>> built,
                               std::vector<Shape> shapes, Guarantee guarantee)
    : input_(input),
      layers_(std::move(built)),
      shapes_(std::move(shapes)),
      guarantee_(std::move(guarantee)) {}

#ifdef GLORO_COMPILING
template class GloroModel<float>;
template class GloroModel<double>;
template GloroModel<float> GloroModel<float>::cast<float>() const;
template GloroModel<double> GloroModel<float>::cast<double>() const;
template GloroModel<double> GloroModel<double>::cast<double>() const;
#endif

}  // namespace gloro
