// The bodies of loss.hpp.
#pragma once

#include "gloro/wording/loss.hpp"

#include <concepts>
#include <optional>
#include <string_view>
#include <utility>

#include "gloro/core/number.hpp"
#include "gloro/loss/calibrated_margin.hpp"
#include "gloro/loss/cross_entropy.hpp"
#include "gloro/loss/emma.hpp"
#include "gloro/loss/hinge_kantorovich_rubinstein.hpp"
#include "gloro/loss/lipschitz_margin.hpp"
#include "gloro/loss/trades.hpp"
#include "gloro/wording/misread.hpp"

namespace gloro {

namespace detail {

/// Takes `mark` and a number >= 0 from the front of `text`; false if they are not there.
[[nodiscard]] inline bool take_marked(std::string_view& text, char mark, double& value) {
  if (!text.starts_with(mark)) return false;
  text.remove_prefix(1);
  const std::optional<double> number = take_number(text);
  value = number.value_or(-1);
  return value >= 0;
}

/// What follows "cll"; nothing where it is not understood.
[[nodiscard]] inline std::optional<CalibratedMargin> read_calibrated(std::string_view rest) {
  CalibratedMargin loss;
  loss.holds_constants = rest.starts_with("_held");
  if (loss.holds_constants) rest.remove_prefix(5);
  if (rest.empty()) return loss;
  if (!take_marked(rest, '.', loss.slack) || !(loss.slack > 0 && loss.slack < 1)) return {};
  if (rest.empty()) return loss;
  if (!take_marked(rest, ',', loss.decay) || !rest.empty()) return {};
  return loss;
}

/// What follows "hkr".
[[nodiscard]] inline std::optional<HingeKantorovichRubinstein> read_hinge(std::string_view rest) {
  HingeKantorovichRubinstein loss;
  if (rest.empty()) return loss;
  if (!take_marked(rest, '.', loss.alpha)) return {};
  if (rest.empty()) return loss;
  if (!take_marked(rest, ',', loss.margin) || !rest.empty()) return {};
  return loss;
}

[[nodiscard]] inline std::optional<Trades> read_trades(std::string_view rest) {
  Trades loss{.lambda = 1};
  if (rest.starts_with("trades_kl"))
    loss.divergence = Divergence::kl;
  else if (rest.starts_with("trades_ce"))
    loss.divergence = Divergence::cross_entropy;
  else
    return {};
  rest.remove_prefix(9);
  if (rest.empty()) return loss;
  if (!take_marked(rest, '.', loss.lambda) || !rest.empty()) return {};
  return loss;
}

/// What `use` makes of the loss and, where it has one, a pointer to its weight.
template <typename Use>
auto with_loss(std::string_view text, const Use& use) {
  std::string_view rest = text;
  if (rest.starts_with("sparse_")) rest.remove_prefix(7);
  constexpr double* none = nullptr;
  if (CrossEntropy loss; rest == "crossentropy") return use(loss, none);
  if (StandardCrossEntropy loss; rest == "standard_crossentropy") return use(loss, none);
  if (Emma loss; rest == "emma") return use(loss, none);
  if (LipschitzMargin loss; rest == "lipschitz_margin") return use(loss, none);
  if (rest.starts_with("cll")) {
    if (auto loss = read_calibrated(rest.substr(3)))
      return use(*loss, loss->decay > 0 ? &loss->decay : none);
  } else if (rest.starts_with("hkr")) {
    if (auto loss = read_hinge(rest.substr(3))) return use(*loss, &loss->alpha);
  } else if (auto loss = read_trades(rest)) {
    return use(*loss, &loss->lambda);
  }
  throw misread("loss", text,
                "crossentropy, trades_kl[.LAMBDA], trades_ce[.LAMBDA], emma, "
                "lipschitz_margin, cll[.SLACK[,DECAY]], cll_held[.SLACK[,DECAY]], "
                "hkr[.ALPHA[,MARGIN]] or standard_crossentropy");
}

}  // namespace detail

template <std::floating_point Scalar>
Loss<Scalar> read_loss(std::string_view text) {
  return detail::with_loss(text,
                           [](const auto& loss, const double*) { return Loss<Scalar>(loss); });
}

template <std::floating_point Scalar>
ScheduledLoss<Scalar> read_scheduled_loss(std::string_view text) {
  return detail::with_loss(text, [](auto& loss, double* weight) {
    std::optional<double> given;
    if (weight) given = std::exchange(*weight, 1.0);
    return ScheduledLoss<Scalar>{loss, given};
  });
}

#ifdef GLORO_COMPILING
template Loss<float> read_loss<float>(std::string_view);
template Loss<double> read_loss<double>(std::string_view);
template ScheduledLoss<float> read_scheduled_loss<float>(std::string_view);
template ScheduledLoss<double> read_scheduled_loss<double>(std::string_view);
#endif

}  // namespace gloro
