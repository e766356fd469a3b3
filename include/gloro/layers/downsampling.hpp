// InvertibleDownsampling: space-to-depth (Jacobsen, Smeulders and Oyallon 2018). A permutation, so it
// keeps distances exactly.
#pragma once

#include <concepts>

#include "gloro/layers/layer.hpp"
#include "gloro/layers/window.hpp"

namespace gloro {

/// H x W x C to H/p x W/q x (p q C): position (i, j) of a p x q block becomes the (i q + j)-th group
/// of C channels. Needs extents that p and q divide.
template <std::floating_point Scalar>
class InvertibleDownsampling {
 public:
  static constexpr const char* type = "invertible_downsampling";

  explicit InvertibleDownsampling(Extent block = 2);

  [[nodiscard]] Shape output_shape(Shape input) const;

  [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, const Pass<Scalar>&) const;

  [[nodiscard]] double definition(const Tensor<double>& x, Index i) const;

  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, const BackwardPass<Scalar>&) const;

  [[nodiscard]] Scalar lipschitz() const { return 1; }
  [[nodiscard]] double lipschitz_upper_bound() const { return 1; }
  [[nodiscard]] RoundingBound rounding() const { return {}; }
  [[nodiscard]] Description describe() const;
  [[nodiscard]] static InvertibleDownsampling from(DescribedOptions& options);
  template <std::floating_point Other>
  [[nodiscard]] InvertibleDownsampling<Other> cast() const {
    return InvertibleDownsampling<Other>(block_);
  }

 private:
  /// Calls move(offset in the image, offset in the output, channels) for every pixel of every image.
  template <typename Move>
  void for_each_pixel(const Shape& image, Index batch, Move&& move) const;

  Extent block_;
};

}  // namespace gloro

#ifdef GLORO_COMPILED
#include "gloro/layers/detail/instances.hpp"
GLORO_HELD_LAYER(extern, InvertibleDownsampling)
#else
#include "gloro/layers/downsampling.ipp"
#endif
