// ResidualConv2D: the linear residual block y = x + conv(x) of LiResNet (Hu, Zou, Wang, Leino and
// Fredrikson 2023, "Unlocking Deterministic Robustness Certification on ImageNet"). It is linear,
// and so one convolution: conv's filters with 1 added where a channel meets itself in the centre.
#pragma once

#include "gloro/layers/conv2d.hpp"

namespace gloro {

struct ResidualConv2DOptions {
  Extent kernel = 3;
  double residual = 0.1;  ///< factor of conv's first weights: the block begins near the identity
  bool bias = true;
  Initializer initializer = Initializer::orthogonal;
};

/// Keeps its input's shape: stride 1, `same` padding, as many filters as channels. The parameters
/// are the folded filters, I + conv. A step of an optimizer moves them just as it would move conv's
/// own; only weight decay differs, which here pulls to zero and not to the identity. So the norm
/// bounded is that of the whole block, not 1 + ||conv||, a pass costs one convolution, and the
/// block describes itself, and comes back from a file, as the Conv2D that it is.
template <std::floating_point Scalar>
class ResidualConv2D : public Conv2D<Scalar> {
  using Base = Conv2D<Scalar>;

 public:
  explicit ResidualConv2D(ResidualConv2DOptions options = {});

  [[nodiscard]] Shape output_shape(Shape input) const;

  [[nodiscard]] double memory(Shape input) const;

  void place(Shape input);
  void draw(Random& random);

 private:
  [[nodiscard]] static Conv2DOptions folded(const ResidualConv2DOptions& options, Index channels);

  ResidualConv2DOptions options_;
};

}  // namespace gloro

#ifdef GLORO_COMPILED
#include "gloro/layers/detail/instances.hpp"
GLORO_HELD_LAYER(extern, ResidualConv2D)
#else
#include "gloro/layers/residual_conv2d.ipp"
#endif
