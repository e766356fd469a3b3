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
  explicit ResidualConv2D(ResidualConv2DOptions options = {})
      : Base(folded(options, 1)), options_(options) {}

  [[nodiscard]] Shape output_shape(Shape input) const {
    return Base(folded(options_, input.channels)).output_shape(input);
  }

  [[nodiscard]] double memory(Shape input) const {
    return Base(folded(options_, input.channels)).memory(input);
  }

  void place(Shape input) {
    static_cast<Base&>(*this) = Base(folded(options_, input.channels));
    Base::place(input);
  }
  void draw(Random& random) {
    Base::draw(random);
    Matrix<Scalar>& weight = Base::parameters()[0]->value;
    weight *= static_cast<Scalar>(options_.residual);
    const kernels::ConvolutionGeometry g = Base::convolution();
    const Index centre = g.pad_top * g.kernel_width + g.pad_left;  // reads the pixel it writes
    weight.middleCols(centre * g.input.channels, g.input.channels).diagonal().array() += 1;
  }

 private:
  [[nodiscard]] static Conv2DOptions folded(const ResidualConv2DOptions& options, Index channels) {
    return {.filters = channels,
            .kernel = options.kernel,
            .stride = 1,
            .padding = Padding::same,
            .bias = options.bias,
            .initializer = options.initializer};
  }

  ResidualConv2DOptions options_;
};

}  // namespace gloro
