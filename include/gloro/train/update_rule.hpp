// UpdateRule: how an optimizer turns a gradient into a step: Adam, Muon (train/rules/), or a rule of the
// user's own. A rule is a value: its constants, and a few functions of them.
//
//   struct Lion {  // Chen et al. 2023
//     double beta1 = 0.9, beta2 = 0.99;
//     std::vector<std::string> columns() const { return {"mean"}; }
//     double at(Index, double learning_rate) const { return learning_rate; }
//     template <typename Scalar>
//     void move(Slice<Scalar> w, ConstSlice<Scalar> g, RuleState<Scalar> state, double rate) const;
//     std::string text() const { return message("lion,beta1=", beta1, ",beta2=", beta2); }
//   };
#pragma once

#include <concepts>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "gloro/core/compiled.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/parameter.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/parallel/workers.hpp"

namespace gloro {

/// A few of a parameter's values, of their gradients, or of a column of a rule's state.
template <std::floating_point Scalar>
using Slice = Eigen::Map<Eigen::Array<Scalar, Eigen::Dynamic, 1>>;
template <std::floating_point Scalar>
using ConstSlice = Eigen::Map<const Eigen::Array<Scalar, Eigen::Dynamic, 1>>;

/// A whole parameter, and its gradient.
template <std::floating_point Scalar>
using WeightMatrix = Eigen::Map<Matrix<Scalar>>;
template <std::floating_point Scalar>
using ConstWeightMatrix = Eigen::Map<const Matrix<Scalar>>;

/// What a rule remembers of the values that it moves: state[c] is theirs of the c-th of its columns().
template <std::floating_point Scalar>
class RuleState {
 public:
  RuleState(Parameter<Scalar>* columns, Index first, Index size)
      : columns_(columns), first_(first), size_(size) {}
  [[nodiscard]] Slice<Scalar> operator[](std::size_t column) const {
    return {columns_[column].value.data() + first_, size_};
  }

 private:
  Parameter<Scalar>* columns_;
  Index first_, size_;
};

/// Any rule. It has
///  - `columns()`, the names of what it remembers of each value, zero at first;
///  - `at(t, learning_rate)`, the factors of step t, from 1, in double: once a step. A rule whose
///    factors follow from those of the step before takes them as a third argument;
///  - `move(w, g, state, factors)`, which moves values against their gradients, any number of them at
///    once and each by itself, from several threads;
///  - `text()`, by which two runs are told apart: its name and all constants, in full;
///  - perhaps `check()`, which throws ArgumentError if a constant lies outside its range;
///  - perhaps one `move_matrix(w, g, state, factors, workers)`, for a weight matrix (Parameter::decays) as a
///    whole, column-major as all are. Then `move` is asked to move the rest. The same bits for any number
///    of workers.
template <std::floating_point Scalar>
class UpdateRule {
 public:
  template <typename Own>
  requires(!std::same_as<Own, UpdateRule>) UpdateRule(Own rule) {
    static_assert(
        requires { std::vector<std::string>(rule.columns()); },
        "an optimizer's rule has columns(), the names of what it remembers");
    static_assert(
        requires { std::string(rule.text()); },
        "an optimizer's rule has text(), its name and all its constants");
    static_assert(
        is_stepwise<Own> || is_folded<Own>,
        "an optimizer's rule has at(Index step, double learning_rate), the step's factors");
    if constexpr (is_stepwise<Own> || is_folded<Own>) {
      constexpr bool moves = requires(const Own& own, Slice<Scalar> w, ConstSlice<Scalar> g,
                                      RuleState<Scalar> state, const Factors<Own>& factors) {
        own.move(w, g, state, factors);
      };
      static_assert(moves,
                    "an optimizer's rule has move(Slice<Scalar> w, ConstSlice<Scalar> g, "
                    "RuleState<Scalar> state, factors as at() gives them)");
      static_assert(has_matrix_form<Own> || !names_matrix_form<Own>,
                    "an optimizer's rule may have move_matrix(WeightMatrix<Scalar> w, "
                    "ConstWeightMatrix<Scalar> g, RuleState<Scalar> state, factors as at() gives "
                    "them, Workers& workers), and has another one");
      if constexpr (moves) self_ = std::make_unique<Holder<Own>>(std::move(rule));
    }
  }
  UpdateRule(const UpdateRule& other) : self_(other.self_->copy()) {}
  UpdateRule(UpdateRule&&) noexcept = default;
  UpdateRule& operator=(UpdateRule other) noexcept {
    self_ = std::move(other.self_);
    return *this;
  }

  [[nodiscard]] std::vector<std::string> columns() const { return self_->columns(); }
  [[nodiscard]] std::string text() const { return self_->text(); }
  void check() const { self_->check(); }
  /// Prepares step t, from 1, each after the one before.
  void begin(Index t, double learning_rate) { self_->begin(t, learning_rate); }
  /// Step t was the last, whatever has been prepared so far.
  void resume(Index t) { self_->resume(t); }
  void move(Slice<Scalar> w, ConstSlice<Scalar> g, RuleState<Scalar> state) const {
    self_->move(w, g, state);
  }
  /// Whether it moves weight matrices by move_matrix.
  [[nodiscard]] bool moves_matrices() const { return self_->moves_matrices(); }
  void move_matrix(WeightMatrix<Scalar> w, ConstWeightMatrix<Scalar> g, RuleState<Scalar> state,
                   Workers& workers) const {
    self_->move_matrix(w, g, state, workers);
  }

 private:
  template <typename Own>
  static constexpr bool is_stepwise = requires(const Own& own) {
    own.at(Index{1}, 1.0);
  };
  template <typename Own>
  static constexpr bool is_folded = requires(const Own& own) {
    own.at(Index{1}, 1.0, {});
  };

  template <typename Own>
  static auto first_factors(const Own& own) {
    if constexpr (is_folded<Own>)
      return own.at(Index{1}, 1.0, {});
    else
      return own.at(Index{1}, 1.0);
  }
  template <typename Own>
  using Factors = decltype(first_factors(std::declval<const Own&>()));

  template <typename Own>
  static constexpr bool has_matrix_form = requires(const Own& own, WeightMatrix<Scalar> w,
                                                   ConstWeightMatrix<Scalar> g,
                                                   RuleState<Scalar> state,
                                                   const Factors<Own>& factors, Workers& workers) {
    own.move_matrix(w, g, state, factors, workers);
  };
  template <typename Own>
  static constexpr bool names_matrix_form = requires {
    &Own::move_matrix;
  }
  || requires { &Own::template move_matrix<Scalar>; };

  struct Interface {
    virtual ~Interface() = default;
    [[nodiscard]] virtual std::unique_ptr<Interface> copy() const = 0;
    [[nodiscard]] virtual std::vector<std::string> columns() const = 0;
    [[nodiscard]] virtual std::string text() const = 0;
    virtual void check() const = 0;
    virtual void begin(Index t, double learning_rate) = 0;
    virtual void resume(Index t) = 0;
    virtual void move(Slice<Scalar> w, ConstSlice<Scalar> g, RuleState<Scalar> state) const = 0;
    [[nodiscard]] virtual bool moves_matrices() const = 0;
    virtual void move_matrix(WeightMatrix<Scalar> w, ConstWeightMatrix<Scalar> g,
                             RuleState<Scalar> state, Workers& workers) const = 0;
  };

  template <typename Own>
  struct Holder final : Interface {
    explicit Holder(Own rule) : own(std::move(rule)) {}
    std::unique_ptr<Interface> copy() const override { return std::make_unique<Holder>(*this); }
    std::vector<std::string> columns() const override { return own.columns(); }
    std::string text() const override { return own.text(); }
    void check() const override {
      if constexpr (requires { own.check(); }) own.check();
    }
    void begin(Index t, double learning_rate) override {
      if constexpr (is_folded<Own>)
        factors = own.at(t, learning_rate, factors);
      else
        factors = own.at(t, learning_rate);
    }
    void resume(Index t) override {
      factors = {};
      if constexpr (is_folded<Own>)
        for (Index step = 1; step <= t; ++step) factors = own.at(step, 0, factors);
    }
    void move(Slice<Scalar> w, ConstSlice<Scalar> g, RuleState<Scalar> state) const override {
      own.move(w, g, state, factors);
    }
    [[nodiscard]] bool moves_matrices() const override { return has_matrix_form<Own>; }
    void move_matrix(WeightMatrix<Scalar> w, ConstWeightMatrix<Scalar> g, RuleState<Scalar> state,
                     Workers& workers) const override {
      if constexpr (has_matrix_form<Own>) own.move_matrix(w, g, state, factors, workers);
    }

    Own own;
    Factors<Own> factors = {};
  };

  std::unique_ptr<Interface> self_;
};

/// Throws ArgumentError unless 0 <= value < 1. `what`: "adam: beta1".
GLORO_INLINE void require_share(const std::string& what, double value);

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/train/update_rule.ipp"
#endif
