// The bodies of residual_conv2d.hpp.
#pragma once

#include "gloro/layers/residual_conv2d.hpp"

namespace gloro {

template <std::floating_point Scalar>
ResidualConv2D<Scalar>::ResidualConv2D(ResidualConv2DOptions options)
    : Base(folded(options, 1)), options_(options) {}

template <std::floating_point Scalar>
Shape ResidualConv2D<Scalar>::output_shape(Shape input) const {
  return Base(folded(options_, input.channels)).output_shape(input);
}

template <std::floating_point Scalar>
double ResidualConv2D<Scalar>::memory(Shape input) const {
  return Base(folded(options_, input.channels)).memory(input);
}

template <std::floating_point Scalar>
void ResidualConv2D<Scalar>::place(Shape input) {
  static_cast<Base&>(*this) = Base(folded(options_, input.channels));
  Base::place(input);
}

template <std::floating_point Scalar>
void ResidualConv2D<Scalar>::draw(Random& random) {
  Base::draw(random);
  Matrix<Scalar>& weight = Base::parameters()[0]->value;
  weight *= static_cast<Scalar>(options_.residual);
  const kernels::ConvolutionGeometry g = Base::convolution();
  const Index centre = g.pad_top * g.kernel_width + g.pad_left;  // reads the pixel it writes
  weight.middleCols(centre * g.input.channels, g.input.channels).diagonal().array() += 1;
}

template <std::floating_point Scalar>
Conv2DOptions ResidualConv2D<Scalar>::folded(const ResidualConv2DOptions& options, Index channels) {
  return {.filters = channels,
          .kernel = options.kernel,
          .stride = 1,
          .padding = Padding::same,
          .bias = options.bias,
          .initializer = options.initializer};
}

#ifdef GLORO_COMPILING
template class ResidualConv2D<float>;
template class ResidualConv2D<double>;
GLORO_HELD_LAYER(, ResidualConv2D)
#endif

}  // namespace gloro
