// Observers of a training: how they are told, and how one of them stops a run.
#pragma once

#include <concepts>
#include <functional>
#include <initializer_list>
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

/// An observer of any type, which must outlive this: a run knows none of the types.
struct AnyObserver {
  std::function<bool(const StepReport&)> step;
  std::function<bool(const EpochReport&)> epoch;
  bool may_stop_after_step = false;
};

template <typename Observer>
[[nodiscard]] AnyObserver any_observer(Observer& observer) {
  return {.step = [&observer](const StepReport& report) { return tell(observer, report); },
          .epoch = [&observer](const EpochReport& report) { return tell(observer, report); },
          .may_stop_after_step = detail::StopsAfterStep<Observer>};
}

/// Those of a run, to be told in this order.
using ObserverList = std::initializer_list<AnyObserver>;

/// Whether one of them may stop a run after a step: processes ask each other only then.
[[nodiscard]] inline bool may_stop_after_step(ObserverList observers) {
  bool may_stop = false;
  for (const AnyObserver& observer : observers) may_stop |= observer.may_stop_after_step;
  return may_stop;
}

/// Tells all of them; true where one wants the run to stop.
template <typename Report>
[[nodiscard]] bool tell_all(const Report& report, ObserverList observers) {
  bool stops = false;
  for (const AnyObserver& observer : observers) stops = tell(observer, report) || stops;
  return stops;
}

}  // namespace gloro
