// Rigorous upper bound of the spectral norm of a zero-padded, strided convolution: the operator is
// a compression of a circular convolution on a large enough torus, twisted or not, whose norm is
// the largest over the frequencies of the norm of the symbol.
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <tuple>
#include <vector>

#include "gloro/kernels/convolution_geometry.hpp"
#include "gloro/lipschitz/affordable.hpp"
#include "gloro/lipschitz/dense_bound.hpp"
#include "gloro/lipschitz/detail/convolution_symbol.hpp"
#include "gloro/lipschitz/detail/gram_iteration.hpp"
#include "gloro/lipschitz/detail/scaled_matrix.hpp"
#include "gloro/rounding/outward.hpp"

namespace gloro::lipschitz {

using namespace rounding;
namespace detail {

/// Points of the torus along one axis; twisted by half a step or not.
struct TorusAxis {
  Index size = 1;
  bool twisted = false;

  [[nodiscard]] AxisFrequency frequency(Index step) const {
    return {size, 2 * step + (twisted ? 1 : 0)};
  }
};

/// The axes worth trying. In blocks of `stride` rows, counted from the first padded one, output y
/// reads blocks y to y + q - 1, so that outputs together read 0 to output + q - 2, and the input
/// fills blocks `first` to `last`. On a torus of N blocks nothing changes for the kept inputs and
/// outputs if no block read before `first` meets the input's end around the back (N > last), and
/// none read after `last` its beginning (N > output + q - 2 - first).
/// Whatever wraps meets zeros, and may as well be multiplied by a phase: frequencies twisted by any
/// angle serve, and half a step keeps their grid symmetric. For smooth filters the twist avoids
/// frequency zero, and comes nearer to the norm than any untwisted torus.
[[nodiscard]] inline std::vector<TorusAxis> torus_axes(Index input, Index output, Index kernel,
                                                       Index stride, Index padding) {
  const Index reach = (kernel + stride - 1) / stride;  // q
  if (reach == 1) return {{1, false}};                 // blocks do not mix: one frequency says all
  const Index first = padding / stride;
  const Index last = (input - 1 + padding) / stride;
  const Index least = std::max({last + 1, output, output + reach - 1 - first});
  return {{least, true}, {least, false}, {least + 1, true}, {least + 1, false}};
}

/// A frequency and its distance from where the search expects the largest norm.
struct Candidate {
  AxisFrequency down, across;
  double distance = 0;
};

/// Distance on the circle of one turn.
[[nodiscard]] inline double circular_distance(double a, double b) {
  const double difference = std::abs(a - b);
  return std::min(difference, 1 - difference);
}

/// One of each pair of opposite frequencies (the symbol of real filters is conjugate there, of the
/// same norm), those nearest to the peak first.
[[nodiscard]] inline std::vector<Candidate> frequencies(TorusAxis down, TorusAxis across,
                                                        const Candidate& peak) {
  std::vector<Candidate> all;
  for (Index y = 0; down.frequency(y).twice_step <= down.size; ++y)
    for (Index x = 0; x < across.size; ++x) {
      Candidate candidate{down.frequency(y), across.frequency(x)};
      const double turns_y = candidate.down.turns(), turns_x = candidate.across.turns();
      const double peak_y = peak.down.turns(), peak_x = peak.across.turns();
      candidate.distance = std::min(
          std::hypot(circular_distance(turns_y, peak_y), circular_distance(turns_x, peak_x)),
          std::hypot(circular_distance(turns_y, 1 - peak_y),
                     circular_distance(turns_x, 1 - peak_x)));
      all.push_back(candidate);
    }
  std::sort(all.begin(), all.end(), [](const Candidate& a, const Candidate& b) {
    return std::tuple(a.distance, a.down.twice_step, a.across.twice_step) <
           std::tuple(b.distance, b.down.twice_step, b.across.twice_step);
  });
  return all;
}

}  // namespace detail

/// Whether torus_upper_bound is affordable: for each frequency a matrix, and squares of it.
[[nodiscard]] inline bool has_torus_bound(const kernels::ConvolutionGeometry& g) {
  constexpr double overhead = 4000, values_of_candidate = 8;
  double all = 0, most = 0;  // frequencies
  for (const auto down : detail::torus_axes(g.input.height, g.output.height, g.kernel_height,
                                            g.stride_height, g.pad_top))
    for (const auto across : detail::torus_axes(g.input.width, g.output.width, g.kernel_width,
                                                g.stride_width, g.pad_left)) {
      const double count =
          (static_cast<double>(down.size) / 2 + 1) * static_cast<double>(across.size);
      all += count;
      most = std::max(most, count);
    }
  const auto rows = static_cast<double>(g.output.channels);
  const auto columns = static_cast<double>(g.input.channels) *
                       static_cast<double>(std::min(g.kernel_height, g.stride_height)) *
                       static_cast<double>(std::min(g.kernel_width, g.stride_width));
  const double side = std::min(rows, columns), length = std::max(rows, columns);
  const double weights = static_cast<double>(g.taps()) * rows;
  return is_affordable(all * (overhead + 4 * weights + 8 * side * side * length),
                       most * values_of_candidate, weights);
}

/// Never below the spectral norm of the convolution. Nearer to it the larger the image: within 2 %
/// from some 14 pixels a side.
[[nodiscard]] inline double torus_upper_bound(const kernels::ConvolutionGeometry& geometry,
                                              const ScaledMatrix& filters) {
  const ConvolutionSymbol symbol(geometry, filters.value);

  double best = infinity;
  detail::Candidate peak;
  for (const auto down :
       detail::torus_axes(geometry.input.height, geometry.output.height, geometry.kernel_height,
                          geometry.stride_height, geometry.pad_top))
    for (const auto across :
         detail::torus_axes(geometry.input.width, geometry.output.width, geometry.kernel_width,
                            geometry.stride_width, geometry.pad_left)) {
      double largest = 0;
      for (const auto& candidate : detail::frequencies(down, across, peak)) {
        GramIteration<ConvolutionSymbol::Complex> iteration(
            symbol.at(candidate.down, candidate.across));
        iteration.refine(largest, bound_tolerance);
        if (iteration.bound() <= largest) continue;
        largest = iteration.bound();
        peak = candidate;
        if (largest >= best) break;  // this torus is no better
      }
      best = std::min(best, largest);
    }
  return filters.unscaled(add_up(best, symbol.rounding()));
}

}  // namespace gloro::lipschitz
