// MemoryAccount: what a network from a file will take, added up before any of it is taken. A file of
// a few hundred bytes can describe a network of terabytes; it is refused by what it says.
#pragma once

#include <cmath>
#include <cstddef>
#include <iterator>
#include <string>

#include "gloro/core/error.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/layers/any_layer.hpp"

namespace gloro {

/// Adds up values: weights, and what one sample needs on its way through the network.
class MemoryAccount {
 public:
  /// Of a value: once in float, and once in double for the certifier.
  static constexpr double bytes_of_value = 12;

  /// `most`: bytes that may be taken.
  explicit MemoryAccount(double most) : most_(most) {}

  /// Throws Error, naming `what`, its need and the limit, where `values` are too many.
  void take(const std::string& what, double values) {
    const double need = bytes_of_value * values;
    if (!(taken_ + need <= most_))
      throw Error(message(what, " needs ", text(need), " of memory, after ", text(taken_),
                          " for what comes before it: more than the limit of ", text(most_),
                          " (LoadOptions::most_memory, certify --most-memory)"));
    taken_ += need;
  }

  void take_input(const Shape& input) {
    take(message("an input of ", input), static_cast<double>(input.size()));
  }
  template <typename Scalar>
  void take_layer(const AnyLayer<Scalar>& layer, const Shape& input) {
    take(message("a layer on an input of ", input), layer.memory(input));
  }
  /// The constants of all margins, as a certifier holds them: two tables of doubles.
  void take_margins(Index classes) {
    const auto n = static_cast<double>(classes);
    take(message("the table of margins between ", classes, " classes"),
         n * n * 2 * 8 / bytes_of_value);
  }

 private:
  /// "850 bytes", "1.1 GB".
  [[nodiscard]] static std::string text(double bytes) {
    static constexpr const char* units[] = {" bytes", " kB", " MB", " GB", " TB"};
    std::size_t unit = 0;
    for (; bytes >= 1000 && unit + 1 < std::size(units); ++unit) bytes /= 1000;
    return message(std::round(10 * bytes) / 10, units[unit]);
  }

  double most_, taken_ = 0;
};

}  // namespace gloro
