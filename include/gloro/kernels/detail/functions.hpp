// Functions: the kernels of one level as pointers, by which gloro::compiled calls them.
#pragma once

#include <concepts>

#include "gloro/kernels/convolution.hpp"
#include "gloro/kernels/convolution_transposed.hpp"
#include "gloro/kernels/minmax.hpp"
#include "gloro/kernels/moments.hpp"
#include "gloro/kernels/product.hpp"
#include "gloro/kernels/product_gradients.hpp"

namespace gloro::kernels::detail {

template <std::floating_point Scalar>
struct FunctionsOf {
  void (*convolve)(const Convolution<Scalar>&, Workers*);
  void (*convolve_transposed)(const TransposedConvolution<Scalar>&, Workers*);
  void (*correlate_filters)(const FilterCorrelation<Scalar>&);
  void (*multiply)(const Product<Scalar>&, Workers*);
  void (*multiply_transposed)(const TransposedProduct<Scalar>&, Workers*);
  void (*outer_add)(const OuterProduct<Scalar>&);
  void (*minmax)(const Pairs<Scalar>&);
  void (*minmax_backward)(const PairGradients<Scalar>&);
  void (*step_by_moments)(const MomentStep<Scalar>&);
};

struct Functions {
  const char* (
      *arithmetic_fault)();  ///< of the unit, as core/detail/compiled_arithmetic.hpp says it
  FunctionsOf<float> in_float;
  FunctionsOf<double> in_double;

  template <std::floating_point Scalar>
  [[nodiscard]] const FunctionsOf<Scalar>& of() const {
    if constexpr (std::same_as<Scalar, float>)
      return in_float;
    else
      return in_double;
  }
};

/// Those of the level that level() names.
[[nodiscard]] const Functions& chosen_functions();

}  // namespace gloro::kernels::detail

/// What a unit of level_unit.hpp defines, the one name that it shows.
extern "C" {
[[gnu::visibility("hidden")]] extern const gloro::kernels::detail::Functions gloro_kernels_x86_64,
    gloro_kernels_x86_64_v2, gloro_kernels_x86_64_v3, gloro_kernels_x86_64_v4;
}
