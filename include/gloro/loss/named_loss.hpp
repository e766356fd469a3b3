// Losses by the names of the original package's command line.
#pragma once

#include <cmath>
#include <locale>
#include <sstream>
#include <string>
#include <string_view>

#include "gloro/loss/cross_entropy.hpp"
#include "gloro/loss/loss.hpp"
#include "gloro/loss/raised_rivals.hpp"
#include "gloro/loss/trades.hpp"

namespace gloro {

/// A loss and the weight of its robust term, which a schedule may move: pass `lambda` (or a schedule
/// times it) as TrainerOptions::lambda_factor.
template <std::floating_point Scalar>
struct NamedLoss {
  Loss<Scalar> loss;
  double lambda = 1;  ///< 1 for losses without such a weight
};

/// crossentropy, trades_kl[.LAMBDA], trades_ce[.LAMBDA], emma, lipschitz_margin, and
/// standard_crossentropy for a network without a bottom; a prefix `sparse_` is allowed and means
/// nothing here. Throws ArgumentError for other names.
template <std::floating_point Scalar>
[[nodiscard]] NamedLoss<Scalar> named_loss(std::string_view name) {
  const auto refuse = [&] {
    throw ArgumentError(message("unknown loss '", name,
                                "': expected crossentropy, trades_kl[.LAMBDA], trades_ce[.LAMBDA], "
                                "emma, lipschitz_margin or standard_crossentropy"));
  };
  std::string_view rest = name;
  if (rest.starts_with("sparse_")) rest.remove_prefix(7);
  if (rest == "crossentropy") return {CrossEntropy{}};
  if (rest == "standard_crossentropy") return {StandardCrossEntropy{}};
  if (rest == "emma") return {Emma{}};
  if (rest == "lipschitz_margin") return {LipschitzMargin{}};

  Trades trades{.lambda = 1};
  double lambda = 1;
  if (rest.starts_with("trades_kl"))
    trades.divergence = Divergence::kl;
  else if (rest.starts_with("trades_ce"))
    trades.divergence = Divergence::cross_entropy;
  else
    refuse();
  rest.remove_prefix(9);
  if (rest.empty()) return {trades};
  std::istringstream number{std::string(rest.substr(1))};
  number.imbue(std::locale::classic());
  if (rest.front() != '.' || !(number >> lambda) || !number.eof() ||
      !(lambda >= 0 && std::isfinite(lambda)))
    refuse();
  return {trades, lambda};
}

}  // namespace gloro
