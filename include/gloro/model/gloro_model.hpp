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
#include <vector>

#include "gloro/layers/any_layer.hpp"
#include "gloro/layers/dense.hpp"
#include "gloro/model/bottom.hpp"
#include "gloro/model/guarantee.hpp"
#include "gloro/model/lipschitz_terms.hpp"
#include "gloro/parallel/workers.hpp"

namespace gloro {

template <std::floating_point Scalar>
class GloroModel {
 public:
  /// Builds `layers` for inputs of shape `input`, the weights drawn from `seed`. The last layer must be
  /// a Dense, the head. Throws ShapeError where a layer does not fit its input, naming both.
  GloroModel(Shape input, std::vector<AnyLayer<Scalar>> layers, std::uint64_t seed = 0);
  /// The same with weights of zero, for those who have others to put there.
  [[nodiscard]] static GloroModel placed(Shape input, std::vector<AnyLayer<Scalar>> layers);

  [[nodiscard]] const Shape& input_shape() const { return input_; }
  [[nodiscard]] Index classes() const { return shapes_.back().channels; }
  /// All layers, the head last.
  [[nodiscard]] const std::vector<AnyLayer<Scalar>>& layers() const { return layers_; }
  /// Shape of a sample after layer l.
  [[nodiscard]] const Shape& output_shape(std::size_t l) const { return shapes_.at(l); }
  [[nodiscard]] const Shape& input_shape(std::size_t l) const {
    return l == 0 ? input_ : shapes_.at(l - 1);
  }
  [[nodiscard]] const Dense<Scalar>& head() const;

  /// What its bottom logit stands for: training, metrics and certifiers follow it. Top-1 at first.
  [[nodiscard]] const Guarantee& guarantee() const { return guarantee_; }
  /// Throws ArgumentError if `guarantee` does not fit the model's classes.
  void set_guarantee(Guarantee guarantee);

  /// The trained values of all layers, in order; they stay where they are while the model lives and
  /// is not moved from.
  [[nodiscard]] std::vector<Parameter<Scalar>*> parameters();
  [[nodiscard]] std::vector<const Parameter<Scalar>*> parameters() const;
  /// What else a resumed training needs: the stored singular vectors.
  [[nodiscard]] std::vector<Parameter<Scalar>*> state();

  /// Throws ShapeError, naming both, if a matrix of a layer has been given other extents than the
  /// layer was placed with. Whatever computes with the weights asks first.
  void require_extents() const;

  // --- The function ---------------------------------------------------------------------------------

  /// Throws ShapeError unless it takes such inputs.
  void require_input(const Shape& shape) const;

  /// Logits, classes x batch.
  [[nodiscard]] Tensor<Scalar> logits(Tensor<Scalar> x, const Pass<Scalar>& pass = {}) const;

  // By the estimated constants (model/estimated_answers.hpp).

  /// Logits and, in the last row, the bottom logit: (classes + 1) x batch.
  [[nodiscard]] Matrix<Scalar> logits_with_bottom(Tensor<Scalar> x, Scalar epsilon) const;
  /// The top class of each sample, or `abstain`. With a relaxed guarantee the class is the first of a
  /// set that stands; which set, a Certifier tells.
  [[nodiscard]] std::vector<int> estimated_labels(Tensor<Scalar> x, Scalar epsilon) const;
  /// The radius of each sample.
  [[nodiscard]] Vector<Scalar> estimated_radius(Tensor<Scalar> x) const;

  /// Undoes logits(): pops the tape, adds to the gradients (one view a parameter, or none at all), and
  /// returns the gradient of the input if it is asked for.
  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dlogits,
                                        const BackwardPass<Scalar>& pass) const;

  // --- Its Lipschitz constants ----------------------------------------------------------------------

  /// Power iteration in every layer, shared out among the workers: the same bits for any number.
  void refresh_lipschitz(int iterations, Workers& workers);
  /// In the layers `which` only, each named once.
  void refresh_lipschitz(int iterations, std::span<const std::size_t> which, Workers& workers);

  /// The estimate of each layer, the head last.
  [[nodiscard]] std::vector<Scalar> layer_lipschitz(Workers& workers) const;
  [[nodiscard]] std::vector<Scalar> layer_lipschitz() const;

  [[nodiscard]] LipschitzTerms<Scalar> lipschitz_terms() const;
  [[nodiscard]] LipschitzTerms<Scalar> lipschitz_terms(const std::vector<Scalar>& layers) const;

  /// Adds to `gradients` what flows through the Lipschitz terms: `slope` holds the derivatives of the
  /// loss by `margin_constants` (K_ji) and by `network` (K_G); its `body` is not used. `layers` are the
  /// estimates that the terms were made of.
  void lipschitz_backward(const LipschitzSlopes<Scalar>& slope, const std::vector<Scalar>& layers,
                          std::span<GradientView<Scalar>> gradients, Workers& workers) const;

  /// Turns the gradients of layers that compute with what is made of their parameters into gradients by
  /// the parameters: once, after all of backward() and lipschitz_backward() has been added.
  void parametrization_backward(std::span<GradientView<Scalar>> gradients, Workers& workers) const;
  /// Whether there are such layers.
  [[nodiscard]] bool is_parametrized() const;

  /// The same function, each layer as what it is when training is over: what is certified and saved.
  [[nodiscard]] GloroModel plain() const;

  /// The same network in another precision. Throws Error, naming the layer, if one cannot be cast.
  template <std::floating_point Other>
  [[nodiscard]] GloroModel<Other> cast() const;

 private:
  template <std::floating_point>
  friend class GloroModel;

  GloroModel(Shape input, std::vector<AnyLayer<Scalar>> built, std::vector<Shape> shapes,
             Guarantee guarantee);

  Shape input_;
  std::vector<AnyLayer<Scalar>> layers_;
  std::vector<Shape> shapes_;
  Guarantee guarantee_;
};

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/model/gloro_model.ipp"
#endif
