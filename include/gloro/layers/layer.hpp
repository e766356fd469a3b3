// Layer: a Lipschitz map from a batch to a batch. Any type with these members can go into a model;
// there is no base class to derive from, and nothing to register but for programs that read it from a
// file (layers/catalogue.hpp).
#pragma once

#include <concepts>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "gloro/core/parameter.hpp"
#include "gloro/core/random.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/kernels/convolution_geometry.hpp"
#include "gloro/layers/description.hpp"
#include "gloro/layers/part.hpp"
#include "gloro/layers/pass.hpp"
#include "gloro/rounding/bound.hpp"

namespace gloro {

namespace detail {

template <typename L>
concept ShapesOutput = requires(const L& layer, Shape input) {
  { layer.output_shape(input) } -> std::same_as<Shape>;
};
template <typename L, typename Scalar>
concept RunsForward = requires(const L& layer, Tensor<Scalar> x, const Pass<Scalar>& pass) {
  { layer.forward(std::move(x), pass) } -> std::same_as<Tensor<Scalar>>;
};
template <typename L, typename Scalar>
concept RunsBackward = requires(const L& layer, Tensor<Scalar> dy,
                                const BackwardPass<Scalar>& pass) {
  { layer.backward(std::move(dy), pass) } -> std::same_as<Tensor<Scalar>>;
};
template <typename L, typename Scalar>
concept EstimatesNorm = requires(const L& layer) {
  { layer.lipschitz() } -> std::same_as<Scalar>;
};
template <typename L>
concept BoundsNorm = requires(const L& layer) {
  { layer.lipschitz_upper_bound() } -> std::same_as<double>;
};

}  // namespace detail

/// What every layer can do. Tensors are handed over by value, so that a layer may work in place or
/// keep its input on the tape.
///
/// | member | meaning |
/// | --- | --- |
/// | output_shape(input) | shape of a sample after the layer; throws ShapeError if `input` does not fit |
/// | forward(x, pass) | the map; leaves on the pass's tape, if there is one, what backward will need |
/// | backward(dy, pass) | adds to the pass's gradients of its parameters, if they are asked for; returns dx, or an empty tensor if it is not |
/// | lipschitz() | an estimate of the norm, which training follows; power iteration comes from below |
/// | lipschitz_upper_bound() | rigorous: never below the true norm, rounding included |
///
/// What a layer with parameters has beside these:
///
/// | member | meaning |
/// | --- | --- |
/// | place(input) | gives parameters and state their extents for inputs of that shape; these stay, and the matrices stay where they are |
/// | draw(random) | gives them their first values |
/// | parameters() | pointers to what is trained and saved, in a fixed order |
/// | state() | pointers to what else a resumed run needs: singular vectors, and what refresh_lipschitz() makes of the parameters: of several processes one makes it for all |
/// | refresh_lipschitz(n) | n steps of power iteration on the singular vectors, and once a step, n = 0 too, what of the state follows the parameters; as lipschitz(), perhaps with a further argument, `Workers*`, null or threads that may share the work |
/// | lipschitz_backward(g, gradients) | adds g times the gradient of lipschitz(), the singular vectors held |
/// | parametrization_backward(gradients) | for a layer that computes with a matrix made of its parameter: backward() adds the gradient by that matrix, and this, once a step, makes the gradient by the parameter of their sum |
///
/// And what it needs to go further than training:
///
/// | member | without it |
/// | --- | --- |
/// | rounding() -> RoundingBound | it cannot be certified |
/// | cast<double>() -> the same layer in double | a certificate cannot fall back on double |
/// | describe() -> Description, and `type`, `from` as a Catalogue asks for | it cannot be saved, or loaded |
/// | plain() -> the layer of another type that it is once training is over | it is certified, saved and exported as it stands |
/// | definition(const Tensor<double>& x, Index i) -> double: output i for a batch of one straight from the formula, off by no more than rounding() in double; std::optional<double> where only some can say | a Certifier holds float against double instead |
/// | definitions(const Tensor<double>& x) -> std::optional<Tensor<double>>: all of those at once, in place of `definition` where each takes the work of all | each by `definition` |
/// | memory(input) -> double: values that it holds on such an input, or takes for one sample, beside its output | a file's network is judged as if there were none |
/// | convolution() -> kernels::ConvolutionGeometry: the one that the layer is, with filters (ky, kx, ci, co) and a bias, or none, as the first of its parameters | its products are never in bfloat16 |
/// | has_quick_bound() -> bool: whether its bound is a rough one, because a better would cost too much | it is taken for no |
/// | parts(input) -> std::vector<Part<Scalar>>: the layers that it is made of (layers/part.hpp), whose parameters, one after the other, are its own | it is made of no layers |
template <typename L, typename Scalar>
concept Layer = std::copyable<L> && detail::ShapesOutput<L> && detail::RunsForward<L, Scalar> &&
    detail::RunsBackward<L, Scalar> && detail::EstimatesNorm<L, Scalar> && detail::BoundsNorm<L>;

/// Places a layer by itself, outside a model, on inputs of that shape, and draws its weights.
template <typename L>
void build(L& layer, Shape input, Random& random) {
  if constexpr (requires { layer.place(input); }) layer.place(input);
  if constexpr (requires { layer.draw(random); }) layer.draw(random);
}

namespace detail {

/// Whether L seems to be meant as a layer: what it lacks is then said by name.
template <typename L>
concept LooksLikeLayer = requires {
  &L::output_shape;
}
|| requires { &L::forward; }
|| requires { &L::backward; }
|| requires { &L::lipschitz_upper_bound; };

/// Stops the compiler, with the member's name, where one is missing or has another signature.
template <typename L, typename Scalar>
struct RequireLayer {
  static_assert(std::copyable<L>, "a layer is a value: it can be copied and assigned");
  static_assert(ShapesOutput<L>, "a layer has the member `Shape output_shape(Shape input) const`");
  static_assert(RunsForward<L, Scalar>,
                "a layer has the member `Tensor<Scalar> forward(Tensor<Scalar> x, const "
                "Pass<Scalar>& pass) const`, its Scalar the model's");
  static_assert(RunsBackward<L, Scalar>,
                "a layer has the member `Tensor<Scalar> backward(Tensor<Scalar> dy, const "
                "BackwardPass<Scalar>& pass) const`, its Scalar the model's");
  static_assert(EstimatesNorm<L, Scalar>,
                "a layer has the member `Scalar lipschitz() const`, its Scalar the model's");
  static_assert(BoundsNorm<L>,
                "a layer has the member `double lipschitz_upper_bound() const`, in double whatever "
                "the layer's Scalar");

  // What may be left out must not be left out by a slip.
  static_assert(
      !requires { &L::place; } || requires(L & l, Shape s) { l.place(s); },
      "a layer's member `place` is `void place(Shape input)`");
  static_assert(
      !requires { &L::draw; } || requires(L & l, Random& random) { l.draw(random); },
      "a layer's member `draw` is `void draw(Random& random)`");
  static_assert(
      !requires { &L::parameters; } ||
          requires(L & l) {
            { *std::begin(l.parameters()) } -> std::convertible_to<Parameter<Scalar>*>;
          },
      "a layer's member `parameters` returns a range of `Parameter<Scalar>*`, its Scalar "
      "the model's");
  static_assert(
      !requires { &L::state; } ||
          requires(L & l) {
            { *std::begin(l.state()) } -> std::convertible_to<Parameter<Scalar>*>;
          },
      "a layer's member `state` returns a range of `Parameter<Scalar>*`, its Scalar the "
      "model's");
  static_assert(
      !requires { &L::refresh_lipschitz; } || requires(L & l) { l.refresh_lipschitz(1); },
      "a layer's member `refresh_lipschitz` is `void refresh_lipschitz(int iterations)`");
  static_assert(
      !requires { &L::lipschitz_backward; } ||
          requires(const L& l, Scalar g, std::span<GradientView<Scalar>> gradients) {
            l.lipschitz_backward(g, gradients);
          },
      "a layer's member `lipschitz_backward` is `void lipschitz_backward(Scalar g, "
      "std::span<GradientView<Scalar>> gradients) const`");
  static_assert(
      !requires { &L::parametrization_backward; } ||
          requires(const L& l, std::span<GradientView<Scalar>> gradients) {
            l.parametrization_backward(gradients);
          },
      "a layer's member `parametrization_backward` is `void parametrization_backward("
      "std::span<GradientView<Scalar>> gradients) const`");
  static_assert(
      !requires { &L::plain; } ||
          requires(const L& l) {
            requires detail::RunsForward<std::remove_cvref_t<decltype(l.plain())>, Scalar>;
          },
      "a layer's member `plain` is a const function that returns a layer, its Scalar the model's");
  static_assert(
      !requires { &L::rounding; } ||
          requires(const L& l) {
            { l.rounding() } -> std::same_as<RoundingBound>;
          },
      "a layer's member `rounding` is `RoundingBound rounding() const`");
  static_assert(
      !requires { &L::describe; } ||
          requires(const L& l) {
            { l.describe() } -> std::same_as<Description>;
          },
      "a layer's member `describe` is `Description describe() const`");
  static_assert(
      !requires { &L::definition; } ||
          requires(const L& l, const Tensor<double>& x, Index i) {
            requires std::same_as<decltype(l.definition(x, i)), double> ||
                std::same_as<decltype(l.definition(x, i)), std::optional<double>>;
          },
      "a layer's member `definition` is `double definition(const Tensor<double>& x, Index "
      "i) const`");
  static_assert(
      !requires { &L::definitions; } ||
          requires(const L& l, const Tensor<double>& x) {
            { l.definitions(x) } -> std::same_as<std::optional<Tensor<double>>>;
          },
      "a layer's member `definitions` is `std::optional<Tensor<double>> definitions(const "
      "Tensor<double>& x) const`");
  static_assert(
      !requires { &L::parts; } ||
          requires(const L& l, Shape s) {
            { l.parts(s) } -> std::same_as<std::vector<Part<Scalar>>>;
          },
      "a layer's member `parts` is `std::vector<Part<Scalar>> parts(Shape input) const`");
  static_assert(
      !requires { &L::memory; } ||
          requires(const L& l, Shape s) {
            { l.memory(s) } -> std::same_as<double>;
          },
      "a layer's member `memory` is `double memory(Shape input) const`");
  static_assert(
      !requires { &L::convolution; } ||
          requires(const L& l) {
            { l.convolution() } -> std::same_as<kernels::ConvolutionGeometry>;
          },
      "a layer's member `convolution` is `kernels::ConvolutionGeometry convolution() const`");
  static_assert(
      !requires { &L::has_quick_bound; } ||
          requires(const L& l) {
            { l.has_quick_bound() } -> std::same_as<bool>;
          },
      "a layer's member `has_quick_bound` is `bool has_quick_bound() const`");
};

}  // namespace detail

}  // namespace gloro
