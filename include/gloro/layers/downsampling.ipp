// The bodies of downsampling.hpp.
#pragma once

#include "gloro/layers/downsampling.hpp"

#include <algorithm>

#include "gloro/core/error.hpp"
#include "gloro/layers/described_options.hpp"

namespace gloro {

template <std::floating_point Scalar>
InvertibleDownsampling<Scalar>::InvertibleDownsampling(Extent block) : block_(block) {
  if (block.height < 1 || block.width < 1)
    throw ArgumentError(
        message("a block must be at least 1x1, got ", block.height, "x", block.width));
}

template <std::floating_point Scalar>
Shape InvertibleDownsampling<Scalar>::output_shape(Shape input) const {
  if (input.height % block_.height != 0 || input.width % block_.width != 0)
    throw ShapeError(message("InvertibleDownsampling by ", block_.height, "x", block_.width,
                             " does not divide an input of ", input));
  return {input.height / block_.height, input.width / block_.width,
          input.channels * block_.height * block_.width};
}

template <std::floating_point Scalar>
Tensor<Scalar> InvertibleDownsampling<Scalar>::forward(Tensor<Scalar> x,
                                                       const Pass<Scalar>&) const {
  Tensor<Scalar> y(output_shape(x.shape()), x.batch());
  for_each_pixel(x.shape(), x.batch(), [&](Index from, Index to, Index channels) {
    std::copy_n(x.data() + from, channels, y.data() + to);
  });
  return y;
}

template <std::floating_point Scalar>
double InvertibleDownsampling<Scalar>::definition(const Tensor<double>& x, Index i) const {
  const Shape& image = x.shape();
  const Shape output = output_shape(image);
  const Index group = i % output.channels / image.channels, pixel = i / output.channels;
  const Index row = pixel / output.width * block_.height + group / block_.width;
  const Index column = pixel % output.width * block_.width + group % block_.width;
  return x.data()[(row * image.width + column) * image.channels + i % image.channels];
}

template <std::floating_point Scalar>
Tensor<Scalar> InvertibleDownsampling<Scalar>::backward(Tensor<Scalar> dy,
                                                        const BackwardPass<Scalar>&) const {
  const Shape& output = dy.shape();
  Tensor<Scalar> dx({output.height * block_.height, output.width * block_.width,
                     output.channels / (block_.height * block_.width)},
                    dy.batch());
  for_each_pixel(dx.shape(), dx.batch(), [&](Index from, Index to, Index channels) {
    std::copy_n(dy.data() + to, channels, dx.data() + from);
  });
  return dx;
}

template <std::floating_point Scalar>
Description InvertibleDownsampling<Scalar>::describe() const {
  return {type, {{"block", block_.described()}}};
}

template <std::floating_point Scalar>
InvertibleDownsampling<Scalar> InvertibleDownsampling<Scalar>::from(DescribedOptions& options) {
  return InvertibleDownsampling(options.extent("block"));
}

template <std::floating_point Scalar>
template <typename Move>
void InvertibleDownsampling<Scalar>::for_each_pixel(const Shape& image, Index batch,
                                                    Move&& move) const {
  const Index channels = image.channels, groups = block_.height * block_.width;
  const Index columns = image.width / block_.width;
  Index from = 0;
  for (Index n = 0; n < batch; ++n)
    for (Index row = 0; row < image.height; ++row)
      for (Index column = 0; column < image.width; ++column, from += channels) {
        const Index pixel = (row / block_.height) * columns + column / block_.width;
        const Index group = row % block_.height * block_.width + column % block_.width;
        move(from, n * image.size() + (pixel * groups + group) * channels, channels);
      }
}

#ifdef GLORO_COMPILING
template class InvertibleDownsampling<float>;
template class InvertibleDownsampling<double>;
GLORO_HELD_LAYER(, InvertibleDownsampling)
#endif

}  // namespace gloro
