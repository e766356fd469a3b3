// The bodies of schedule.hpp.
#pragma once

#include "gloro/wording/schedule.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "gloro/core/compiled.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/number.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/train/moment.hpp"
#include "gloro/wording/misread.hpp"

namespace gloro {

namespace detail {

/// Reads one schedule; `text_` is what errors show.
class ScheduleReader {
 public:
  explicit ScheduleReader(std::string_view text) : text_(text) {}

  [[nodiscard]] Schedule read() const {
    std::string_view curve = text_;
    double base = 1;
    if (const auto star = curve.rfind('*'); star != std::string_view::npos) {
      base = number(curve.substr(star + 1), "a number after *");
      curve = curve.substr(0, star);
    }
    if (const std::optional<Schedule> halved = halvings(curve)) return *halved * base;
    const std::string spelled = expanded(curve);
    return sections(spelled) * base;
  }

 private:
  [[nodiscard]] ArgumentError fault(std::string_view rest, std::string_view expected) const {
    return misread("schedule", text_, expected, rest);
  }

  /// A whole token as a finite number.
  [[nodiscard]] double number(std::string_view token, std::string_view expected) const {
    const std::optional<double> result = to_number(token);
    if (!result) throw fault(token, expected);
    return *result;
  }

  [[nodiscard]] std::optional<Schedule> halvings(std::string_view curve) const {
    constexpr std::string_view head = "half_", tail = "_times";
    if (curve.size() < head.size() + tail.size() || !curve.starts_with(head) ||
        !curve.ends_with(tail))
      return {};
    const auto token = curve.substr(head.size(), curve.size() - head.size() - tail.size());
    const double times = number(token, "a count in half_N_times");
    if (times < 1 || times > 1e9 || times != std::floor(times))
      throw fault(token, "a whole number >= 1 in half_N_times");
    return Schedule::halved(static_cast<Index>(times));
  }

  /// The curve with its name, if it is one, spelled out as sections.
  [[nodiscard]] std::string expanded(std::string_view curve) const {
    struct Name {
      std::string_view head, tail, sections;  // head X tail, where `sections` holds a #; else head
    };
    static constexpr std::array names{Name{"fixed", "", "[1]"},
                                      Name{"linear", "", "[0]-[1]"},
                                      Name{"linear_half", "", "[0]-[50%:1]-[1]"},
                                      Name{"linear_decay", "", "[1]-[0]"},
                                      Name{"linear_decay_after_half", "", "[1]-[50%:1]-[0]"},
                                      Name{"linear_from_", "", "[=#]-[1]"},
                                      Name{"linear_half_from_", "", "[=#]-[50%:1]-[1]"},
                                      Name{"logarithmic", "", "[0.01]-log-[1]"},
                                      Name{"logarithmic_half", "", "[0.01]-log-[50%:1]-[1]"},
                                      Name{"cos", "", "[1]-cos-[0]"},
                                      Name{"cos_after_half", "", "[1]-[50%:1]-cos-[0]"},
                                      Name{"decay", "", "[1]-exp-[0.001]"},
                                      Name{"decay_after_half", "", "[1]-[50%:1]-exp-[0.001]"},
                                      Name{"decay_to_", "_after_half", "[1]-[50%:1]-exp-[=#]"},
                                      Name{"decay_to_", "", "[1]-exp-[=#]"},
                                      Name{"decay_after_half_to_", "", "[1]-[50%:1]-exp-[=#]"},
                                      Name{"decay_until_half_to_", "", "[1]-exp-[50%:=#]-[=#]"}};
    if (curve.starts_with('[')) return std::string(curve);
    for (const auto& [head, tail, spelled] : names) {
      const bool takes_number = spelled.find('#') != std::string_view::npos;
      if (!takes_number && curve != head) continue;
      if (!curve.starts_with(head) || !curve.ends_with(tail)) continue;
      if (curve.size() < head.size() + tail.size()) continue;
      const auto token = curve.substr(head.size(), curve.size() - head.size() - tail.size());
      if (takes_number) (void)number(token, message("a number after ", head));
      std::string result;
      for (const char c : spelled) c == '#' ? result.append(token) : result.append(1, c);
      return result;
    }
    throw fault(curve,
                "a section such as [0.5] or a name such as fixed, linear, logarithmic_half, "
                "cos, decay_to_0.000001_after_half, half_5_times");
  }

  struct Section {
    Moment moment;
    Level level = 1;
  };

  [[nodiscard]] Schedule sections(std::string_view rest) const {
    const std::string_view all = rest;
    std::optional<Schedule> made;
    for (double left = 0; !made || !rest.empty();) {
      const auto opening = rest.find('[');
      const auto arrow = rest.substr(0, opening);
      auto arrival = Schedule::Transition::hold;
      if (made) arrival = transition(arrow, rest);
      if (opening == std::string_view::npos) throw fault(rest, "a section [time:value]");
      rest.remove_prefix(opening);
      const auto closing = rest.find(']');
      if (closing == std::string_view::npos) throw fault(rest, "a closing ]");
      const auto token = rest.substr(0, closing + 1);
      rest.remove_prefix(closing + 1);
      const auto [moment, level] = section(token, !made, rest.empty());
      if (arrival == Schedule::Transition::exponential && !(left > 0 && level.value > 0))
        throw fault(all, "values > 0 on both sides of -exp-");
      left = level.value;
      made = made ? made->then(arrival, level, moment) : Schedule::from(level, moment);
    }
    return *made;
  }

  [[nodiscard]] Schedule::Transition transition(std::string_view arrow,
                                                std::string_view rest) const {
    using enum Schedule::Transition;
    if (arrow.empty()) return hold;
    if (arrow == "-") return linear;
    if (arrow == "-exp-") return exponential;
    if (arrow == "-log-") return logarithmic;
    if (arrow == "-cos-") return cosine;
    throw fault(rest, "a transition -, -exp-, -log-, -cos- or none before the next section");
  }

  /// `token` with its brackets.
  [[nodiscard]] Section section(std::string_view token, bool is_first, bool is_last) const {
    Section read;
    std::string_view body = token.substr(1, token.size() - 2);
    const auto colon = body.find(':');
    if (colon != std::string_view::npos) {
      std::string_view moment = body.substr(0, colon);
      body.remove_prefix(colon + 1);
      if (moment.ends_with('%')) {
        read.moment.unit = Moment::Unit::percent;
        moment.remove_suffix(1);
      }
      const double time = number(moment, message("a time such as 50% or 30 in ", token));
      if (time < 0 || time > 1e9 ||
          (read.moment.unit == Moment::Unit::epochs && time != std::floor(time)))
        throw fault(moment, message("a share >= 0% or a whole epoch >= 0 in ", token));
      read.moment.count = time;
    } else if (is_last && !is_first) {
      read.moment = percent(100);
    } else if (!is_first) {
      throw fault(token, "a section with a time, [time:value], between the first and the last");
    }
    read.level.is_absolute = body.starts_with('=');
    if (read.level.is_absolute) body.remove_prefix(1);
    read.level.value = number(body, message("a number in ", token));
    if (read.level.value < 0) throw fault(body, message("a number >= 0 in ", token));
    return read;
  }

  std::string_view text_;
};

}  // namespace detail

GLORO_INLINE Schedule read_schedule(std::string_view text) {
  return detail::ScheduleReader(text).read();
}

}  // namespace gloro
