// The gradients of a convolution in bfloat16, by its input and by its filters, with sums in float.
#pragma once

#include <cstdint>

#include "gloro/kernels/bfloat16/activations.hpp"
#include "gloro/kernels/bfloat16/filters.hpp"
#include "gloro/kernels/bfloat16/unit.hpp"
#include "gloro/kernels/convolution_geometry.hpp"

namespace gloro::kernels::bfloat16 {

/// dx = the gradient by the convolution's input.
void convolve_transposed(const Operations& unit, const Filters& filters, const Activations& dy,
                         Activations& dx);

/// Takes `dy`, the gradient by the output, back through MinMax if `swapped` says where it swapped, and adds
/// the gradients by the filters (ky, kx, ci, co) and, where they are not null, by the bias. Unless `adds`,
/// the filters' are written instead.
void correlate_filters(const Operations& unit, const ConvolutionGeometry& g, const Activations& x,
                       Activations& dy, const std::uint16_t* swapped, float* dfilters, float* dbias,
                       bool adds = true);

}  // namespace gloro::kernels::bfloat16

#ifndef GLORO_COMPILED
#include "gloro/kernels/bfloat16/convolution_gradients.ipp"
#endif
