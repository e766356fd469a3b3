// Layer: a Lipschitz map from a batch to a batch. Any type with these members can go into a model;
// there is no base class to derive from and nothing to register.
#pragma once

#include <concepts>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gloro/core/parameter.hpp"
#include "gloro/core/random.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/core/tape.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/lipschitz/rounding_bound.hpp"

namespace gloro {

/// What a backward pass is asked for beside the gradients of the parameters: the first layer of a
/// network in training is not asked for the gradient of the images.
enum class InputGradient { skip, compute };

/// A layer's type and options by name: what a model file says about it. Numbers are written, and
/// come back, in the precision of the model's weights.
struct Description {
  using Value = std::variant<bool, Index, double, std::string, std::vector<Index>,
                             std::vector<double>>;
  std::string type;
  std::vector<std::pair<std::string, Value>> options = {};
};

/// What every layer can do. Tensors are handed over by value, so that a layer may work in place or
/// move its input to the tape; where `tape` is null (inference) nothing is kept.
///
/// | member | meaning |
/// | --- | --- |
/// | output_shape(input) | shape of a sample after the layer; throws ShapeError if `input` does not fit |
/// | initialize(input, random) | makes the parameters for that input shape |
/// | parameters() | pointers to what is trained and saved, in a fixed order |
/// | buffers() | pointers to other state that a resumed run needs (singular vectors); these and the parameters stay where they are, with their extents, once the layer is placed |
/// | forward(x, tape) | the map |
/// | backward(dy, tape, gradients, wanted) | adds to the gradients of its parameters (none if the span is empty), returns dx (an empty tensor if it is not wanted) |
/// | refresh_lipschitz(n) | n steps of power iteration on the stored singular vectors |
/// | lipschitz() | the estimate for the stored vectors: not above the true norm, but for its last digits |
/// | lipschitz_backward(g, gradients) | adds g times the gradient of that estimate |
/// | lipschitz_upper_bound() | rigorous: never below the true norm, rounding included |
///
/// Optional: `rounding() -> RoundingBound` (without it a layer can be trained, but not certified),
/// `describe() -> Description` (without it a model cannot be saved), `cast<Other>()`, the same layer
/// with another scalar (without it a certificate cannot fall back on double), `memory(input) ->
/// double`, the values beside its output that it holds on an input of that shape or takes for one
/// sample (a file's network is judged by it before it is made; none are counted without it),
/// `has_quick_bound() -> bool`, true where lipschitz_upper_bound() is a rough one because a better would
/// cost too much (a certifier passes it on), `definition(const Tensor<double>& x, Index i) -> double`,
/// output i for a batch of one straight from the formula, off by no more than `rounding()` of the layer
/// in double (a Certifier holds forward against it; without it, float against double), and a third
/// parameter of forward, `Workers*`, null or threads that may share the work of a few samples.
template <typename L, typename Scalar>
concept Layer = std::copyable<L> &&
    requires(L layer, const L& fixed, Shape shape, Random& random, Tensor<Scalar> tensor,
             Tape<Scalar>* tape, std::span<GradientView<Scalar>> gradients, Scalar scale) {
      { fixed.output_shape(shape) } -> std::same_as<Shape>;
      layer.initialize(shape, random);
      { *std::begin(layer.parameters()) } -> std::convertible_to<Parameter<Scalar>*>;
      { *std::begin(fixed.parameters()) } -> std::convertible_to<const Parameter<Scalar>*>;
      { *std::begin(layer.buffers()) } -> std::convertible_to<Parameter<Scalar>*>;
      { *std::begin(fixed.buffers()) } -> std::convertible_to<const Parameter<Scalar>*>;
      { fixed.forward(std::move(tensor), tape) } -> std::same_as<Tensor<Scalar>>;
      {
        fixed.backward(std::move(tensor), *tape, gradients, InputGradient::compute)
      } -> std::same_as<Tensor<Scalar>>;
      layer.refresh_lipschitz(1);
      { fixed.lipschitz() } -> std::same_as<Scalar>;
      fixed.lipschitz_backward(scale, gradients);
      { fixed.lipschitz_upper_bound() } -> std::same_as<double>;
    };

/// The members of a layer without parameters and with a constant Lipschitz bound, for those who like
/// to inherit them: `struct Negate : ParameterFree<float> { ... }`.
template <std::floating_point Scalar>
struct ParameterFree {
  void initialize(Shape, Random&) {}
  [[nodiscard]] std::vector<Parameter<Scalar>*> parameters() { return {}; }
  [[nodiscard]] std::vector<const Parameter<Scalar>*> parameters() const { return {}; }
  [[nodiscard]] std::vector<Parameter<Scalar>*> buffers() { return {}; }
  [[nodiscard]] std::vector<const Parameter<Scalar>*> buffers() const { return {}; }
  void refresh_lipschitz(int) {}
  void lipschitz_backward(Scalar, std::span<GradientView<Scalar>>) const {}
};

}  // namespace gloro
