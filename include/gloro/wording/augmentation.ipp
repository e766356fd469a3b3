// The bodies of augmentation.hpp.
#pragma once

#include "gloro/wording/augmentation.hpp"

#include <cmath>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "gloro/core/compiled.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/number.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/wording/misread.hpp"

namespace gloro {

namespace detail {

/// Takes all before the next `mark` from the front of `text`, and the mark.
[[nodiscard]] inline std::string_view take_until(std::string_view& text, char mark) {
  const auto end = text.find(mark);
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return taken;
}

/// Reads one part, "crop:4"; `whole` is what errors show.
class AugmentationPart {
 public:
  AugmentationPart(std::string_view whole, std::string_view part) : whole_(whole), part_(part) {}

  [[nodiscard]] std::string_view name() const { return part_.substr(0, part_.find(':')); }

  /// The numbers behind colons, as many as expected and each within the range.
  [[nodiscard]] std::vector<double> numbers(std::size_t expected, double least, double most) const {
    std::vector<double> numbers;
    for (auto rest = part_.substr(name().size()); !rest.empty();) {
      rest.remove_prefix(1);
      const auto token = rest.substr(0, rest.find(':'));
      const std::optional<double> number = to_number(token);
      if (!number || *number < least || *number > most)
        throw fault(message("numbers from ", least, " to ", most));
      numbers.push_back(*number);
      rest.remove_prefix(token.size());
    }
    if (numbers.size() != expected)
      throw fault(
          message(expected, expected == 1 ? " number" : " numbers", ", each after a colon"));
    return numbers;
  }
  [[nodiscard]] double number(double least, double most) const {
    return numbers(1, least, most)[0];
  }
  [[nodiscard]] Index pixels() const {
    const double count = number(0, 4096);
    if (count != std::floor(count)) throw fault("whole pixels");
    return static_cast<Index>(count);
  }
  [[nodiscard]] data::FactorRange range() const {
    const auto ends = numbers(2, 0, 100);
    if (ends[0] > ends[1]) throw fault("a range that rises");
    return {ends[0], ends[1]};
  }
  [[nodiscard]] ArgumentError fault(std::string_view expected) const {
    return misread("augmentation", whole_, expected, part_);
  }

 private:
  std::string_view whole_, part_;
};

}  // namespace detail

GLORO_INLINE data::Augmentation read_augmentation(std::string_view text) {
  if (text == "none") return {};
  if (text == "standard") return {.flip = true, .zoom = 0.25};
  if (text == "no_flip") return {.zoom = 0.25};
  if (text == "all")
    return {.flip = true,
            .saturation = data::FactorRange{0.5, 1.2},
            .contrast = data::FactorRange{0.8, 1.2},
            .zoom = 0.1};
  for (const bool flip : {false, true}) {  // the noise of randomized smoothing
    const std::string_view name = flip ? "rs" : "rs_no_flip";
    if (!text.starts_with(name)) continue;
    const std::string_view sigma = text.substr(name.size());
    if (sigma.empty()) return {.flip = flip, .zoom = 0.1, .noise = 0.125};
    if (sigma.starts_with('.')) {
      const std::optional<double> noise = to_number(sigma.substr(1));
      if (!noise || *noise < 0 || *noise > 100)
        throw misread("augmentation", text, "a number from 0 to 100", sigma.substr(1));
      return {.flip = flip, .zoom = 0.1, .noise = *noise};
    }
  }
  data::Augmentation chosen;
  bool is_last = false;
  for (std::string_view rest = text; !is_last;) {
    is_last = rest.find('+') == std::string_view::npos;
    const std::string_view spelled = detail::take_until(rest, '+');
    const detail::AugmentationPart part(text, spelled);
    const std::string_view name = part.name();
    if (spelled == "flip")
      chosen.flip = true;
    else if (name == "crop")
      chosen.crop = part.pixels();
    else if (name == "zoom")
      chosen.zoom = part.number(0, 0.99);
    else if (name == "noise")
      chosen.noise = part.number(0, 100);
    else if (name == "saturation")
      chosen.saturation = part.range();
    else if (name == "contrast")
      chosen.contrast = part.range();
    else
      throw part.fault(
          "none, standard, no_flip, all, rs[.SIGMA], rs_no_flip[.SIGMA], or flip, "
          "crop:PIXELS, zoom:PART, saturation:FROM:TO, contrast:FROM:TO, noise:SIGMA "
          "joined by '+'");
  }
  return chosen;
}

}  // namespace gloro
