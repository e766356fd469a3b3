// Optimizers by the names of gloro's flag `--optimizer`.
#pragma once

#include <optional>
#include <string_view>

#include "gloro/core/number.hpp"
#include "gloro/train/optimizer.hpp"
#include "gloro/wording/misread.hpp"

namespace gloro {

/// adam, nadam, sgd or sgd.MOMENTUM. Throws ArgumentError for anything else.
[[nodiscard]] inline OptimizerOptions read_optimizer(std::string_view text) {
  using Rule = OptimizerOptions::Rule;
  if (text == "adam") return {};
  if (text == "nadam") return {.rule = Rule::nadam};
  if (text == "sgd") return {.rule = Rule::sgd};
  if (text.starts_with("sgd.")) {
    const std::optional<double> momentum = to_number(text.substr(4));
    if (momentum && *momentum >= 0 && *momentum < 1)
      return {.rule = Rule::sgd, .momentum = *momentum};
  }
  throw misread("optimizer", text, "adam, nadam, sgd or sgd.MOMENTUM with a momentum in [0, 1)");
}

}  // namespace gloro
