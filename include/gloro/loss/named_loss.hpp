// Losses by the names of the original package's command line.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gloro/core/error.hpp"
#include "gloro/core/number.hpp"
#include "gloro/loss/calibrated_margin.hpp"
#include "gloro/loss/cross_entropy.hpp"
#include "gloro/loss/loss.hpp"
#include "gloro/loss/emma.hpp"
#include "gloro/loss/lipschitz_margin.hpp"
#include "gloro/loss/trades.hpp"

namespace gloro {

/// A loss and the weight of its robust term, which a schedule may move: pass `lambda` (or a schedule
/// times it) as TrainerOptions::lambda_factor.
template <std::floating_point Scalar>
struct NamedLoss {
  Loss<Scalar> loss;
  double lambda = 1;  ///< 1 for losses without such a weight
};

namespace detail {

/// Takes `mark` and a number >= 0 from the front of `text`; false if they are not there.
[[nodiscard]] inline bool take_marked(std::string_view& text, char mark, double& value) {
  if (!text.starts_with(mark)) return false;
  text.remove_prefix(1);
  const std::optional<double> number = take_number(text);
  value = number.value_or(-1);
  return value >= 0;
}

}  // namespace detail

/// crossentropy, trades_kl[.LAMBDA], trades_ce[.LAMBDA], emma, lipschitz_margin,
/// cll[.SLACK[,DECAY]] (CalibratedMargin; cll_held with its constants held), and
/// standard_crossentropy for a network without a bottom; a prefix `sparse_` is allowed and means
/// nothing here. Throws ArgumentError for other names.
template <std::floating_point Scalar>
[[nodiscard]] NamedLoss<Scalar> named_loss(std::string_view name) {
  const auto refuse = [&] {
    throw ArgumentError(message("unknown loss '", name,
                                "': expected crossentropy, trades_kl[.LAMBDA], trades_ce[.LAMBDA], "
                                "emma, lipschitz_margin, cll[.SLACK[,DECAY]], "
                                "cll_held[.SLACK[,DECAY]] or standard_crossentropy"));
  };
  std::string_view rest = name;
  if (rest.starts_with("sparse_")) rest.remove_prefix(7);
  if (rest == "crossentropy") return {CrossEntropy{}};
  if (rest == "standard_crossentropy") return {StandardCrossEntropy{}};
  if (rest == "emma") return {Emma{}};
  if (rest == "lipschitz_margin") return {LipschitzMargin{}};

  double lambda = 1;
  if (rest.starts_with("cll")) {
    CalibratedMargin calibrated;
    rest.remove_prefix(3);
    calibrated.holds_constants = rest.starts_with("_held");
    if (calibrated.holds_constants) rest.remove_prefix(5);
    if (rest.empty()) return {calibrated};
    if (!detail::take_marked(rest, '.', calibrated.slack) ||
        !(calibrated.slack > 0 && calibrated.slack < 1))
      refuse();
    if (rest.empty()) return {calibrated};
    if (!detail::take_marked(rest, ',', lambda) || !rest.empty()) refuse();
    calibrated.decay = 1;
    return {calibrated, lambda};
  }

  Trades trades{.lambda = 1};
  if (rest.starts_with("trades_kl"))
    trades.divergence = Divergence::kl;
  else if (rest.starts_with("trades_ce"))
    trades.divergence = Divergence::cross_entropy;
  else
    refuse();
  rest.remove_prefix(9);
  if (rest.empty()) return {trades};
  if (!detail::take_marked(rest, '.', lambda) || !rest.empty()) refuse();
  return {trades, lambda};
}

}  // namespace gloro
