// A convolution as plain loops over its products, in double, and the rounding that a result may have.
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <random>
#include <vector>

#include "gloro/kernels/convolution_geometry.hpp"

namespace plain_loops {

using gloro::Index;
using gloro::Shape;
using gloro::kernels::ConvolutionGeometry;

struct Margins {
  Index top, bottom, left, right;
};

// The layer with these options; its output is empty where the kernel fits nowhere.
inline ConvolutionGeometry geometry(Shape input, Index filters, Index kernel_height,
                                    Index kernel_width, Index stride_height, Index stride_width,
                                    Margins pad) {
  const auto extent = [](Index size, Index kernel, Index stride) {
    return size < kernel ? Index{0} : (size - kernel) / stride + 1;
  };
  const Shape output{extent(input.height + pad.top + pad.bottom, kernel_height, stride_height),
                     extent(input.width + pad.left + pad.right, kernel_width, stride_width),
                     filters};
  return {input,         output,       kernel_height, kernel_width,
          stride_height, stride_width, pad.top,       pad.left};
}

template <typename Scalar>
std::vector<Scalar> random_values(Index count, std::mt19937& random) {
  std::uniform_real_distribution<double> uniform(-1, 1);
  std::vector<Scalar> values(static_cast<std::size_t>(count));
  for (auto& value : values) value = static_cast<Scalar>(uniform(random));
  return values;
}

// Calls visit(x index, filter index, y index) for every product of the layer on one sample.
template <typename Visit>
void for_each_product(const ConvolutionGeometry& g, Visit&& visit) {
  for (Index oy = 0; oy < g.output.height; ++oy)
    for (Index ox = 0; ox < g.output.width; ++ox)
      for (Index ky = 0; ky < g.kernel_height; ++ky)
        for (Index kx = 0; kx < g.kernel_width; ++kx) {
          const Index iy = oy * g.stride_height + ky - g.pad_top;
          const Index ix = ox * g.stride_width + kx - g.pad_left;
          if (iy < 0 || iy >= g.input.height || ix < 0 || ix >= g.input.width) continue;
          for (Index ci = 0; ci < g.input.channels; ++ci)
            for (Index co = 0; co < g.output.channels; ++co)
              visit((iy * g.input.width + ix) * g.input.channels + ci,
                    ((ky * g.kernel_width + kx) * g.input.channels + ci) * g.output.channels + co,
                    (oy * g.output.width + ox) * g.output.channels + co);
        }
}

struct Expected {
  std::vector<double> value, magnitude;
  explicit Expected(Index count)
      : value(static_cast<std::size_t>(count)), magnitude(static_cast<std::size_t>(count)) {}
  void add(Index i, double product) {
    value[static_cast<std::size_t>(i)] += product;
    magnitude[static_cast<std::size_t>(i)] += std::abs(product);
  }
};

// True if every |result - expected| <= gamma_depth * sum of |products|, the double loop's own
// rounding (at most `terms` additions) granted.
template <typename Scalar>
bool within(const std::vector<Scalar>& result, const Expected& expected, Index depth, Index terms) {
  const auto gamma = [](Index d, double unit) {
    return static_cast<double>(d) * unit / (1 - static_cast<double>(d) * unit);
  };
  const double bound = gamma(depth, std::numeric_limits<Scalar>::epsilon() / 2.0) +
                       gamma(terms + 1, std::numeric_limits<double>::epsilon() / 2);
  for (std::size_t i = 0; i < result.size(); ++i) {
    const double error = std::abs(static_cast<double>(result[i]) - expected.value[i]);
    if (!(error <= bound * expected.magnitude[i])) return false;
  }
  return true;
}

template <typename Scalar>
const Scalar* at(const std::vector<Scalar>& values, Index i) {
  return values.data() + i;
}

}  // namespace plain_loops
