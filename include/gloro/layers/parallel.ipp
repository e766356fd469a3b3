// The bodies of parallel.hpp.
#pragma once

#include "gloro/layers/parallel.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "gloro/core/error.hpp"
#include "gloro/layers/described_options.hpp"
#include "gloro/layers/detail/growth.hpp"
#include "gloro/layers/detail/in_order.hpp"
#include "gloro/layers/detail/layer_list.hpp"
#include "gloro/rounding/sums.hpp"

namespace gloro {

namespace detail {

/// In each pixel, the `channels` from channel `from` of `a` on become those from channel `to` of `b` on.
template <std::floating_point Scalar>
void copy_channels(const Tensor<Scalar>& a, Index from, Tensor<Scalar>& b, Index to,
                   Index channels) {
  const Index all_a = a.shape().channels, all_b = b.shape().channels;
  const Index pixels = a.shape().height * a.shape().width * a.batch();
  for (Index p = 0; p < pixels; ++p)
    std::copy_n(a.data() + p * all_a + from, channels, b.data() + p * all_b + to);
}

}  // namespace detail

template <std::floating_point Scalar>
Parallel<Scalar>::Parallel(ParallelOptions<Scalar> options) : options_(std::move(options)) {
  if (options_.branches.empty())
    throw ArgumentError("Parallel needs at least one branch, got none");
}

template <std::floating_point Scalar>
std::vector<Part<Scalar>> Parallel<Scalar>::parts(Shape input) const {
  std::vector<Part<Scalar>> all;
  for (const auto& branch : branches())
    all.push_back({"branches." + std::to_string(all.size()), &branch, input});
  return all;
}

template <std::floating_point Scalar>
Shape Parallel<Scalar>::output_shape(Shape input) const {
  Shape output;
  for (std::size_t b = 0; b < branches().size(); ++b) {
    const Shape next =
        detail::in_part([&] { return branches()[b].output_shape(input); }, "branches.", b);
    if (b == 0) {
      output = next;
    } else if (join() == Join::sum) {
      if (next != output)
        throw ShapeError(message("Parallel adds up its branches: expected ", output, " of branch ",
                                 b, ", got ", next));
    } else {
      if (next.height != output.height || next.width != output.width)
        throw ShapeError(message("Parallel puts channels side by side: expected an output as high ",
                                 "and wide as ", output, " of branch ", b, ", got ", next));
      output.channels = checked_sum(output.channels, next.channels);
    }
  }
  return output;
}

template <std::floating_point Scalar>
double Parallel<Scalar>::memory(Shape input) const {
  double values = 0;
  for (const auto& branch : branches())
    values += branch.memory(input) + static_cast<double>(input.size());
  return values;
}

template <std::floating_point Scalar>
void Parallel<Scalar>::place(Shape input) {
  input_ = input;
  output_ = output_shape(input);
  outputs_.clear();
  before_.assign(1, 0);
  for (std::size_t b = 0; b < branches().size(); ++b) {
    detail::in_part([&] { options_.branches[b].place(input); }, "branches.", b);
    outputs_.push_back(branches()[b].output_shape(input));
    before_.push_back(before_.back() +
                      (join() == Join::concatenate ? outputs_.back().channels : 0));
  }
}

template <std::floating_point Scalar>
void Parallel<Scalar>::draw(Random& random) {
  for (auto& branch : options_.branches) branch.draw(random);
}

template <std::floating_point Scalar>
std::vector<Parameter<Scalar>*> Parallel<Scalar>::parameters() {
  return detail::parameters_of<Scalar>(options_.branches);
}

template <std::floating_point Scalar>
std::vector<Parameter<Scalar>*> Parallel<Scalar>::state() {
  return detail::state_of<Scalar>(options_.branches);
}

template <std::floating_point Scalar>
Tensor<Scalar> Parallel<Scalar>::forward(Tensor<Scalar> x, const Pass<Scalar>& pass) const {
  Tensor<Scalar> y;
  for (std::size_t b = 0; b < branches().size(); ++b) join_in(y, b, branches()[b].forward(x, pass));
  return y;
}

template <std::floating_point Scalar>
Tensor<Scalar> Parallel<Scalar>::backward(Tensor<Scalar> dy,
                                          const BackwardPass<Scalar>& pass) const {
  Tensor<Scalar> dx;
  std::size_t end = pass.gradients.size();
  for (std::size_t b = branches().size(); b-- > 0;) {
    BackwardPass<Scalar> own = pass;
    own.gradients = detail::take_back(pass.gradients, end, branches()[b]);
    Tensor<Scalar> by_input = branches()[b].backward(slope_of(b, dy), own);
    if (!pass.input_gradient) continue;
    if (dx.empty())
      dx = std::move(by_input);
    else
      dx.matrix() += by_input.matrix();
  }
  return dx;
}

template <std::floating_point Scalar>
void Parallel<Scalar>::join_in(Tensor<Scalar>& joined, std::size_t b, Tensor<Scalar> output) const {
  if (join() == Join::concatenate) {
    if (b == 0) joined = Tensor<Scalar>(output_, output.batch());
    detail::copy_channels(output, 0, joined, before_[b], output.shape().channels);
  } else if (b == 0) {
    joined = std::move(output);
  } else {
    joined.matrix() += output.matrix();
  }
}

template <std::floating_point Scalar>
std::optional<Tensor<double>> Parallel<Scalar>::definitions(const Tensor<double>& x) const {
  Tensor<double> y(output_, 1);
  y.matrix().setZero();
  Index first = 0;  // channel of a branch in y
  for (const auto& branch : branches()) {
    const auto own = branch.definitions(x);
    if (!own) return std::nullopt;
    const Index channels = own->shape().channels;
    for (Index i = 0; i < own->size(); ++i)
      y.data()[i / channels * output_.channels + first + i % channels] += own->data()[i];
    if (join() == Join::concatenate) first += channels;
  }
  return y;
}

template <std::floating_point Scalar>
void Parallel<Scalar>::refresh_lipschitz(int iterations, Workers* workers) {
  for (auto& branch : options_.branches) branch.refresh_lipschitz(iterations, workers);
}

template <std::floating_point Scalar>
Scalar Parallel<Scalar>::lipschitz(Workers* workers) const {
  double sum = 0;
  for (const Scalar estimate : detail::estimates_of<Scalar>(branches(), workers)) {
    const auto k = static_cast<double>(estimate);
    sum = join() == Join::sum ? sum + k : std::hypot(sum, k);
  }
  return static_cast<Scalar>(sum);
}

template <std::floating_point Scalar>
void Parallel<Scalar>::lipschitz_backward(Scalar g,
                                          std::span<GradientView<Scalar>> gradients) const {
  const auto whole = static_cast<double>(lipschitz());
  if (!(whole > 0)) return;
  std::size_t end = gradients.size();
  for (std::size_t b = branches().size(); b-- > 0;) {
    const auto own = detail::take_back(gradients, end, branches()[b]);
    const double share =
        join() == Join::sum ? 1 : static_cast<double>(branches()[b].lipschitz()) / whole;
    branches()[b].lipschitz_backward(static_cast<Scalar>(share * static_cast<double>(g)), own);
  }
}

template <std::floating_point Scalar>
bool Parallel<Scalar>::is_parametrized() const {
  return detail::any_is_parametrized<Scalar>(branches());
}

template <std::floating_point Scalar>
void Parallel<Scalar>::parametrization_backward(std::span<GradientView<Scalar>> gradients) const {
  detail::parametrization_backward_of<Scalar>(branches(), gradients);
}

template <std::floating_point Scalar>
Parallel<Scalar> Parallel<Scalar>::plain() const {
  Parallel other = *this;
  other.options_.branches = detail::plain_of<Scalar>(branches());
  return other;
}

template <std::floating_point Scalar>
double Parallel<Scalar>::lipschitz_upper_bound() const {
  return upper_bound_from(detail::upper_bounds_of<Scalar>(branches()));
}

template <std::floating_point Scalar>
double Parallel<Scalar>::upper_bound_from(std::span<const double> parts) const {
  using namespace rounding;
  if (parts.size() == 1) return parts.front();
  double sum = 0;
  for (const double k : parts) sum = add_up(sum, join() == Join::sum ? k : mul_up(k, k));
  return join() == Join::sum ? sum : sqrt_up(sum);
}

template <std::floating_point Scalar>
bool Parallel<Scalar>::has_quick_bound() const {
  return detail::any_has_quick_bound<Scalar>(branches());
}

template <std::floating_point Scalar>
RoundingBound Parallel<Scalar>::rounding() const {
  using namespace rounding;
  RoundingBound errors{}, squares{}, norms{};
  for (const auto& branch : branches()) {
    detail::Growth growth;
    growth.pass(branch, input_);
    const RoundingBound& e = growth.error;
    errors = errors + e;
    squares =
        squares + RoundingBound{mul_up(e.relative, e.relative), mul_up(e.absolute, e.absolute)};
    norms = norms + growth.norm;
  }
  if (join() == Join::sum)
    return errors +
           of_sums<Scalar>(static_cast<Index>(branches().size()), output_.size()).at(norms);
  return {sqrt_up(squares.relative), sqrt_up(squares.absolute)};  // Minkowski
}

template <std::floating_point Scalar>
Description Parallel<Scalar>::describe() const {
  return {type,
          {{"join", std::string(join() == Join::sum ? "sum" : "concatenate")},
           {"branches", detail::descriptions_of<Scalar>(branches())}}};
}

template <std::floating_point Scalar>
Parallel<Scalar> Parallel<Scalar>::from(DescribedOptions& options) {
  const bool sums = options.choice("join", {"sum", "concatenate"}, 0) == 0;
  return Parallel({.branches = options.layers<Scalar>("branches"),
                   .join = sums ? Join::sum : Join::concatenate});
}

template <std::floating_point Scalar>
template <std::floating_point Other>
Parallel<Other> Parallel<Scalar>::cast() const {
  Parallel<Other> other(
      {.branches = detail::cast_of<Other, Scalar>(branches()), .join = options_.join});
  other.input_ = input_;
  other.output_ = output_;
  other.outputs_ = outputs_;
  other.before_ = before_;
  return other;
}

template <std::floating_point Scalar>
Tensor<Scalar> Parallel<Scalar>::slope_of(std::size_t b, const Tensor<Scalar>& dy) const {
  if (join() == Join::sum) return dy;
  Tensor<Scalar> own(outputs_[b], dy.batch());
  detail::copy_channels(dy, before_[b], own, 0, outputs_[b].channels);
  return own;
}

#ifdef GLORO_COMPILING
template class Parallel<float>;
template class Parallel<double>;
GLORO_COMPOSITE_CASTS(Parallel)
GLORO_HELD_LAYER(, Parallel)
#endif

}  // namespace gloro
