// Convolution bounds against the singular values of the explicit matrix and closed forms.
#include "catch.hpp"

#include <cmath>
#include <complex>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <numbers>

#include "gloro/lipschitz/convolution_bound.hpp"
#include "gloro/lipschitz/dense_bound.hpp"
#include "gloro/lipschitz/detail/cholesky_bound.hpp"
#include "gloro/lipschitz/detail/convolution_gram.hpp"
#include "gloro/lipschitz/detail/convolution_symbol.hpp"
#include "gloro/lipschitz/detail/gram_iteration.hpp"
#include "gloro/lipschitz/detail/scaled_matrix.hpp"
#include "gloro/lipschitz/detail/torus_bound.hpp"
#include "lipschitz/reference.hpp"

using namespace gloro;
using namespace gloro::lipschitz;
using kernels::ConvolutionGeometry;
using reference::Weights;

namespace {

template <typename Derived>
double on_torus(const ConvolutionGeometry& geometry, const Eigen::MatrixBase<Derived>& filters) {
  const auto source = scaled(filters);
  return source->is_zero ? source->unscaled(0) : torus_upper_bound(geometry, *source);
}

/// Both ways to a bound are never below the norm; that through Cholesky is tight as well.
void check_bounds(const ConvolutionGeometry& geometry, const Matrix<float>& filters) {
  CAPTURE(geometry.input, geometry.output, geometry.kernel_height, geometry.kernel_width,
          geometry.stride_height, geometry.stride_width, geometry.pad_top, geometry.pad_left);
  const double norm =
      reference::spectral_norm(reference::convolution_matrix(geometry, filters).cast<double>());
  const double bound = convolution_upper_bound(geometry, filters);
  CHECK(on_torus(geometry, filters) >= norm * (1 - reference::slack));
  CHECK(bound >= norm * (1 - reference::slack));
  CHECK(bound <= norm * (1 + 2 * bound_tolerance));
}

/// `bound_of` random and smooth filters is never below the norm, and at most `most` times it.
template <typename Bound>
void check_tight(std::initializer_list<ConvolutionGeometry> geometries, std::uint64_t seed,
                 double most, Bound&& bound_of) {
  Random random(seed);
  for (const auto kind : {Weights::normal, Weights::positive})
    for (const auto& geometry : geometries) {
      CAPTURE(static_cast<int>(kind), geometry.input, geometry.output);
      const Matrix<float> filters =
          reference::weights(kind, geometry.output.channels, geometry.taps(), random);
      const double norm =
          reference::spectral_norm(reference::convolution_matrix(geometry, filters).cast<double>());
      const double bound = bound_of(geometry, filters);
      CHECK(bound >= norm * (1 - reference::slack));
      CHECK(bound <= norm * most);
    }
}

/// Every `step`-th of the grid: sizes 1 to 9, kernels 1 to 5, strides 1 to 3, all paddings, each
/// with one kind of weights and channel counts in turn.
void check_grid(int step) {
  Random random(11);
  int at = 0, kind = 0;
  for (Index height = 1; height <= 9; ++height)
    for (Index width = 1; width <= 9; ++width)
      for (Index kernel_y = 1; kernel_y <= 5; ++kernel_y)
        for (Index kernel_x = 1; kernel_x <= 5; ++kernel_x)
          for (Index stride_y = 1; stride_y <= 3; ++stride_y)
            for (Index stride_x = 1; stride_x <= 3; ++stride_x)
              for (int padding = 0; padding < reference::paddings; ++padding) {
                if (++at % step != 0) continue;
                const auto down = reference::padded(height, kernel_y, stride_y, padding);
                const auto across =
                    reference::padded(width, kernel_x, stride_x, (padding + at) % 5);
                if (!down.exists() || !across.exists()) continue;
                const auto geometry =
                    reference::geometry(down, across, 1 + static_cast<Index>(random.below(3)),
                                        1 + static_cast<Index>(random.below(3)));
                const auto weights = reference::every_kind[static_cast<std::size_t>(++kind) %
                                                           reference::every_kind.size()];
                check_bounds(geometry, reference::weights(weights, geometry.output.channels,
                                                          geometry.taps(), random));
              }
}

ConvolutionGeometry same(Index size, Index channels, Index filters, Index kernel, Index stride) {
  const auto axis = reference::padded(size, kernel, stride, 1);
  return reference::geometry(axis, axis, channels, filters);
}

/// The whole norm of a separable filter on a large image, which no matrix could hold.
double separable_norm(Index size, double centre, double side) {
  const double one_axis =
      centre + 2 * side * std::cos(std::numbers::pi / (static_cast<double>(size) + 1));
  return one_axis * one_axis;
}

Matrix<double> separable_filter(double centre, double side) {
  const Eigen::RowVector3d axis(side, centre, side);
  Matrix<double> filter(1, 9);
  filter << side * axis, centre * axis, side * axis;
  return filter;
}

}  // namespace

TEST_CASE("convolution bounds are never below the norm, over a sample of all small shapes") {
  check_grid(11);
}

TEST_CASE("convolution bounds are never below the norm, over all small shapes", "[.nightly]") {
  check_grid(1);
}

TEST_CASE("convolution bounds hold for one shape with every kind of weights") {
  Random random(12);
  for (const auto kind : reference::every_kind)
    for (const Index stride : {1, 2, 3})
      for (int padding = 0; padding < reference::paddings; ++padding) {
        CAPTURE(static_cast<int>(kind), padding);
        const auto geometry = reference::geometry(reference::padded(6, 3, stride, padding),
                                                  reference::padded(5, 4, stride, padding), 2, 3);
        check_bounds(geometry, reference::weights(kind, 3, geometry.taps(), random));
      }
}

TEST_CASE(
    "torus bound is within 2 % of the norm of random and of smooth filters on larger images") {
  check_tight(
      {same(18, 2, 8, 3, 1), same(14, 4, 6, 4, 2), same(20, 1, 5, 5, 2)}, 13, 1.02,
      [](const auto& geometry, const auto& filters) { return on_torus(geometry, filters); });
}

TEST_CASE("torus bound holds for random larger shapes", "[.nightly]") {
  Random random(14);
  const auto between = [&](int from, int to) {
    return from + static_cast<Index>(random.below(static_cast<std::uint64_t>(to - from + 1)));
  };
  for (int trial = 0; trial < 300; ++trial) {
    const auto axis = [&] {
      return reference::padded(between(5, 16), between(1, 7), between(1, 4),
                               static_cast<int>(between(0, reference::paddings - 1)));
    };
    const auto down = axis(), across = axis();
    if (!down.exists() || !across.exists()) continue;
    const auto geometry = reference::geometry(down, across, between(1, 5), between(1, 5));
    const auto kind =
        reference::every_kind[static_cast<std::size_t>(trial) % reference::every_kind.size()];
    const Matrix<float> filters =
        reference::weights(kind, geometry.output.channels, geometry.taps(), random);
    const double norm =
        reference::spectral_norm(reference::convolution_matrix(geometry, filters).cast<double>());
    CAPTURE(trial, geometry.input, geometry.output);
    CHECK(on_torus(geometry, filters) >= norm * (1 - reference::slack));
    CHECK(convolution_upper_bound(geometry, filters) >= norm * (1 - reference::slack));
  }
}

TEST_CASE("torus bound is exact for a smooth separable filter, whatever the size of the image") {
  for (const Index size : {2, 3, 7, 28, 101})
    for (const double side : {0.25, 1.0, -1.0}) {
      const double norm = separable_norm(size, 2, std::abs(side));
      const double bound = on_torus(same(size, 1, 1, 3, 1), separable_filter(2, side));
      CAPTURE(size, side);
      CHECK(bound >= norm * (1 - reference::slack));
      CHECK(bound <= norm * (1 + 2 * bound_tolerance));
    }
}

TEST_CASE("a convolution that only moves the image, or weighs it, has an exact norm") {
  for (Index tap = 0; tap < 9; ++tap) {
    Matrix<double> filter = Matrix<double>::Zero(1, 9);
    filter(0, tap) = -0.5;
    const double bound = on_torus(same(40, 1, 1, 3, 1), filter);
    CHECK(bound >= 0.5);
    CHECK(bound <= 0.5 * (1 + 2 * bound_tolerance));
  }
}

TEST_CASE("Cholesky bound is tight on images that the layers of networks see") {
  check_tight({same(14, 4, 6, 3, 1), same(14, 6, 5, 4, 2), same(13, 1, 5, 5, 3)}, 17, 1 + 1e-5,
              [](const auto& geometry, const auto& filters) {
                return convolution_upper_bound(geometry, filters);
              });
}

TEST_CASE("no factorisation succeeds for a limit below the norm") {
  Random random(18);
  for (const auto& geometry : {same(7, 2, 3, 3, 1), same(8, 3, 2, 4, 2), same(9, 1, 2, 5, 1)})
    for (const auto kind : {Weights::normal, Weights::positive, Weights::rank_one}) {
      const Matrix<double> filters =
          reference::weights(kind, geometry.output.channels, geometry.taps(), random)
              .cast<double>();
      const double norm =
          reference::spectral_norm(reference::convolution_matrix(geometry, filters));
      const ConvolutionGram gram(geometry, filters);
      CHECK_FALSE(lipschitz::detail::cholesky_succeeds(gram, norm * norm * (1 - 1e-9)));
      CHECK(lipschitz::detail::cholesky_succeeds(gram, norm * norm * (1 + 1e-9)));
    }
}

TEST_CASE("the blocks of a convolution's Gram matrix are those of the explicit matrix") {
  Random random(19);
  for (const auto& geometry : {same(6, 2, 3, 3, 1), same(7, 3, 2, 4, 2), same(5, 1, 4, 3, 2),
                               ConvolutionGeometry{{9, 4, 2}, {3, 5, 2}, 4, 2, 3, 1, 1, 1}}) {
    const Matrix<double> filters =
        reference::weights(Weights::normal, geometry.output.channels, geometry.taps(), random)
            .cast<double>();
    const Matrix<double> matrix = reference::convolution_matrix(geometry, filters);
    const ConvolutionGram gram(geometry, filters);
    const Index size = gram.blocks() * gram.side();
    const Matrix<double> expected = size == matrix.cols()
                                        ? Matrix<double>(matrix.transpose() * matrix)
                                        : Matrix<double>(matrix * matrix.transpose());
    REQUIRE(expected.rows() == size);
    for (Index row = 0; row < gram.blocks(); ++row)
      for (Index column = 0; column < gram.blocks(); ++column) {
        Matrix<double> block =
            expected.block(row * gram.side(), column * gram.side(), gram.side(), gram.side());
        if (std::abs(row - column) <= gram.reach()) gram.subtract_block(row, column, block);
        CHECK(block.norm() <= gram.rounding(0));  // beyond the reach all is zero
      }
  }
}

TEST_CASE("the symbol is the discrete Fourier transform, within its own rounding bound") {
  // Twelve points twisted by half a step, stride 2: the angles are odd multiples of 15 degrees.
  const ConvolutionGeometry geometry{{24, 24, 1}, {11, 11, 1}, 4, 3, 2, 2, 0, 0};
  Random random(16);
  Matrix<double> filter(1, 12);
  for (auto& weight : filter.reshaped()) weight = random.uniform(-1, 1);
  const ConvolutionSymbol symbol(geometry, filter);
  CHECK(symbol.rounding() <= 1e-11);
  for (Index step_y = 1; step_y < 24; step_y += 2)
    for (Index step_x = 1; step_x < 24; step_x += 2) {
      Eigen::RowVector4cd expected = Eigen::RowVector4cd::Zero();
      for (Index y = 0; y < 4; ++y)
        for (Index x = 0; x < 3; ++x) {
          const double turns = static_cast<double>(step_y * (y / 2) + step_x * (x / 2)) / 24;
          expected(y % 2 * 2 + x % 2) +=
              filter(0, y * 3 + x) * std::polar(1.0, 2 * std::numbers::pi * turns);
        }
      const double error = (symbol.at({12, step_y}, {12, step_x}) - expected).norm();
      CHECK(error <= symbol.rounding());
    }
}

TEST_CASE("torus bound adds the rounding of the symbol to the largest norm on its torus") {
  // A stride as wide as the kernel: blocks do not mix, and one frequency says all.
  const ConvolutionGeometry geometry{{12, 12, 2}, {4, 4, 3}, 3, 3, 3, 3, 0, 0};
  Random random(20);
  const Matrix<double> filters =
      reference::weights(Weights::normal, 3, geometry.taps(), random).cast<double>();
  const auto source = scaled(filters);
  const ConvolutionSymbol symbol(geometry, source->value);
  GramIteration<ConvolutionSymbol::Complex> norm(symbol.at({1, 0}, {1, 0}));
  norm.refine(0, bound_tolerance);
  CHECK(torus_upper_bound(geometry, *source) >=
        source->unscaled(norm.bound()) + source->unscaled(symbol.rounding()));
}

TEST_CASE("a kernel that covers the whole image without padding is a dense layer") {
  Random random(15);
  const ConvolutionGeometry geometry{{5, 4, 3}, {1, 1, 6}, 5, 4, 1, 1, 0, 0};
  const Matrix<float> filters = reference::weights(Weights::normal, 6, 60, random);
  CHECK(reference::convolution_matrix(geometry, filters) == filters);
  check_bounds(geometry, filters);
}

TEST_CASE("the matrix of a convolution applies it") {
  // One row of three pixels, two taps, stride 1, one zero before: y_t = 10 x_(t-1) + x_t.
  const ConvolutionGeometry geometry{{1, 3, 1}, {1, 3, 1}, 1, 2, 1, 1, 0, 1};
  const Matrix<double> expected{{1, 0, 0}, {10, 1, 0}, {0, 10, 1}};
  CHECK(reference::convolution_matrix(geometry, Matrix<double>{{10, 1}}) == expected);
}

TEST_CASE("convolution bounds of zeros are zero, of NaN and infinite weights infinite") {
  const auto small = same(6, 2, 2, 3, 1);
  const auto large = same(40, 2, 2, 3, 1);
  for (const auto& geometry : {small, large}) {
    Matrix<float> filters = Matrix<float>::Zero(2, geometry.taps());
    CHECK(convolution_upper_bound(geometry, filters) == 0);
    for (const float bad :
         {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
      filters(1, 4) = bad;
      CHECK(convolution_upper_bound(geometry, filters) == infinity);
    }
  }
}

TEST_CASE("filters that do not fit the geometry are refused in words") {
  const auto geometry = same(6, 2, 3, 3, 1);
  CHECK_THROWS_AS(convolution_upper_bound(geometry, Matrix<float>::Zero(3, 17)), ShapeError);
  CHECK_THROWS_WITH(convolution_upper_bound(geometry, Matrix<float>::Zero(2, 18)),
                    ContainsText("3 x 18, got 2 x 18"));
  auto standing = geometry;
  standing.stride_width = 0;
  CHECK_THROWS_AS(convolution_upper_bound(standing, Matrix<float>::Zero(3, 18)), ShapeError);
}
