// Losses by the names of the original package's command line.
#pragma once

#include <concepts>
#include <optional>
#include <string_view>

#include "gloro/loss/loss.hpp"

namespace gloro {

/// crossentropy, trades_kl[.LAMBDA], trades_ce[.LAMBDA], emma, lipschitz_margin,
/// cll[.SLACK[,DECAY]] (CalibratedMargin; cll_held with its constants held), hkr[.ALPHA[,MARGIN]]
/// (HingeKantorovichRubinstein) and standard_crossentropy for a network without a bottom; a prefix `sparse_` is allowed and means
/// nothing here. The weight is inside the loss: TrainerOptions::lambda_factor multiplies it. Throws
/// ArgumentError for other names.
template <std::floating_point Scalar>
[[nodiscard]] Loss<Scalar> read_loss(std::string_view text);

/// A loss whose weight a schedule moves, as the original's command line has it: lambda_factor is the weight itself.
template <std::floating_point Scalar>
struct ScheduledLoss {
  Loss<Scalar> loss;  ///< with a weight of 1
  /// That of the words, the schedule's base; none: the loss has no weight.
  std::optional<double> weight;
};

/// The same words.
template <std::floating_point Scalar>
[[nodiscard]] ScheduledLoss<Scalar> read_scheduled_loss(std::string_view text);

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/wording/loss.ipp"
#endif
