// What a certifier is asked and what it answers, apart from the proof: the radius that is asked for, and
// the certificates that judgements become.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "gloro/certify/certificate.hpp"
#include "gloro/certify/certify_options.hpp"
#include "gloro/certify/detail/margins.hpp"
#include "gloro/core/error.hpp"

namespace gloro::detail {

/// Throws ArgumentError unless it is >= 0; infinite is allowed, and 0 is "at the point itself".
[[nodiscard]] inline double required_radius(const CertifyOptions& options) {
  const double epsilon = options.epsilon.value_or(0);
  if (!(epsilon >= 0)) throw ArgumentError(message("epsilon must be >= 0, got ", epsilon));
  return epsilon;
}

[[nodiscard]] inline Certificates blank(Index count) {
  const auto size = static_cast<std::size_t>(count);
  return {std::vector<Certificate>(size), std::vector<int>(size, abstain), 0};
}

[[nodiscard]] inline Certificate answer(Margins::Judgement judgement) {
  if (judgement.verdict != Margins::Verdict::proved) return {};
  return {judgement.radius > 0 ? judgement.top : abstain, judgement.radius,
          std::move(judgement.sets)};
}

inline void take(Certificates& result, std::size_t at, Margins::Judgement judgement) {
  result.top[at] = judgement.top;
  result.answers[at] = answer(std::move(judgement));
}

}  // namespace gloro::detail
