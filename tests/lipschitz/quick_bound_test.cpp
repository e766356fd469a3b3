// The quick bound, and when it stands in: never below the norm, and never in the way of a better one
// for networks as they are trained.
#include "catch.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "gloro/layers/average_pooling2d.hpp"
#include "gloro/layers/conv2d.hpp"
#include "gloro/layers/convex_potential.hpp"
#include "gloro/layers/linear_rounding.hpp"
#include "gloro/layers/max_pooling2d.hpp"
#include "gloro/lipschitz/convolution_bound.hpp"
#include "gloro/lipschitz/dense_bound.hpp"
#include "gloro/lipschitz/detail/filters.hpp"
#include "gloro/lipschitz/detail/quick_bound.hpp"
#include "gloro/lipschitz/detail/scaled_matrix.hpp"
#include "gloro/lipschitz/magnitude_bound.hpp"
#include "gloro/model/gloro_model.hpp"
#include "gloro/wording/architecture.hpp"
#include "lipschitz/reference.hpp"

using namespace gloro;
using namespace gloro::lipschitz;
using kernels::ConvolutionGeometry;
using reference::Weights;

namespace {

ConvolutionGeometry tall(Index height, Index width, Index filters, Index kernel, Index stride) {
  return Window{{kernel, 1}, {stride, 1}, Padding::same}.on({height, width, 1}, filters);
}

double seconds(const auto& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

TEST_CASE("the quick bound of a matrix lies above its norm and that of its magnitudes") {
  Random random(31);
  for (const auto kind : reference::every_kind)
    for (const auto& [rows, cols] : {std::pair<Index, Index>{1, 7}, {7, 1}, {5, 9}, {20, 20}}) {
      const Matrix<double> matrix = scaled(reference::weights(kind, rows, cols, random))->value;
      const double quick = dense_quick_bound(matrix);
      CAPTURE(static_cast<int>(kind), rows, cols);
      CHECK(quick >= reference::spectral_norm(matrix) * (1 - reference::slack));
      CHECK(quick >= reference::spectral_norm(matrix.cwiseAbs()) * (1 - reference::slack));
      CHECK(quick <= matrix.cwiseAbs().sum() * (1 + 1e-12));
    }
  CHECK(dense_quick_bound(Matrix<double>::Identity(4, 4)) <= 1 + 1e-12);
}

TEST_CASE("the quick bound counts what its sums lose, not even one bit is missing") {
  // Equal numbers in a row or a column: the norm is the root of their count times one of them, exactly,
  // and the sum of so many is off by many units, up or down.
  constexpr Index size = Index{1} << 14;
  Random random(32);
  for (int i = 0; i < 50; ++i) {
    const double c = random.uniform(1, 2);
    const double square = c * c, low = std::fma(c, c, -square);
    for (const bool is_row : {false, true}) {
      const double bound =
          dense_quick_bound(Matrix<double>::Constant(is_row ? 1 : size, is_row ? size : 1, c));
      const double squared = bound * bound, error = std::fma(bound, bound, -squared);
      CHECK((squared - size * square) + (error - size * low) >= 0);
      CHECK(bound <= 128 * c * (1 + 1e-11));
    }
  }
}

TEST_CASE("the quick bound of a convolution lies above the norm over all strides and paddings") {
  Random random(32);
  for (Index height = 1; height <= 7; ++height)
    for (Index kernel = 1; kernel <= 5; ++kernel)
      for (Index stride = 1; stride <= 4; ++stride)
        for (int padding = 0; padding < reference::paddings; ++padding) {
          const auto down = reference::padded(height, kernel, stride, padding);
          const auto across = reference::padded(5, 3, 2, (padding + 1) % reference::paddings);
          if (!down.exists() || !across.exists()) continue;
          const auto g = reference::geometry(down, across, 2, 3);
          for (const auto kind : {Weights::normal, Weights::positive}) {
            const Matrix<double> filters =
                scaled(reference::weights(kind, 3, g.taps(), random))->value;
            const Matrix<double> matrix = reference::convolution_matrix(g, filters);
            CAPTURE(height, kernel, stride, padding);
            CHECK(convolution_quick_bound(g, filters) >=
                  reference::spectral_norm(matrix.cwiseAbs()) * (1 - reference::slack));
          }
        }
}

TEST_CASE("with a stride the quick bound counts the taps that can meet a pixel") {
  // Two taps, stride two: no pixel is read twice, and the norm is that of the filter.
  const ConvolutionGeometry g = tall(8, 1, 1, 2, 2);
  CHECK(convolution_quick_bound(g, Matrix<double>{{1, 1}}) <= std::sqrt(2.0) * (1 + 1e-12));
}

TEST_CASE("images of any size are bounded at once and never below the norm") {
  // A blur (1, 2, 1) / 4, whose norm comes near 1 as the image grows.
  Matrix<float> blur(1, 3);
  blur << 0.25F, 0.5F, 0.25F;
  for (const Index size : {Index{1} << 10, Index{1} << 16, Index{1} << 20, Index{1} << 24,
                           Index{1} << std::min(31, std::numeric_limits<Index>::digits - 2)})
    for (const bool across : {false, true}) {
      ConvolutionGeometry g = tall(size, 1, 1, 3, 1);
      if (across) {
        std::swap(g.input.height, g.input.width);
        std::swap(g.output.height, g.output.width);
        std::swap(g.kernel_height, g.kernel_width);
        std::swap(g.pad_top, g.pad_left);
      }
      CAPTURE(size, across);
      double bound = 0, magnitude = 0;
      const double time = seconds([&] {
        bound = convolution_upper_bound(g, blur);
        magnitude = convolution_magnitude(g, blur);
      });
      CHECK(bound >= 1 - 1e-5);
      CHECK(bound <= 1.01);
      CHECK(magnitude >= 1 - 1e-5);
      CHECK(time < 60);  // seconds here, and hours or gigabytes for the tight bounds
      CHECK(has_tight_convolution_bound(g) == (size <= Index{1} << 16));
    }
}

TEST_CASE("kernels as long as the image cost no more than their weights are worth") {
  const Index size = Index{1} << 12;
  const ConvolutionGeometry g = Window{{1, size}, 1, Padding::same}.on({1, size, 1}, 1);
  Matrix<float> filter = Matrix<float>::Constant(1, size, 1.0F / static_cast<float>(size));
  CHECK(seconds([&] { CHECK(convolution_upper_bound(g, filter) >= 0.5); }) < 120);
}

TEST_CASE("taps that meet nothing but padding are found without a walk over the image") {
  // Rows of zeros alone are read by the first taps; the image has one row.
  const Index far = Index{1} << std::min(30, std::numeric_limits<Index>::digits - 3);
  const ConvolutionGeometry g{{1, 1, 1}, {1, 1, 1}, 4, 1, 1, 1, 3, 0};
  CHECK(acting_filters(g, Matrix<double>{{1, 2, 3, 4}}) == Matrix<double>{{0, 0, 0, 4}});
  const ConvolutionGeometry long_stride{{1, 1, 1}, {far, 1, 1}, 2, 1, 3, 1, 3 * far - 3, 0};
  CHECK(acting_filters(long_stride, Matrix<double>{{1, 2}}) == Matrix<double>{{1, 0}});
}

TEST_CASE("pooling windows of any size are bounded at once and never below the norm") {
  Random unused(0);
  for (const Index size : {600, 1000, 5000, 1 << 20}) {
    AnyLayer<float> average = AveragePooling2D<float>({.pool = {3, 1}, .stride = 1});
    AnyLayer<float> largest = MaxPooling2D<float>({.pool = {size / 2, 1}, .stride = 1});
    CAPTURE(size);
    CHECK(seconds([&] {
            build(average, {size, 1, 1}, unused);
            build(largest, {size, 1, 1}, unused);
            CHECK(average.lipschitz_upper_bound() >= 0.999);
            CHECK(average.lipschitz_upper_bound() <= 1.001);
            CHECK(largest.lipschitz_upper_bound() >= std::sqrt(static_cast<double>(size / 2)));
          }) < 60);
    CHECK(average.has_quick_bound());
    CHECK_FALSE(largest.has_quick_bound());
  }
}

TEST_CASE("no layer of the networks by name is bounded quickly") {
  const auto check = [](const char* name, const Shape& input) {
    Shape shape = input;
    Random random(1);
    for (AnyLayer<float>& layer : read_architecture<float>(name, 10)) {
      const Shape output = layer.output_shape(shape);
      if (const auto* conv = layer.as<Conv2D<float>>()) {
        Conv2D<float> placed = *conv;
        build(placed, shape, random);
        CAPTURE(name, shape, output);
        CHECK_FALSE(placed.has_quick_bound());
        CHECK(has_tight_magnitude(placed.convolution()));
      }
      shape = output;
    }
  };
  for (const char* name : {"2C2F", "4C3F", "LiResNet-S"}) check(name, {28, 28, 1});
  for (const char* name : {"6C2F", "8C2F", "LiResNet-S", "CPL-S"}) check(name, {32, 32, 3});
  for (const char* name : {"6C2F", "8C2F"}) check(name, {64, 64, 3});
  CHECK(has_tight_dense_bound(512, 4096, 512.0 * 4096));
  CHECK(has_tight_dense_bound(4096, 4096, 4096.0 * 4096));
}
