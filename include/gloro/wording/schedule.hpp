// Schedules in the words of the original gloro package's command line (Leino, Wang and Fredrikson,
// 2021), so that a published command means the same here.
#pragma once

#include <string_view>

#include "gloro/core/compiled.hpp"
#include "gloro/train/schedule.hpp"

namespace gloro {

/// Grammar: sections `[value]` or `[time:value]` joined by transitions; behind them, as
/// Schedule::text() has it, perhaps `*` and a base.
///  - value: a multiple of the base, or an absolute number after `=`: `[1]-exp-[=1e-6]`.
///  - time: an epoch `30` or a share of the run `50%` (rounded down). The first section stands at
///    0 and the last at the end of the run if they give none; those between must give one.
///  - transition: `-` linear, `-exp-` constant ratio, `-log-` linear in exp(value), `-cos-` half a
///    cosine wave, or nothing: hold the value on the left until the time on the right.
///
/// Names (X an absolute number, N a count):
/// | name | stands for |
/// | --- | --- |
/// | fixed | `[1]` |
/// | linear, linear_half | `[0]-[1]`, `[0]-[50%:1]-[1]` |
/// | linear_decay, linear_decay_after_half | `[1]-[0]`, `[1]-[50%:1]-[0]` |
/// | linear_from_X, linear_half_from_X | `[=X]-[1]`, `[=X]-[50%:1]-[1]` |
/// | logarithmic, logarithmic_half | `[0.01]-log-[1]`, `[0.01]-log-[50%:1]-[1]` |
/// | cos, cos_after_half | `[1]-cos-[0]`, `[1]-[50%:1]-cos-[0]` |
/// | decay, decay_after_half | `[1]-exp-[0.001]`, `[1]-[50%:1]-exp-[0.001]` |
/// | decay_to_X | `[1]-exp-[=X]` |
/// | decay_after_half_to_X, decay_to_X_after_half | `[1]-[50%:1]-exp-[=X]` |
/// | decay_until_half_to_X | `[1]-exp-[50%:=X]-[=X]` |
/// | half_N_times | halved at the end of every floor(epochs / N) epochs |
///
/// Throws ArgumentError, which names the text, the place and what was expected there.
[[nodiscard]] GLORO_INLINE Schedule read_schedule(std::string_view text);

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/wording/schedule.ipp"
#endif
