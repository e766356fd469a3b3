// GloroModel: a chain of Lipschitz layers with a Dense head, and the bottom logit that turns its
// bounds into certificates (Leino, Wang and Fredrikson, "Globally-Robust Neural Networks", ICML 2021).
//
// The constants here are power-iteration *estimates*: right for training, too small to be a proof. The
// proof is Certifier's (certify/certifier.hpp), which rests on rigorous bounds.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "gloro/layers/any_layer.hpp"
#include "gloro/layers/dense.hpp"
#include "gloro/model/detail/chain.hpp"
#include "gloro/model/detail/for_layers.hpp"
#include "gloro/model/detail/head_distances.hpp"
#include "gloro/model/estimated_answers.hpp"
#include "gloro/model/guarantee.hpp"
#include "gloro/model/lipschitz_terms.hpp"
#include "gloro/parallel/workers.hpp"

namespace gloro {

template <std::floating_point Scalar>
class GloroModel {
 public:
  /// Builds `layers` for inputs of shape `input`, the weights drawn from `seed`. The last layer must be
  /// a Dense, the head. Throws ShapeError where a layer does not fit its input, naming both.
  GloroModel(Shape input, std::vector<AnyLayer<Scalar>> layers, std::uint64_t seed = 0)
      : GloroModel(placed(input, std::move(layers))) {
    const Random random(seed);
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      Random stream = random.split(l);
      layers_[l].draw(stream);
    }
  }
  /// The same with weights of zero, for those who have others to put there.
  [[nodiscard]] static GloroModel placed(Shape input, std::vector<AnyLayer<Scalar>> layers) {
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

  [[nodiscard]] const Shape& input_shape() const { return input_; }
  [[nodiscard]] Index classes() const { return shapes_.back().channels; }
  /// All layers, the head last.
  [[nodiscard]] const std::vector<AnyLayer<Scalar>>& layers() const { return layers_; }
  /// Shape of a sample after layer l.
  [[nodiscard]] const Shape& output_shape(std::size_t l) const { return shapes_.at(l); }
  [[nodiscard]] const Dense<Scalar>& head() const {
    return *layers_.back().template as<Dense<Scalar>>();
  }

  /// What its bottom logit stands for: training, metrics and certifiers follow it. Top-1 at first.
  [[nodiscard]] const Guarantee& guarantee() const { return guarantee_; }
  /// Throws ArgumentError if `guarantee` does not fit the model's classes.
  void set_guarantee(Guarantee guarantee) {
    guarantee.require_classes(classes());
    guarantee_ = std::move(guarantee);
  }

  /// The trained values of all layers, in order; they stay where they are while the model lives and
  /// is not moved from.
  [[nodiscard]] std::vector<Parameter<Scalar>*> parameters() {
    std::vector<Parameter<Scalar>*> all;
    for (auto& layer : layers_)
      for (auto* parameter : layer.parameters()) all.push_back(parameter);
    return all;
  }
  [[nodiscard]] std::vector<const Parameter<Scalar>*> parameters() const {
    std::vector<const Parameter<Scalar>*> all;
    for (const auto& layer : layers_)
      for (const auto* parameter : layer.parameters()) all.push_back(parameter);
    return all;
  }
  /// What else a resumed training needs: the stored singular vectors.
  [[nodiscard]] std::vector<Parameter<Scalar>*> state() {
    std::vector<Parameter<Scalar>*> all;
    for (auto& layer : layers_)
      for (auto* matrix : layer.state()) all.push_back(matrix);
    return all;
  }

  /// Throws ShapeError, naming both, if a matrix of a layer has been given other extents than the
  /// layer was placed with. Whatever computes with the weights asks first.
  void require_extents() const {
    for (std::size_t l = 0; l < layers_.size(); ++l)
      detail::in_layer(l, [&] { layers_[l].require_extents(); });
  }

  // --- The function ---------------------------------------------------------------------------------

  /// Throws ShapeError unless it takes such inputs.
  void require_input(const Shape& shape) const {
    if (shape != input_)
      throw ShapeError(message("the model takes inputs of ", input_, ", got ", shape));
  }

  /// Logits, classes x batch.
  [[nodiscard]] Tensor<Scalar> logits(Tensor<Scalar> x, const Pass<Scalar>& pass = {}) const {
    require_input(x.shape());
    require_extents();
    for (const auto& layer : layers_) x = layer.forward(std::move(x), pass);
    return x;
  }

  // By the estimated constants (model/estimated_answers.hpp).

  /// Logits and, in the last row, the bottom logit: (classes + 1) x batch.
  [[nodiscard]] Matrix<Scalar> logits_with_bottom(Tensor<Scalar> x, Scalar epsilon) const {
    return with_bottom(logits(std::move(x)), lipschitz_terms(), epsilon, guarantee_);
  }
  /// The top class of each sample, or `abstain`. With a relaxed guarantee the class is the first of a
  /// set that stands; which set, a Certifier tells.
  [[nodiscard]] std::vector<int> estimated_labels(Tensor<Scalar> x, Scalar epsilon) const {
    return gloro::estimated_labels(logits(std::move(x)), lipschitz_terms(), epsilon, guarantee_);
  }
  /// The radius of each sample.
  [[nodiscard]] Vector<Scalar> estimated_radius(Tensor<Scalar> x) const {
    return gloro::estimated_radius(logits(std::move(x)), lipschitz_terms(), guarantee_);
  }

  /// Undoes logits(): pops the tape, adds to the gradients (one view a parameter, or none at all), and
  /// returns the gradient of the input if it is asked for.
  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dlogits,
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

  // --- Its Lipschitz constants ----------------------------------------------------------------------

  /// Power iteration in every layer, shared out among the workers: the same bits for any number.
  void refresh_lipschitz(int iterations, Workers& workers) {
    refresh_lipschitz(iterations, detail::all_of(layers_.size()), workers);
  }
  /// In the layers `which` only, each named once.
  void refresh_lipschitz(int iterations, std::span<const std::size_t> which, Workers& workers) {
    require_extents();
    detail::for_layers<Scalar>(
        layers_, shapes_, {which.begin(), which.end()}, true, workers,
        [&](std::size_t l, Workers* own) { layers_[l].refresh_lipschitz(iterations, own); });
  }

  /// The estimate of each layer, the head last.
  [[nodiscard]] std::vector<Scalar> layer_lipschitz(Workers& workers) const {
    require_extents();
    std::vector<Scalar> constants(layers_.size());
    detail::for_layers<Scalar>(
        layers_, shapes_, detail::all_of(layers_.size()), true, workers,
        [&](std::size_t l, Workers* own) { constants[l] = layers_[l].lipschitz(own); });
    return constants;
  }
  [[nodiscard]] std::vector<Scalar> layer_lipschitz() const {
    Workers alone(1);
    return layer_lipschitz(alone);
  }

  [[nodiscard]] LipschitzTerms<Scalar> lipschitz_terms() const {
    return lipschitz_terms(layer_lipschitz());
  }
  [[nodiscard]] LipschitzTerms<Scalar> lipschitz_terms(const std::vector<Scalar>& layers) const {
    require_extents();
    LipschitzTerms<Scalar> terms;
    terms.body = detail::product_without(layers, layers.size() - 1);
    terms.network = terms.body * layers.back();
    terms.margin_constants = terms.body * head_distances(head().weight());
    return terms;
  }

  /// Adds to `gradients` what flows through the Lipschitz terms: `slope` holds the derivatives of the
  /// loss by `margin_constants` (K_ji) and by `network` (K_G); its `body` is not used. `layers` are the
  /// estimates that the terms were made of.
  void lipschitz_backward(const LipschitzSlopes<Scalar>& slope, const std::vector<Scalar>& layers,
                          std::span<GradientView<Scalar>> gradients, Workers& workers) const {
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

  /// The same network in another precision. Throws Error, naming the layer, if one cannot be cast.
  template <std::floating_point Other>
  [[nodiscard]] GloroModel<Other> cast() const {
    require_extents();
    std::vector<AnyLayer<Other>> layers;
    for (std::size_t l = 0; l < layers_.size(); ++l)
      detail::in_layer(l, [&] { layers.push_back(layers_[l].template cast<Other>()); });
    return GloroModel<Other>(input_, std::move(layers), shapes_, guarantee_);
  }

 private:
  template <std::floating_point>
  friend class GloroModel;

  GloroModel(Shape input, std::vector<AnyLayer<Scalar>> built, std::vector<Shape> shapes,
             Guarantee guarantee)
      : input_(input),
        layers_(std::move(built)),
        shapes_(std::move(shapes)),
        guarantee_(std::move(guarantee)) {}

  Shape input_;
  std::vector<AnyLayer<Scalar>> layers_;
  std::vector<Shape> shapes_;
  Guarantee guarantee_;
};

}  // namespace gloro
