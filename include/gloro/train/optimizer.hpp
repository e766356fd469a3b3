// Optimizer: moves parameters by a rule (train/update_rule.hpp), and does what is the same for every
// rule: decoupled weight decay (Loshchilov and Hutter, 2019), Lookahead, the state that a rule keeps, the
// pieces that threads share out, the segments of processes.
#pragma once

#include <concepts>
#include <span>
#include <vector>

#include "gloro/core/parameter.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/parallel/detail/segments.hpp"
#include "gloro/parallel/processes.hpp"
#include "gloro/parallel/workers.hpp"
#include "gloro/train/rules/adam.hpp"
#include "gloro/train/update_rule.hpp"

namespace gloro {

/// Slow weights that go part of the way of every few fast steps (Zhang et al., 2019).
struct Lookahead {
  int steps = 0;      ///< fast steps for each slow one; 0 is off
  double rate = 0.5;  ///< how far a slow step goes towards the fast weights, in (0, 1]
};

/// Scales the gradients down to 2-norm `max_norm` if theirs is larger (Pascanu, Mikolov and Bengio,
/// 2013), and returns the norm they had, summed in double in a fixed order. The `extra` values are
/// neither counted nor scaled. Gradients whose norm is not finite are left as they are: the caller
/// sees it from the result.
template <std::floating_point Scalar>
double clip_norm(Gradients<Scalar>& gradients, double max_norm);

/// Moves parameters against their gradients. A value: it holds its state and rule, not the
/// parameters, and a copy goes on by itself.
template <std::floating_point Scalar>
class Optimizer {
 public:
  /// For parameters of these extents, in this order. `weight_decay` is the share that a parameter which
  /// decays (Parameter::decays) loses per step and unit of learning rate, >= 0. Throws ArgumentError if
  /// an option is out of range.
  Optimizer(UpdateRule<Scalar> rule, std::span<Parameter<Scalar>* const> parameters,
            double weight_decay = 0, Lookahead lookahead = {});

  /// Throws ArgumentError if one of them is out of range.
  static void check(const UpdateRule<Scalar>& rule, double weight_decay, Lookahead lookahead);

  /// One step, number steps() + 1. `parameters` are those of the constructor; the gradients of one
  /// batch stand in the same order. Every element is computed by itself, in pieces cut the same way
  /// for any number of threads. Throws ArgumentError if the extents differ from the constructor's.
  void step(std::span<Parameter<Scalar>* const> parameters, const Gradients<Scalar>& gradients,
            double learning_rate, Workers& workers);

  /// The same for the values of one segment, all parameters laid end to end (Segments), and for all of the
  /// matrices that the rule moves whole, whose gradients must be there.
  void step(std::span<Parameter<Scalar>* const> parameters, const Gradients<Scalar>& gradients,
            double learning_rate, Workers& workers, Processes::Share segment);

  /// Whether the rule moves weight matrices whole: then a step needs all gradients, of every segment.
  [[nodiscard]] bool moves_matrices() const { return !matrices_.empty(); }

  /// Steps taken so far.
  [[nodiscard]] Index steps() const { return steps_; }

  /// What a checkpoint keeps beside steps(): named columns as long as all parameters together.
  [[nodiscard]] std::vector<Parameter<Scalar>*> state();
  [[nodiscard]] std::vector<const Parameter<Scalar>*> state() const;

  /// Continues after `steps` steps, once state() has been filled from a checkpoint: the next step
  /// gives the same bits as without the interruption.
  void resume(Index steps);

 private:
  /// What happens to all values of a step besides the rule.
  struct Around {
    Scalar keep;  // what weight decay leaves
    bool is_first, is_slow;
  };

  [[nodiscard]] Around around_step(double learning_rate) const;

  /// `move(state)` moves the piece's values, which stand at `values`, by the rule.
  template <typename Move>
  void update_piece(const Piece& piece, Scalar* values, const Around& around, Move&& move);

  void update_matrix(const Piece& piece, Parameter<Scalar>& parameter, const Scalar* gradient,
                     const Around& around, Workers& workers);

  void check_extents(std::span<Parameter<Scalar>* const> parameters,
                     const Gradients<Scalar>& gradients) const;

  UpdateRule<Scalar> rule_;
  double weight_decay_;
  Lookahead lookahead_;
  std::vector<Index> sizes_;
  std::vector<Piece> pieces_;    // of what moves value by value
  std::vector<Piece> matrices_;  // of what moves whole, each a piece
  std::vector<char> decays_;     // by parameter
  std::vector<Parameter<Scalar>> state_;
  Index steps_ = 0;
};

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/train/optimizer.ipp"
#endif
