// The norms of absolute values, on which error bounds rest, against singular values; and the error
// claims against sums that round as badly as they can.
#include "catch.hpp"

#include <cmath>
#include <utility>
#include <vector>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

#include "gloro/kernels/product.hpp"
#include "gloro/kernels/promises.hpp"
#include "gloro/layers/linear_rounding.hpp"
#include "gloro/lipschitz/magnitude_bound.hpp"
#include "gloro/rounding/products.hpp"
#include "lipschitz/reference.hpp"

using namespace gloro;
using namespace gloro::rounding;
using namespace gloro::lipschitz;

namespace {

/// || |W| || as dense_rounding used it; biases and underflow are left out.
double magnitude_of(const RoundingBound& error, Index depth) {
  return error.relative / gamma(static_cast<double>(depth), unit_roundoff<float>());
}

/// Whether a bound encloses the norm; numbers below float's smallest normal count for nothing.
void check_encloses(double bound, double exact, double factor) {
  CHECK(bound >= exact * (1 - reference::slack));
  CHECK(bound <= factor * exact + 1e-28);
}

}  // namespace

TEST_CASE("the norm of a dense layer's absolute weights is bounded, closely") {
  Random random(1);
  const Matrix<float> none(0, 1);
  for (const auto kind : reference::every_kind)
    for (const Index rows : {1, 2, 5, 16, 40})
      for (const Index cols : {1, 3, 8, 60}) {
        const Matrix<float> weight = reference::weights(kind, rows, cols, random);
        const double exact = reference::spectral_norm(weight.cast<double>().cwiseAbs());
        check_encloses(magnitude_of(dense_rounding(weight, none), kernels::product_depth(cols)),
                       exact, 1.2);
      }
}

TEST_CASE("the norm of a convolution's absolute weights is bounded, closely") {
  Random random(2);
  const Matrix<float> none(0, 1);
  for (const auto kind : reference::every_kind)
    for (const Index kernel : {1, 2, 3, 5})
      for (const Index stride : {1, 2, 3})
        for (int padding = 0; padding < reference::paddings; ++padding) {
          const auto down = reference::padded(6, kernel, stride, padding);
          const auto across = reference::padded(4, kernel, stride, 1);
          if (!down.exists() || !across.exists()) continue;
          const auto geometry = reference::geometry(down, across, 2, 3);
          const Matrix<float> filters = reference::weights(kind, 3, geometry.taps(), random);
          const double exact = reference::spectral_norm(
              reference::convolution_matrix(geometry, filters.cast<double>().cwiseAbs()));
          check_encloses(magnitude_of(convolution_rounding(geometry, filters, none),
                                      kernels::summation_depth(geometry)),
                         exact, 1.2);
        }
}

TEST_CASE("the bias counts, once for each pixel") {
  const Matrix<float> weight = Matrix<float>::Zero(2, 3);
  Matrix<float> bias(2, 1);
  bias << 3, -4;
  const double unit = gamma(static_cast<double>(kernels::product_depth(3)), unit_roundoff<float>());
  CHECK(dense_rounding(weight, bias).absolute >= 5 * unit);
  CHECK(dense_rounding(weight, bias).absolute <= 5.001 * unit);
  CHECK(dense_row_rounding(weight, bias, 1).absolute >= 4 * unit);
  CHECK(dense_row_rounding(weight, bias, 1).absolute <= 4.001 * unit);

  const kernels::ConvolutionGeometry geometry{{4, 5, 1}, {4, 5, 2}, 3, 1, 1, 1, 1, 0};
  const double all =
      5 * std::sqrt(20.0) *
      gamma(static_cast<double>(kernels::summation_depth(geometry)), unit_roundoff<float>());
  CHECK(convolution_rounding(geometry, weight, bias).absolute >= all);
  CHECK(convolution_rounding(geometry, weight, bias).absolute <= 1.001 * all);
}

TEST_CASE("sums that lose half a unit in every addition stay within the claim, and come near it") {
  // A one, and then terms that are just too small to move it.
  for (const Index inputs : {4, 16, 33, 200, 1000}) {
    const Matrix<float> weight = Matrix<float>::Ones(1, inputs), none(0, 1);
    Vector<float> x = Vector<float>::Constant(inputs, 0x1.fffp-26F);
    x(0) = 1;
    float y = 0;
    kernels::multiply<float>(
        {.outputs = 1, .inputs = inputs, .weights = weight.data(), .x = x.data(), .y = &y});
    const double error = std::abs(x.cast<double>().sum() - static_cast<double>(y));
    const RoundingBound claim = dense_rounding(weight, none);
    const RoundingBound row = dense_row_rounding(weight, none, 0);
    CHECK(error <= claim.relative * x.cast<double>().norm() + claim.absolute);
    CHECK(error <= row.relative * x.cast<double>().norm() + row.absolute);
    CHECK(error > 0);
  }
}

TEST_CASE("the norm of absolute weights counts squares that are lost in their sum") {
  // As for dense bounds: a column whose sum of squares double computes too small.
  const double small = 0x1.69p-27;
  for (const Index size : {9, 64, 1001}) {
    Matrix<double> column = Matrix<double>::Constant(size, 1, small);
    column(0, 0) = 1;
    const double rest = static_cast<double>(size - 1) * (small * small);
    const double bound = dense_magnitude(column);
    const double square = bound * bound, error = std::fma(bound, bound, -square);
    CHECK((square - 1 - rest) + error >= 0);
    CHECK(bound <= 1 + rest + 1e-11);
  }
}

TEST_CASE("one product and a bias round twice, and that much is claimed") {
  Random random(3);
  int beyond_one = 0;
  for (int i = 0; i < 2000; ++i) {
    const Matrix<float> weight = Matrix<float>::Constant(1, 1, float(random.uniform(1.4142, 1.48)));
    const Matrix<float> bias = Matrix<float>::Constant(1, 1, float(random.uniform(0, 0.01)));
    const auto x = static_cast<float>(random.uniform(1.4143, 1.48));
    float y = 0;
    kernels::multiply<float>({.outputs = 1,
                              .inputs = 1,
                              .weights = weight.data(),
                              .bias = bias.data(),
                              .x = &x,
                              .y = &y});
    const double exact = double(weight(0)) * double(x) + double(bias(0));  // within 2^-53
    const double error = std::abs(double(y) - exact);
    for (const RoundingBound& claim :
         {dense_rounding(weight, bias), dense_row_rounding(weight, bias, 0)})
      CHECK(error <= claim.relative * double(x) + claim.absolute + 0x1p-51);
    beyond_one += error > 1.001 * unit_roundoff<float>() * exact;
  }
  CHECK(beyond_one > 20);
}

TEST_CASE("a row that is its input loses as much as a row may") {
  // The claim is in norms: it is reached where the weights are the input, and all else rounds away.
  for (const Index inputs : {4, 33, 64, 200, 1000}) {
    Matrix<float> weight = Matrix<float>::Constant(1, inputs, 0x1.fep-13F);  // squares below 2^-24
    weight(0, 0) = 1;
    const Matrix<float> none(0, 1);
    float y = 0;
    kernels::multiply<float>(
        {.outputs = 1, .inputs = inputs, .weights = weight.data(), .x = weight.data(), .y = &y});
    const double norm = weight.cast<double>().norm() * (1 + 1e-15);
    const double error = std::abs(weight.cast<double>().squaredNorm() - static_cast<double>(y));
    for (const RoundingBound& claim :
         {dense_rounding(weight, none), dense_row_rounding(weight, none, 0)}) {
      CHECK(error <= claim.relative * norm + claim.absolute);
      CHECK(error >= 0.2 * (claim.relative * norm + claim.absolute));
    }
  }
}

TEST_CASE("products that underflow are within the claim") {
  const Matrix<float> weight = Matrix<float>::Constant(1, 1, 1e-25F), none(0, 1);
  const float x = 1e-25F;
  float y = 1;
  kernels::multiply<float>({.outputs = 1, .inputs = 1, .weights = weight.data(), .x = &x, .y = &y});
  REQUIRE(y == 0);
  for (const RoundingBound& claim :
       {dense_rounding(weight, none), dense_row_rounding(weight, none, 0)})
    CHECK(1.0001e-50 <= claim.relative * 1e-25 + claim.absolute);
}

#if defined(__SSE2__)
TEST_CASE("weights and inputs that are read as zero are within the claim") {
  const Matrix<float> none(0, 1);
  for (const auto& [w, input] : {std::pair{1e-39F, 1e10F}, std::pair{1e10F, 1e-39F}}) {
    const Matrix<float> weight = Matrix<float>::Constant(1, 1, w);
    const volatile float x = input;
    const double exact = static_cast<double>(w) * static_cast<double>(input);
    const unsigned before = _mm_getcsr();
    _mm_setcsr(before | 0x8040U);  // FTZ and DAZ
    const float read = x;
    float y = 1;
    kernels::multiply<float>(
        {.outputs = 1, .inputs = 1, .weights = weight.data(), .x = &read, .y = &y});
    _mm_setcsr(before);
    REQUIRE(y == 0);
    for (const RoundingBound& claim :
         {dense_rounding(weight, none), dense_row_rounding(weight, none, 0)})
      CHECK(exact <= claim.relative * static_cast<double>(input) + claim.absolute);
  }
}
#endif

TEST_CASE("weights that are no numbers, or too many, leave the error unbounded") {
  const Matrix<float> none(0, 1);
  Matrix<float> weight = Matrix<float>::Ones(2, 3);
  weight(1, 2) = std::nanf("");
  CHECK(dense_rounding(weight, none).relative == infinity);
  CHECK(dense_row_rounding(weight, none, 1).relative == infinity);
  CHECK(dense_row_rounding(weight, none, 0).relative < 1);
  const RoundingBound endless = of_products<float>({.magnitude = 1,
                                                    .bias = 0,
                                                    .depth = Index{1} << 24,
                                                    .terms = Index{1} << 24,
                                                    .fan_out = 1,
                                                    .inputs = 1,
                                                    .outputs = 1});
  CHECK(endless.relative == infinity);
  CHECK(endless.absolute == infinity);
}
