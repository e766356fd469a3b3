// What a bound may cost. A network's extents are words in a file: a few hundred bytes describe images
// of millions of pixels. So what is spent on a layer's bounds grows with its weights, which the file
// must have, and beyond that the quick bound stands in (lipschitz/detail/quick_bound.hpp).
#pragma once

namespace gloro::lipschitz {

/// Whether a bound of a layer with so many weights is worth so many multiplications and `values`
/// doubles of memory. Up to some seconds for any layer, for one of a million weights up to an hour; all
/// layers of the networks that we know from papers lie far within.
[[nodiscard]] bool is_affordable(double multiplications, double values, double weights);

/// As many of `most` steps of power iteration, ten at least, as are worth it where one sample has
/// `values` values in all layers together.
[[nodiscard]] int affordable_steps(int most, double values, double weights);

}  // namespace gloro::lipschitz

#ifndef GLORO_COMPILED
#include "gloro/lipschitz/affordable.ipp"
#endif
