// The bodies of optimizer.hpp.
#pragma once

#include "gloro/wording/optimizer.hpp"

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/core/number.hpp"
#include "gloro/train/rules/adam.hpp"
#include "gloro/train/rules/muon.hpp"
#include "gloro/train/rules/nadam.hpp"
#include "gloro/train/rules/sgd.hpp"
#include "gloro/wording/misread.hpp"

namespace gloro {

namespace detail {

/// Sets what the rest of an optimizer's text names, ",beta1=0.8,epsilon=1e-3".
inline void read_constants(std::string_view text, std::string_view rest,
                           const std::vector<std::pair<std::string_view, double*>>& constants) {
  while (!rest.empty()) {
    const std::string_view part = rest.substr(0, rest.find(',', 1));
    rest.remove_prefix(part.size());
    std::optional<double> number;
    for (const auto& [name, value] : constants) {
      if (!part.substr(1).starts_with(name) || part.substr(1 + name.size(), 1) != "=") continue;
      number = to_number(part.substr(name.size() + 2));
      if (number) *value = *number;
    }
    if (!number) {
      std::string expected;
      for (const auto& [name, value] : constants) expected += message(',', name, "=NUMBER ");
      throw misread("optimizer", text, expected + "behind its name", part);
    }
  }
}

}  // namespace detail

template <std::floating_point Scalar>
UpdateRule<Scalar> read_optimizer(std::string_view text) {
  const std::string_view name = text.substr(0, text.find(','));
  const std::string_view rest = text.substr(name.size());
  const auto checked = [](const auto& rule) {
    rule.check();
    return UpdateRule<Scalar>(rule);
  };
  const auto read = [&](auto rule) {
    detail::read_constants(
        text, rest, {{"beta1", &rule.beta1}, {"beta2", &rule.beta2}, {"epsilon", &rule.epsilon}});
    return checked(rule);
  };
  if (name == "adam") return read(Adam{});
  if (name == "nadam") return read(NAdam{});
  if (name == "muon") {
    Muon muon;
    detail::read_constants(text, rest,
                           {{"momentum", &muon.momentum},
                            {"beta1", &muon.beta1},
                            {"beta2", &muon.beta2},
                            {"epsilon", &muon.epsilon}});
    return checked(muon);
  }
  const bool has_momentum = text.starts_with("sgd.");
  if (name == "sgd" || has_momentum) {
    Sgd sgd;
    double nesterov = 0;
    const std::optional<double> momentum = has_momentum ? to_number(name.substr(4)) : 0.0;
    if (momentum) {
      sgd.momentum = *momentum;
      detail::read_constants(text, rest, {{"momentum", &sgd.momentum}, {"nesterov", &nesterov}});
      sgd.is_nesterov = nesterov != 0;
      return checked(sgd);
    }
  }
  throw misread("optimizer", text, "adam, nadam, muon, sgd or sgd.MOMENTUM");
}

#ifdef GLORO_COMPILING
template UpdateRule<float> read_optimizer<float>(std::string_view);
template UpdateRule<double> read_optimizer<double>(std::string_view);
#endif

}  // namespace gloro
