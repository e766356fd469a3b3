// InvertibleDownsampling: space-to-depth (Jacobsen, Smeulders and Oyallon 2018). A permutation, so it
// keeps distances exactly.
#pragma once

#include <algorithm>

#include "gloro/layers/described_options.hpp"
#include "gloro/layers/layer.hpp"
#include "gloro/layers/window.hpp"

namespace gloro {

/// H x W x C to H/p x W/q x (p q C): position (i, j) of a p x q block becomes the (i q + j)-th group
/// of C channels. Needs extents that p and q divide.
template <std::floating_point Scalar>
class InvertibleDownsampling {
 public:
  static constexpr const char* type = "invertible_downsampling";

  explicit InvertibleDownsampling(Extent block = 2) : block_(block) {
    if (block.height < 1 || block.width < 1)
      throw ArgumentError(
          message("a block must be at least 1x1, got ", block.height, "x", block.width));
  }

  [[nodiscard]] Shape output_shape(Shape input) const {
    if (input.height % block_.height != 0 || input.width % block_.width != 0)
      throw ShapeError(message("InvertibleDownsampling by ", block_.height, "x", block_.width,
                               " does not divide an input of ", input));
    return {input.height / block_.height, input.width / block_.width,
            input.channels * block_.height * block_.width};
  }

  [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, const Pass<Scalar>&) const {
    Tensor<Scalar> y(output_shape(x.shape()), x.batch());
    for_each_pixel(x.shape(), x.batch(), [&](Index from, Index to, Index channels) {
      std::copy_n(x.data() + from, channels, y.data() + to);
    });
    return y;
  }

  [[nodiscard]] double definition(const Tensor<double>& x, Index i) const {
    const Shape& image = x.shape();
    const Shape output = output_shape(image);
    const Index group = i % output.channels / image.channels, pixel = i / output.channels;
    const Index row = pixel / output.width * block_.height + group / block_.width;
    const Index column = pixel % output.width * block_.width + group % block_.width;
    return x.data()[(row * image.width + column) * image.channels + i % image.channels];
  }

  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, const BackwardPass<Scalar>&) const {
    const Shape& output = dy.shape();
    Tensor<Scalar> dx({output.height * block_.height, output.width * block_.width,
                       output.channels / (block_.height * block_.width)},
                      dy.batch());
    for_each_pixel(dx.shape(), dx.batch(), [&](Index from, Index to, Index channels) {
      std::copy_n(dy.data() + to, channels, dx.data() + from);
    });
    return dx;
  }

  [[nodiscard]] Scalar lipschitz() const { return 1; }
  [[nodiscard]] double lipschitz_upper_bound() const { return 1; }
  [[nodiscard]] RoundingBound rounding() const { return {}; }
  [[nodiscard]] Description describe() const { return {type, {{"block", block_.described()}}}; }
  [[nodiscard]] static InvertibleDownsampling from(DescribedOptions& options) {
    return InvertibleDownsampling(options.extent("block"));
  }
  template <std::floating_point Other>
  [[nodiscard]] InvertibleDownsampling<Other> cast() const {
    return InvertibleDownsampling<Other>(block_);
  }

 private:
  /// Calls move(offset in the image, offset in the output, channels) for every pixel of every image.
  template <typename Move>
  void for_each_pixel(const Shape& image, Index batch, Move&& move) const {
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

  Extent block_;
};

}  // namespace gloro
