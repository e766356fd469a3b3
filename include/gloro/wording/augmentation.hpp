// Augmentations in words: the recipes of Leino's gloro package (tools/training), drawn for each sample,
// or parts of one's own.
#pragma once

#include <string_view>

#include "gloro/core/compiled.hpp"
#include "gloro/data/augmentation.hpp"

namespace gloro {

/// A recipe by its name in the gloro package (none, standard, no_flip, all, rs, rs.SIGMA,
/// rs_no_flip, rs_no_flip.SIGMA), or parts joined by '+': flip, crop:PIXELS, zoom:PART,
/// saturation:FROM:TO, contrast:FROM:TO, noise:SIGMA; "flip+crop:4" is usual for CIFAR.
/// Throws ArgumentError for anything else.
[[nodiscard]] GLORO_INLINE data::Augmentation read_augmentation(std::string_view text);

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/wording/augmentation.ipp"
#endif
