// check_layer: what the library's own layers are tested with, for a user's layer in one call: its shapes,
// gradients, bounds, rounding, precisions and the way to a file and back. It finds slips; it proves
// nothing: a bound is held against what random inputs and power iteration find, which is less than the norm.
// Singular vectors are held while a derivative is taken; what follows the parameters is not.
//
//   const auto report = testing::check_layer(Squash<float>(), {8, 8, 3});
//   for (const std::string& fault : report.faults) std::cerr << fault << '\n';
#pragma once

#include "gloro/core/shape.hpp"
#include "gloro/layers/any_layer.hpp"
#include "gloro/testing/layer_report.hpp"

namespace gloro::testing {

/// Checks `layer` on inputs of that shape; throws only what output_shape() or place() throws.
[[nodiscard]] LayerReport check_layer(AnyLayer<float> layer, Shape input,
                                      const LayerCheck& options = {});

}  // namespace gloro::testing

#ifndef GLORO_COMPILED
#include "gloro/testing/check_layer.ipp"
#endif
