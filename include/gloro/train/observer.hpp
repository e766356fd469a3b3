// Observers of a training: how they are told, and how one of them stops a run.
#pragma once

#include <concepts>
#include <type_traits>

#include "gloro/train/reports.hpp"

namespace gloro {

/// Tells an observer of a step or an epoch; true where it wants the run to stop. An observer is anything
/// with step(const StepReport&), epoch(const EpochReport&) or both, which return nothing, or true to
/// stop; or a pointer to one, and then null for none.
template <typename Observer, typename Report>
[[nodiscard]] bool tell(Observer& observer, const Report& report) {
  if constexpr (std::is_pointer_v<Observer>) {
    return observer && tell(*observer, report);
  } else {
    static_assert(
        requires { observer.step(StepReport{}); } || requires { observer.epoch(EpochReport{}); },
        "an observer has a member step(const StepReport&) or epoch(const EpochReport&)");
    const auto asked = [](auto&& told) {
      if constexpr (std::same_as<decltype(told()), bool>)
        return told();
      else
        return told(), false;
    };
    if constexpr (std::same_as<Report, StepReport>) {
      if constexpr (requires { observer.step(report); })
        return asked([&] { return observer.step(report); });
    } else {
      if constexpr (requires { observer.epoch(report); })
        return asked([&] { return observer.epoch(report); });
    }
    return false;
  }
}

namespace detail {

template <typename Observer>
concept StopsAfterStep = requires(std::remove_pointer_t<Observer>& observer) {
  { observer.step(StepReport{}) } -> std::same_as<bool>;
};

}  // namespace detail

/// Whether one of them may stop a run after a step: processes ask each other only then.
template <typename... Observers>
inline constexpr bool may_stop = (detail::StopsAfterStep<Observers> || ...);

/// Tells all of them, in their order; true where one wants the run to stop.
template <typename Report, typename... Observers>
[[nodiscard]] bool tell_all(const Report& report, Observers&... observers) {
  bool stops = false;
  ((stops = tell(observers, report) || stops), ...);
  return stops;
}

}  // namespace gloro
