// Patches: a convolution of images with few channels, such as the first layer's, as one of 1 x 1 with a
// channel for each tap. A matrix unit multiplies 32 channels at once; three of them would waste the rest.
#pragma once

#include "gloro/kernels/bfloat16/activations.hpp"
#include "gloro/kernels/bfloat16/unit.hpp"
#include "gloro/kernels/convolution_geometry.hpp"

namespace gloro::kernels::bfloat16 {

/// Whether a convolution is worth it.
[[nodiscard]] bool takes_patches(const ConvolutionGeometry& g);

/// The convolution of the patches; its filters are the same numbers in the same order.
[[nodiscard]] ConvolutionGeometry of_patches(const ConvolutionGeometry& g);

/// What the kernel sees of x, at most 32 samples, from each place.
[[nodiscard]] Activations patches_of(const Operations& unit, const ConvolutionGeometry& g,
                                     const Tensor<float>& x);

}  // namespace gloro::kernels::bfloat16

#ifndef GLORO_COMPILED
#include "gloro/kernels/bfloat16/patches.ipp"
#endif
