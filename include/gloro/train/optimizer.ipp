// The bodies of optimizer.hpp.
#pragma once

#include "gloro/train/optimizer.hpp"

#include <cmath>
#include <concepts>
#include <cstddef>
#include <functional>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "gloro/core/error.hpp"

namespace gloro {

template <std::floating_point Scalar>
double clip_norm(Gradients<Scalar>& gradients, double max_norm) {
  if (!(max_norm > 0)) throw ArgumentError(message("max_norm must be > 0, got ", max_norm));
  double sum = 0;
  for (const auto& view : gradients.views())
    for (Index i = 0; i < view.size(); ++i) {
      const auto value = static_cast<double>(view.data()[i]);
      sum += value * value;
    }
  const double norm = std::sqrt(sum);
  if (std::isfinite(norm) && norm > max_norm)
    for (auto& view : gradients.views()) view *= static_cast<Scalar>(max_norm / norm);
  return norm;
}

template <std::floating_point Scalar>
Optimizer<Scalar>::Optimizer(UpdateRule<Scalar> rule,
                             std::span<Parameter<Scalar>* const> parameters, double weight_decay,
                             Lookahead lookahead)
    : rule_(std::move(rule)), weight_decay_(weight_decay), lookahead_(lookahead) {
  check(rule_, weight_decay_, lookahead_);
  sizes_ = sizes_of(parameters);
  pieces_ = pieces_of(sizes_);
  for (const auto* parameter : parameters) decays_.push_back(parameter->decays);
  if (rule_.moves_matrices()) {
    std::erase_if(pieces_, [this](const Piece& piece) { return decays_[piece.array]; });
    Index flat = 0;
    for (std::size_t i = 0; i < sizes_.size(); flat += sizes_[i++])
      if (decays_[i] && sizes_[i] > 0)
        matrices_.push_back({.array = i, .begin = 0, .flat = flat, .size = sizes_[i]});
  }
  const Index size = std::accumulate(sizes_.begin(), sizes_.end(), Index{0});
  std::vector<std::string> names = rule_.columns();
  if (lookahead_.steps > 0) names.push_back("slow");
  for (std::string& name : names)
    state_.push_back({std::move(name), Matrix<Scalar>::Zero(size, 1)});
}

template <std::floating_point Scalar>
void Optimizer<Scalar>::check(const UpdateRule<Scalar>& rule, double weight_decay,
                              Lookahead lookahead) {
  const auto require = [](bool holds, const char* what, double value) {
    if (!holds) throw ArgumentError(message("optimizer: ", what, ", got ", value));
  };
  rule.check();
  require(weight_decay >= 0 && std::isfinite(weight_decay), "weight_decay must be >= 0",
          weight_decay);
  require(lookahead.steps >= 0, "lookahead.steps must be >= 0", lookahead.steps);
  require(lookahead.rate > 0 && lookahead.rate <= 1, "lookahead.rate must lie in (0, 1]",
          lookahead.rate);
}

template <std::floating_point Scalar>
void Optimizer<Scalar>::step(std::span<Parameter<Scalar>* const> parameters,
                             const Gradients<Scalar>& gradients, double learning_rate,
                             Workers& workers) {
  step(parameters, gradients, learning_rate, workers, {0, gradients.size()});
}

template <std::floating_point Scalar>
void Optimizer<Scalar>::step(std::span<Parameter<Scalar>* const> parameters,
                             const Gradients<Scalar>& gradients, double learning_rate,
                             Workers& workers, Processes::Share segment) {
  check_extents(parameters, gradients);
  rule_.begin(steps_ + 1, learning_rate);
  const Around around = around_step(learning_rate);
  const Scalar* all = gradients.flat().data();
  const auto update = [&](Index i) {
    const Piece& piece = pieces_[static_cast<std::size_t>(i)];
    if (piece.flat < segment.first || piece.flat >= segment.end) return;
    update_piece(piece, parameters[piece.array]->value.data() + piece.begin, around,
                 [&](Slice<Scalar> w, RuleState<Scalar> state) {
                   rule_.move(w, ConstSlice<Scalar>(all + piece.flat, piece.size), state);
                 });
  };
  workers.for_each(static_cast<Index>(pieces_.size()), std::cref(update));
  // A large matrix is shared out below itself; small ones go side by side, each on one thread.
  constexpr Index large = Index{1} << 18;
  const auto update_whole = [&](Index i) {
    const Piece& piece = matrices_[static_cast<std::size_t>(i)];
    update_matrix(piece, *parameters[piece.array], all + piece.flat, around, workers);
  };
  const auto update_small = [&](Index i) {
    if (matrices_[static_cast<std::size_t>(i)].size < large) update_whole(i);
  };
  const auto count = static_cast<Index>(matrices_.size());
  for (Index i = 0; i < count; ++i)
    if (matrices_[static_cast<std::size_t>(i)].size >= large) update_whole(i);
  workers.for_each(count, std::cref(update_small));
  ++steps_;
}

template <std::floating_point Scalar>
std::vector<Parameter<Scalar>*> Optimizer<Scalar>::state() {
  std::vector<Parameter<Scalar>*> result;
  for (auto& column : state_) result.push_back(&column);
  return result;
}

template <std::floating_point Scalar>
std::vector<const Parameter<Scalar>*> Optimizer<Scalar>::state() const {
  std::vector<const Parameter<Scalar>*> result;
  for (const auto& column : state_) result.push_back(&column);
  return result;
}

template <std::floating_point Scalar>
void Optimizer<Scalar>::resume(Index steps) {
  if (steps < 0) throw ArgumentError(message("optimizer steps must be >= 0, got ", steps));
  rule_.resume(steps);
  steps_ = steps;
}

template <std::floating_point Scalar>
typename Optimizer<Scalar>::Around Optimizer<Scalar>::around_step(double learning_rate) const {
  const int period = lookahead_.steps;
  return {.keep = static_cast<Scalar>(1 - learning_rate * weight_decay_),
          .is_first = steps_ == 0,
          .is_slow = period > 0 && (steps_ + 1) % period == 0};
}

template <std::floating_point Scalar>
template <typename Move>
void Optimizer<Scalar>::update_piece(const Piece& piece, Scalar* values, const Around& around,
                                     Move&& move) {
  Slice<Scalar> w(values, piece.size);
  const RuleState<Scalar> state(state_.data(), piece.flat, piece.size);
  if (lookahead_.steps > 0 && around.is_first) state[state_.size() - 1] = w;
  if (weight_decay_ > 0 && decays_[piece.array]) w *= around.keep;
  move(w, state);
  if (around.is_slow) {
    Slice<Scalar> slow = state[state_.size() - 1];
    slow += static_cast<Scalar>(lookahead_.rate) * (w - slow);
    w = slow;
  }
}

template <std::floating_point Scalar>
void Optimizer<Scalar>::update_matrix(const Piece& piece, Parameter<Scalar>& parameter,
                                      const Scalar* gradient, const Around& around,
                                      Workers& workers) {
  const Index rows = parameter.value.rows(), cols = parameter.value.cols();
  update_piece(piece, parameter.value.data(), around,
               [&](Slice<Scalar> w, RuleState<Scalar> state) {
                 rule_.move_matrix(WeightMatrix<Scalar>(w.data(), rows, cols),
                                   ConstWeightMatrix<Scalar>(gradient, rows, cols), state, workers);
               });
}

template <std::floating_point Scalar>
void Optimizer<Scalar>::check_extents(std::span<Parameter<Scalar>* const> parameters,
                                      const Gradients<Scalar>& gradients) const {
  const auto views = gradients.views();
  if (parameters.size() != sizes_.size() || views.size() != sizes_.size())
    throw ArgumentError(message("optimizer was made for ", sizes_.size(), " parameters, got ",
                                parameters.size(), " with ", views.size(), " gradients"));
  for (std::size_t i = 0; i < sizes_.size(); ++i)
    if (parameters[i]->value.size() != sizes_[i] || views[i].size() != sizes_[i])
      throw ArgumentError(message("optimizer was made for a parameter ", parameters[i]->name,
                                  " of ", sizes_[i], " values, got ", parameters[i]->value.size(),
                                  " with ", views[i].size(), " gradients"));
}

#ifdef GLORO_COMPILING
template double clip_norm<float>(Gradients<float>&, double);
template double clip_norm<double>(Gradients<double>&, double);
template class Optimizer<float>;
template class Optimizer<double>;
#endif

}  // namespace gloro
