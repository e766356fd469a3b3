// A unit of gloro::compiled that holds the kernels of one level, GLORO_LEVEL. It is compiled for
// that level as a whole: Eigen's and the standard library's inline functions in it may be run on no
// other processor, so all its symbols but one are made local (cmake/levels.cmake), and nothing in it runs
// when the program starts.
#pragma once

#include "gloro/core/detail/compiled_arithmetic.hpp"
#include "gloro/kernels/convolution.ipp"
#include "gloro/kernels/convolution_transposed.ipp"
#include "gloro/kernels/detail/functions.hpp"
#include "gloro/kernels/minmax.ipp"
#include "gloro/kernels/moments.ipp"
#include "gloro/kernels/product.ipp"
#include "gloro/kernels/product_gradients.ipp"

namespace gloro::kernels::detail {

template <std::floating_point Scalar>
constexpr FunctionsOf<Scalar> functions_here = {.convolve = convolve<Scalar>,
                                                .convolve_transposed = convolve_transposed<Scalar>,
                                                .correlate_filters = correlate_filters<Scalar>,
                                                .multiply = multiply<Scalar>,
                                                .multiply_transposed = multiply_transposed<Scalar>,
                                                .outer_add = outer_add<Scalar>,
                                                .minmax = minmax<Scalar>,
                                                .minmax_backward = minmax_backward<Scalar>,
                                                .step_by_moments = step_by_moments<Scalar>};

}  // namespace gloro::kernels::detail

constinit const gloro::kernels::detail::Functions GLORO_LEVEL = {
    .arithmetic_fault =
        [] {
          const char* const fault = gloro::detail::fault_of_arithmetic<float>();
          return fault ? fault : gloro::detail::fault_of_arithmetic<double>();
        },
    .in_float = gloro::kernels::detail::functions_here<float>,
    .in_double = gloro::kernels::detail::functions_here<double>};
