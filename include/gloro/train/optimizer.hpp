// Optimizer: Adam (Kingma and Ba, 2015), NAdam (Dozat, 2016) and SGD with momentum, each if wanted
// with decoupled weight decay (Loshchilov and Hutter, 2019) and Lookahead (Zhang et al., 2019).
// The formulas and defaults are those of Keras, in which the published GloRo Nets were trained.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/core/parameter.hpp"
#include "gloro/parallel/processes.hpp"
#include "gloro/parallel/segments.hpp"
#include "gloro/parallel/workers.hpp"

namespace gloro {

/// Which rule moves the parameters, and its constants. The learning rate comes with each step.
struct OptimizerOptions {
  enum class Rule { adam, nadam, sgd };

  Rule rule = Rule::adam;
  double beta1 = 0.9;           ///< decay of the mean of the gradients (Adam, NAdam), in [0, 1)
  double beta2 = 0.999;         ///< decay of the mean of their squares (Adam, NAdam), in [0, 1)
  double epsilon = 1e-7;        ///< added to the root (Adam, NAdam), > 0; Keras' default
  double momentum = 0;          ///< SGD, in [0, 1)
  bool is_nesterov = false;     ///< SGD: look ahead along the velocity (Nesterov, 1983)
  double weight_decay = 0;      ///< share of a weight lost per step and unit of learning rate, >= 0
  int lookahead_steps = 0;      ///< fast steps for each slow one; 0 is off
  double lookahead_rate = 0.5;  ///< how far a slow step goes towards the fast weights, in (0, 1]

  /// All of it, the numbers in full: two runs are told apart by it. It does not compile without a
  /// member that is added here.
  [[nodiscard]] std::string text() const {
    const auto& [kind, first, second, root, inertia, nesterov, decay, fast, slow] = *this;
    constexpr std::array names{"adam", "nadam", "sgd"};
    return message(names[static_cast<std::size_t>(kind)], ", beta1 ", first, ", beta2 ", second,
                   ", epsilon ", root, ", momentum ", inertia, nesterov ? ", nesterov" : "",
                   ", weight decay ", decay, ", lookahead ", fast, " at ", slow);
  }

  /// Throws ArgumentError if a constant lies outside its range.
  void check() const {
    const auto require = [](bool holds, const char* what, double value) {
      if (!holds) throw ArgumentError(message("optimizer: ", what, ", got ", value));
    };
    require(beta1 >= 0 && beta1 < 1, "beta1 must lie in [0, 1)", beta1);
    require(beta2 >= 0 && beta2 < 1, "beta2 must lie in [0, 1)", beta2);
    require(epsilon > 0 && epsilon < 1, "epsilon must lie in (0, 1)", epsilon);
    require(momentum >= 0 && momentum < 1, "momentum must lie in [0, 1)", momentum);
    require(weight_decay >= 0 && std::isfinite(weight_decay), "weight_decay must be >= 0",
            weight_decay);
    require(lookahead_steps >= 0, "lookahead_steps must be >= 0", lookahead_steps);
    require(lookahead_rate > 0 && lookahead_rate <= 1, "lookahead_rate must lie in (0, 1]",
            lookahead_rate);
  }
};

/// Scales the gradients down to 2-norm `max_norm` if theirs is larger (Pascanu, Mikolov and Bengio,
/// 2013), and returns the norm they had, summed in double in a fixed order. The `extra` values are
/// neither counted nor scaled. Gradients whose norm is not finite are left as they are: the caller
/// sees it from the result.
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

/// Moves parameters against their gradients. A value: it holds its state and options, not the
/// parameters, and a copy goes on by itself.
template <std::floating_point Scalar>
class Optimizer {
 public:
  /// For parameters of these names and extents, in this order. Weight decay applies to those whose
  /// name is or ends with "weight". Throws ArgumentError if an option is out of range.
  Optimizer(const OptimizerOptions& options, std::span<Parameter<Scalar>* const> parameters)
      : options_(options) {
    options_.check();
    sizes_ = sizes_of(parameters);
    pieces_ = pieces_of(sizes_);
    for (const auto* parameter : parameters)
      decays_.push_back(std::string_view(parameter->name).ends_with("weight"));
    const Index size = std::accumulate(sizes_.begin(), sizes_.end(), Index{0});
    const auto add = [&](const char* name) {
      state_.push_back({name, Matrix<Scalar>::Zero(size, 1)});
    };
    if (options_.rule != Rule::sgd) {
      add("mean");
      add("square");
    } else if (options_.momentum > 0) {
      add("velocity");
    }
    if (options_.lookahead_steps > 0) add("slow");
  }

  /// One step, number steps() + 1. `parameters` are those of the constructor; the gradients of one
  /// batch stand in the same order. Every element is computed by itself, in pieces cut the same way
  /// for any number of threads. Throws ArgumentError if the extents differ from the constructor's.
  void step(std::span<Parameter<Scalar>* const> parameters, const Gradients<Scalar>& gradients,
            double learning_rate, Workers& workers) {
    step(parameters, gradients, learning_rate, workers, {0, gradients.size()});
  }

  /// The same for the values of one segment, all parameters laid end to end (Segments).
  void step(std::span<Parameter<Scalar>* const> parameters, const Gradients<Scalar>& gradients,
            double learning_rate, Workers& workers, Processes::Share segment) {
    check_extents(parameters, gradients);
    const Rates rates = next_rates(learning_rate);
    const auto update = [&](Index i) {
      const Piece& piece = pieces_[static_cast<std::size_t>(i)];
      if (piece.flat < segment.first || piece.flat >= segment.end) return;
      update_piece(piece, parameters[piece.array]->value.data() + piece.begin,
                   gradients.flat().data() + piece.flat, rates);
    };
    workers.for_each(static_cast<Index>(pieces_.size()), std::cref(update));
    ++steps_;
  }

  [[nodiscard]] const OptimizerOptions& options() const { return options_; }

  /// Steps taken so far.
  [[nodiscard]] Index steps() const { return steps_; }

  /// What a checkpoint keeps beside steps(): named columns as long as all parameters together.
  [[nodiscard]] std::vector<Parameter<Scalar>*> state() {
    std::vector<Parameter<Scalar>*> result;
    for (auto& column : state_) result.push_back(&column);
    return result;
  }
  [[nodiscard]] std::vector<const Parameter<Scalar>*> state() const {
    std::vector<const Parameter<Scalar>*> result;
    for (const auto& column : state_) result.push_back(&column);
    return result;
  }

  /// Continues after `steps` steps, once state() has been filled from a checkpoint: the next step
  /// gives the same bits as without the interruption.
  void resume(Index steps) {
    if (steps < 0) throw ArgumentError(message("optimizer steps must be >= 0, got ", steps));
    momentum_product_ = 1;
    for (Index t = 1; t <= steps; ++t) momentum_product_ *= scheduled_momentum(t);
    steps_ = steps;
  }

 private:
  using Rule = OptimizerOptions::Rule;
  using Slice = Eigen::Map<Eigen::Array<Scalar, Eigen::Dynamic, 1>>;
  using ConstSlice = Eigen::Map<const Eigen::Array<Scalar, Eigen::Dynamic, 1>>;

  /// Factors that are the same for all elements of a step.
  struct Rates {
    Scalar rate;            // learning rate
    Scalar keep;            // what weight decay leaves
    Scalar mean, gradient;  // of the mean and the gradient in the numerator (Adam, NAdam)
    Scalar root;            // of the root in the denominator (NAdam)
    bool is_first, is_slow;
  };

  /// NAdam's momentum at step t warms up: beta1 (1 - 0.96^(t / 250) / 2) (Dozat, 2016; Keras).
  [[nodiscard]] double scheduled_momentum(Index t) const {
    return options_.beta1 * (1 - 0.5 * std::pow(0.96, 0.004 * static_cast<double>(t)));
  }

  /// Adam's corrections of its means' start at zero, folded into factors as in section 2 of the
  /// paper: epsilon is added to the uncorrected root. NAdam adds it to the corrected one (Keras).
  [[nodiscard]] Rates next_rates(double learning_rate) {
    const auto t = static_cast<double>(steps_ + 1);
    const double square_correction = 1 - std::pow(options_.beta2, t);
    double mean = 0, gradient = 0, root = 1;
    if (options_.rule == Rule::adam) {
      mean = std::sqrt(square_correction) / (1 - std::pow(options_.beta1, t));
    } else if (options_.rule == Rule::nadam) {
      const double now = scheduled_momentum(steps_ + 1), next = scheduled_momentum(steps_ + 2);
      momentum_product_ *= now;
      mean = next / (1 - momentum_product_ * next);
      gradient = (1 - now) / (1 - momentum_product_);
      root = 1 / std::sqrt(square_correction);
    }
    const int period = options_.lookahead_steps;
    return {.rate = static_cast<Scalar>(learning_rate),
            .keep = static_cast<Scalar>(1 - learning_rate * options_.weight_decay),
            .mean = static_cast<Scalar>(learning_rate * mean),
            .gradient = static_cast<Scalar>(learning_rate * gradient),
            .root = static_cast<Scalar>(root),
            .is_first = steps_ == 0,
            .is_slow = period > 0 && (steps_ + 1) % period == 0};
  }

  [[nodiscard]] Slice slice(std::size_t column, const Piece& piece) {
    return {state_[column].value.data() + piece.flat, piece.size};
  }

  void update_piece(const Piece& piece, Scalar* values, const Scalar* gradient,
                    const Rates& rates) {
    Slice w(values, piece.size);
    const ConstSlice g(gradient, piece.size);
    if (options_.lookahead_steps > 0 && rates.is_first) slice(state_.size() - 1, piece) = w;
    if (options_.weight_decay > 0 && decays_[piece.array]) w *= rates.keep;
    if (options_.rule == Rule::sgd) {
      update_sgd(piece, w, g, rates);
    } else {
      const auto beta1 = static_cast<Scalar>(options_.beta1);
      const auto beta2 = static_cast<Scalar>(options_.beta2);
      const auto epsilon = static_cast<Scalar>(options_.epsilon);
      Slice mean = slice(0, piece), square = slice(1, piece);
      mean = beta1 * mean + static_cast<Scalar>(1 - options_.beta1) * g;
      square = beta2 * square + static_cast<Scalar>(1 - options_.beta2) * g.square();
      // Eigen's float square root is an estimate that differs between makes of processor: not here.
      const auto root = square.unaryExpr([](Scalar value) { return std::sqrt(value); });
      if (options_.rule == Rule::adam)
        w -= rates.mean * mean / (root + epsilon);
      else
        w -= (rates.mean * mean + rates.gradient * g) / (rates.root * root + epsilon);
    }
    if (rates.is_slow) {
      Slice slow = slice(state_.size() - 1, piece);
      slow += static_cast<Scalar>(options_.lookahead_rate) * (w - slow);
      w = slow;
    }
  }

  void update_sgd(const Piece& piece, Slice& w, const ConstSlice& g, const Rates& rates) {
    if (options_.momentum == 0) {
      w -= rates.rate * g;
      return;
    }
    const auto momentum = static_cast<Scalar>(options_.momentum);
    Slice velocity = slice(0, piece);
    velocity = momentum * velocity - rates.rate * g;
    if (options_.is_nesterov)
      w += momentum * velocity - rates.rate * g;
    else
      w += velocity;
  }

  void check_extents(std::span<Parameter<Scalar>* const> parameters,
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

  OptimizerOptions options_;
  std::vector<Index> sizes_;
  std::vector<Piece> pieces_;
  std::vector<char> decays_;  // by parameter
  std::vector<Parameter<Scalar>> state_;
  Index steps_ = 0;
  double momentum_product_ = 1;  // of NAdam's momenta so far: follows from steps_
};

}  // namespace gloro
