// Schedule: how epsilon, the learning rate or the TRADES weight moves over the epochs of a run,
// read from the schedule strings of the original gloro package (Leino, Wang and Fredrikson, 2021),
// so that a published command means the same here.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/core/number.hpp"
#include "gloro/core/shape.hpp"

namespace gloro {

/// A value >= 0 over training time. `Schedule("[0.01]-log-[50%:1.1]") * 0.3` rises from 0.003 to 0.33
/// in the first half of the run and stays there; `Schedule(0.3)` is constant.
///
/// Grammar: sections `[value]` or `[time:value]` joined by transitions.
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
/// epoch_value() gives the original's value for each epoch: of n epochs between two sections the
/// i-th is at i / n of the way, so the last value is approached but not reached, and epochs after
/// the last section repeat the one before it. Where the original plainly slipped we follow the
/// notation instead: its latest version reads every name that begins with `decay` as `decay` (and
/// `cos...` as `cos`), forgets a final hold that begins one epoch before the end, starts a first
/// section that has a time at epoch 0, and after the last section repeats the last epoch's rise.
class Schedule {
 public:
  /// The same value throughout.
  Schedule(double value) : Schedule("fixed") { base_ = value; }

  /// Throws ArgumentError, which names the text, the place and what was expected there.
  explicit Schedule(std::string_view text) : text_(text) {
    if (!read_halvings()) read_sections(expanded());
  }

  /// The base value throughout.
  [[nodiscard]] static Schedule fixed() { return Schedule("fixed"); }

  /// Scales the base value; absolute values of the text stay as they are.
  [[nodiscard]] friend Schedule operator*(Schedule schedule, double factor) {
    schedule.base_ *= factor;
    return schedule;
  }
  [[nodiscard]] friend Schedule operator*(double factor, Schedule schedule) {
    return std::move(schedule) * factor;
  }

  /// Value at `epoch`, fractional (epoch + step / steps_per_epoch), of a run of `epochs` epochs.
  /// As in the original's trainer, epoch e goes linearly from its predecessor's value to its own:
  /// at(e + f) = v(e - 1) + f (v(e) - v(e - 1)) with v = epoch_value, and epoch 0 stays at v(0).
  /// Throws ArgumentError if a time is out of order for this number of epochs, or the value is
  /// negative or not finite.
  [[nodiscard]] double at(double epoch, Index epochs) const {
    if (!(epoch >= 0 && epoch <= 1e15))
      throw ArgumentError(message("schedule \"", text_, "\": epoch must be >= 0, got ", epoch));
    const double begun = std::floor(epoch);
    const auto index = static_cast<Index>(begun);
    const double previous = epoch_value(std::max<Index>(index - 1, 0), epochs);
    return checked(previous + (epoch_value(index, epochs) - previous) * (epoch - begun));
  }

  /// Throws ArgumentError unless every value of a run of `epochs` epochs is finite and >= 0 and every
  /// time comes in order.
  void check(Index epochs) const {
    (void)checked(base_);
    for (const Section& section : sections_) (void)checked(value(section));
    if (epochs < 1) return;
    check_order(epochs);
    for (std::size_t i = 1; i < sections_.size(); ++i)
      (void)checked(between(sections_[i - 1], sections_[i], 0, 1));
  }

  /// Value of the whole epoch `epoch` (from 0) of a run of `epochs` epochs.
  [[nodiscard]] double epoch_value(Index epoch, Index epochs) const {
    if (epoch < 0 || epochs < 1)
      throw ArgumentError(message("schedule \"", text_, "\": expected an epoch >= 0 of >= 1, got ",
                                  epoch, " of ", epochs));
    if (halvings_ > 0) {
      const Index period = std::max<Index>(epochs / halvings_, 1);
      return base_ * std::exp2(-static_cast<double>((epoch + 1) / period));
    }
    check_order(epochs);
    const Index end = time(sections_.back(), epochs);
    if (epoch >= end) {
      if (sections_.back().arrival == Transition::hold || end == time(sections_.front(), epochs))
        return value(sections_.back());
      epoch = end - 1;
    }
    if (epoch < time(sections_.front(), epochs)) return value(sections_.front());
    std::size_t next = 1;
    while (time(sections_[next], epochs) <= epoch) ++next;
    const Index start = time(sections_[next - 1], epochs);
    return between(sections_[next - 1], sections_[next], static_cast<double>(epoch - start),
                   static_cast<double>(time(sections_[next], epochs) - start));
  }

  /// The text it was read from. `Schedule(text()) * base()` is the same schedule again.
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] double base() const { return base_; }
  /// Text and base in one, the base in full.
  [[nodiscard]] std::string full_text() const { return text_ + " * " + number_text(base_); }
  /// Whether the value is the same in every epoch, however many there are.
  [[nodiscard]] bool is_constant() const { return halvings_ == 0 && sections_.size() == 1; }

 private:
  enum class Transition { hold, linear, exponential, logarithmic, cosine };
  enum class Unit { epochs, percent };

  struct Section {
    Transition arrival = Transition::hold;  // how the value moves towards this section
    Unit unit = Unit::epochs;
    double time = 0;
    double value = 1;
    bool is_absolute = false;
  };

  [[nodiscard]] static Index time(const Section& section, Index epochs) {
    return static_cast<Index>(section.unit == Unit::percent
                                  ? section.time / 100.0 * static_cast<double>(epochs)
                                  : section.time);
  }

  [[nodiscard]] double value(const Section& section) const {
    return section.is_absolute ? section.value : section.value * base_;
  }

  [[nodiscard]] double checked(double value) const {
    if (value >= 0 && std::isfinite(value)) return value;
    throw ArgumentError(message("schedule \"", text_, "\" times ", base_,
                                ": expected finite values >= 0, got ", value));
  }

  /// Shares of the run and epoch numbers may be mixed, so their order depends on the run's length.
  void check_order(Index epochs) const {
    for (std::size_t i = 1; i < sections_.size(); ++i)
      if (time(sections_[i], epochs) < time(sections_[i - 1], epochs))
        throw ArgumentError(message("schedule \"", text_, "\": section ", i + 1,
                                    " begins at epoch ", time(sections_[i], epochs), " of ",
                                    epochs, ", before the one on its left (epoch ",
                                    time(sections_[i - 1], epochs), ")"));
  }

  /// Step i of n from one section to the next. Interpolates the values, base included: the
  /// logarithmic curve depends on it.
  [[nodiscard]] double between(const Section& from, const Section& to, double i, double n) const {
    const double start = value(from), end = value(to);
    switch (to.arrival) {
      case Transition::linear: return start + (end - start) * i / n;
      case Transition::exponential:
        if (!(start > 0 && end > 0))
          throw ArgumentError(message("schedule \"", text_, "\": -exp- needs values > 0, got ",
                                      start, " and ", end));
        return start * std::exp(std::log(end / start) / n * i);
      case Transition::logarithmic: {  // log((1 - w) exp(start) + w exp(end)), safe from overflow
        const double a = start + std::log1p(-i / n), b = end + std::log(i / n);
        return std::max(a, b) + std::log1p(std::exp(-std::abs(a - b)));
      }
      case Transition::cosine:
        return end + (start - end) * 0.5 * (std::cos(i / n * std::numbers::pi) + 1);
      case Transition::hold: break;
    }
    return start;
  }

  // Reading

  [[nodiscard]] ArgumentError fault(std::string_view rest, std::string_view expected) const {
    return ArgumentError(message("schedule \"", text_, "\": expected ", expected, ", got ",
                                 rest.empty() ? std::string("the end") : message('"', rest, '"')));
  }

  /// A whole token as a finite number.
  [[nodiscard]] double number(std::string_view token, std::string_view expected) const {
    const std::optional<double> result = to_number(token);
    if (!result) throw fault(token, expected);
    return *result;
  }

  [[nodiscard]] bool read_halvings() {
    constexpr std::string_view head = "half_", tail = "_times";
    const std::string_view text = text_;
    if (text.size() < head.size() + tail.size() || !text.starts_with(head) || !text.ends_with(tail))
      return false;
    const auto token = text.substr(head.size(), text.size() - head.size() - tail.size());
    const double times = number(token, "a count in half_N_times");
    if (times < 1 || times > 1e9 || times != std::floor(times))
      throw fault(token, "a whole number >= 1 in half_N_times");
    halvings_ = static_cast<Index>(times);
    return true;
  }

  /// The text with its name, if it is one, spelled out as sections.
  [[nodiscard]] std::string expanded() const {
    struct Name {
      std::string_view head, tail, sections;  // head X tail, where `sections` holds a #; else head
    };
    static constexpr std::array names{
        Name{"fixed", "", "[1]"},
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
    const std::string_view text = text_;
    if (text.starts_with('[')) return text_;
    for (const auto& [head, tail, sections] : names) {
      const bool takes_number = sections.find('#') != std::string_view::npos;
      if (!takes_number && text != head) continue;
      if (!text.starts_with(head) || !text.ends_with(tail)) continue;
      if (text.size() < head.size() + tail.size()) continue;
      const auto token = text.substr(head.size(), text.size() - head.size() - tail.size());
      if (takes_number) (void)number(token, message("a number after ", head));
      std::string result;
      for (const char c : sections) c == '#' ? result.append(token) : result.append(1, c);
      return result;
    }
    throw fault(text, "a section such as [0.5] or a name such as fixed, linear, logarithmic_half, "
                      "cos, decay_to_0.000001_after_half, half_5_times");
  }

  void read_sections(std::string_view rest) {
    for (;;) {
      const auto opening = rest.find('[');
      const auto arrow = rest.substr(0, opening);
      Section section;
      if (!sections_.empty()) section.arrival = transition(arrow, rest);
      if (opening == std::string_view::npos) throw fault(rest, "a section [time:value]");
      rest.remove_prefix(opening);
      const auto closing = rest.find(']');
      if (closing == std::string_view::npos) throw fault(rest, "a closing ]");
      const auto token = rest.substr(0, closing + 1);
      rest.remove_prefix(closing + 1);
      read_section(token, section, rest.empty());
      sections_.push_back(section);
      if (rest.empty()) break;
    }
    for (std::size_t i = 1; i < sections_.size(); ++i)
      if (sections_[i].arrival == Transition::exponential &&
          !(sections_[i - 1].value > 0 && sections_[i].value > 0))
        throw fault(text_, "values > 0 on both sides of -exp-");
  }

  [[nodiscard]] Transition transition(std::string_view arrow, std::string_view rest) const {
    if (arrow.empty()) return Transition::hold;
    if (arrow == "-") return Transition::linear;
    if (arrow == "-exp-") return Transition::exponential;
    if (arrow == "-log-") return Transition::logarithmic;
    if (arrow == "-cos-") return Transition::cosine;
    throw fault(rest, "a transition -, -exp-, -log-, -cos- or none before the next section");
  }

  /// `token` with its brackets. Fills in all but the arrival.
  void read_section(std::string_view token, Section& section, bool is_last) const {
    std::string_view body = token.substr(1, token.size() - 2);
    const auto colon = body.find(':');
    if (colon != std::string_view::npos) {
      std::string_view moment = body.substr(0, colon);
      body.remove_prefix(colon + 1);
      if (moment.ends_with('%')) {
        section.unit = Unit::percent;
        moment.remove_suffix(1);
      }
      section.time = number(moment, message("a time such as 50% or 30 in ", token));
      if (section.time < 0 || section.time > 1e9 ||
          (section.unit == Unit::epochs && section.time != std::floor(section.time)))
        throw fault(moment, message("a share >= 0% or a whole epoch >= 0 in ", token));
    } else if (is_last && !sections_.empty()) {
      section.unit = Unit::percent;
      section.time = 100;
    } else if (!sections_.empty()) {
      throw fault(token, "a section with a time, [time:value], between the first and the last");
    }
    section.is_absolute = body.starts_with('=');
    if (section.is_absolute) body.remove_prefix(1);
    section.value = number(body, message("a number in ", token));
    if (section.value < 0) throw fault(body, message("a number >= 0 in ", token));
  }

  std::string text_;
  double base_ = 1;
  std::vector<Section> sections_;
  Index halvings_ = 0;
};

}  // namespace gloro
