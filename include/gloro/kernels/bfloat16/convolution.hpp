// A convolution in bfloat16, with sums in float. A dense layer is one whose kernel is as large as its
// image.
#pragma once

#include <cstdint>

#include "gloro/kernels/bfloat16/activations.hpp"
#include "gloro/kernels/bfloat16/filters.hpp"
#include "gloro/kernels/bfloat16/unit.hpp"

namespace gloro::kernels::bfloat16 {

/// y = the convolution of x. With `swapped`, room for 32 marks for each pixel and block of outputs,
/// MinMax of neighbouring channels follows, and the marks say where it swapped.
void convolve(const Operations& unit, const Filters& filters, const Activations& x, Activations& y,
              std::uint16_t* swapped = nullptr);

}  // namespace gloro::kernels::bfloat16

#ifndef GLORO_COMPILED
#include "gloro/kernels/bfloat16/convolution.ipp"
#endif
