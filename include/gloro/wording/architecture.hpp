// Architectures by name: the paper's (2C2F, 4C3F, 6C2F, 8C2F), the first of them wider (2C2F-L), two of its
// successors' (LiResNet-S, CPL-S), and a spelled form for others.
#pragma once

#include <concepts>
#include <string_view>
#include <vector>

#include "gloro/core/shape.hpp"
#include "gloro/layers/any_layer.hpp"
#include "gloro/layers/initializer.hpp"

namespace gloro {

/// The layers of a named architecture and a head for `classes` classes; after each comes an activation,
/// but for convex potential layers, which have their own ReLU. It is MinMax unless a prefix says another:
/// `relu_`, `abs_`, `fullsort_` or `householder_`, as the original package's `minmax_cnn_4C3F`. Throws
/// ArgumentError for other names.
template <std::floating_point Scalar>
[[nodiscard]] std::vector<AnyLayer<Scalar>> read_architecture(
    std::string_view name, Index classes, Initializer initializer = Initializer::orthogonal);

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/wording/architecture.ipp"
#endif
