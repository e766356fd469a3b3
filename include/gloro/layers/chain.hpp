// Chain: layers one after the other, as one layer; without any, the identity. With Residual and Parallel it
// makes every network that is a series of parallel branches, without a graph: a layer is a Lipschitz map, a
// value and a user of the stack that the tape is, and so is a layer made of layers.
#pragma once

#include <concepts>
#include <optional>
#include <span>
#include <vector>

#include "gloro/layers/any_layer.hpp"
#include "gloro/layers/detail/growth.hpp"

namespace gloro {

/// K = K_1 K_2 ... K_n. Its parameters are called `0.weight`, `1.weight` and so on in a file.
template <std::floating_point Scalar>
class Chain {
 public:
  static constexpr const char* type = "chain";

  Chain() = default;
  explicit Chain(std::vector<AnyLayer<Scalar>> layers);

  [[nodiscard]] const std::vector<AnyLayer<Scalar>>& layers() const { return layers_; }
  [[nodiscard]] std::vector<Part<Scalar>> parts(Shape input) const;

  [[nodiscard]] Shape output_shape(Shape input) const;

  /// Of each layer, its output among them.
  [[nodiscard]] double memory(Shape input) const;

  void place(Shape input);
  void draw(Random& random);
  [[nodiscard]] std::vector<Parameter<Scalar>*> parameters();
  [[nodiscard]] std::vector<Parameter<Scalar>*> state();

  [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, const Pass<Scalar>& pass) const;
  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, const BackwardPass<Scalar>& pass) const;

  /// What its layers' definitions make of one another; nothing if one of them states none.
  [[nodiscard]] std::optional<Tensor<double>> definitions(const Tensor<double>& x) const;

  void refresh_lipschitz(int iterations, Workers* workers = nullptr);
  [[nodiscard]] Scalar lipschitz(Workers* workers = nullptr) const;
  void lipschitz_backward(Scalar g, std::span<GradientView<Scalar>> gradients) const;
  /// Whether a layer inside computes with what is made of its parameters.
  [[nodiscard]] bool is_parametrized() const;
  void parametrization_backward(std::span<GradientView<Scalar>> gradients) const;
  /// The same of plain layers.
  [[nodiscard]] Chain plain() const;
  [[nodiscard]] double lipschitz_upper_bound() const;
  /// The same from bounds of its parts, in their order.
  [[nodiscard]] double upper_bound_from(std::span<const double> parts) const;
  [[nodiscard]] bool has_quick_bound() const;

  /// From the norms that the layers may make of one n; a Certifier measures them inside.
  [[nodiscard]] RoundingBound rounding() const { return growth().error; }
  /// That, and the norm of the computed output, for an input of norm n.
  [[nodiscard]] detail::Growth growth() const;

  [[nodiscard]] Description describe() const;
  [[nodiscard]] static Chain from(DescribedOptions& options);
  template <std::floating_point Other>
  [[nodiscard]] Chain<Other> cast() const;

 private:
  template <std::floating_point>
  friend class Chain;

  std::vector<AnyLayer<Scalar>> layers_;
  Shape input_;  // since place()
};

}  // namespace gloro

#ifdef GLORO_COMPILED
#include "gloro/layers/detail/instances.hpp"
GLORO_HELD_LAYER(extern, Chain)
#else
#include "gloro/layers/chain.ipp"
#endif
