// The norms of absolute values, on which error bounds rest, against singular values; and the error
// claims against sums that round as badly as they can.
#include "catch.hpp"

#include <cmath>
#include <vector>

#include "gloro/lipschitz/linear_rounding.hpp"
#include "reference.hpp"

using namespace gloro;

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
  const double all = 5 * std::sqrt(20.0) *
                     gamma(static_cast<double>(kernels::summation_depth(geometry)),
                           unit_roundoff<float>());
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
    kernels::multiply<float>(1, inputs, weight.data(), nullptr, x.data(), &y, 1);
    const double error = std::abs(x.cast<double>().sum() - static_cast<double>(y));
    const RoundingBound claim = dense_rounding(weight, none);
    const RoundingBound row = dense_row_rounding(weight, none, 0);
    CHECK(error <= claim.relative * x.cast<double>().norm() + claim.absolute);
    CHECK(error <= row.relative * x.cast<double>().norm() + row.absolute);
    CHECK(error > 0);
  }
}

TEST_CASE("weights that are no numbers, or too many, leave the error unbounded") {
  const Matrix<float> none(0, 1);
  Matrix<float> weight = Matrix<float>::Ones(2, 3);
  weight(1, 2) = std::nanf("");
  CHECK(dense_rounding(weight, none).relative == infinity);
  CHECK(dense_row_rounding(weight, none, 1).relative == infinity);
  CHECK(dense_row_rounding(weight, none, 0).relative < 1);
  const RoundingBound endless =
      detail::linear_rounding<float>(1, 0, Index{1} << 24, Index{1} << 24, 1, 1, 1);
  CHECK(endless.relative == infinity);
  CHECK(endless.absolute == infinity);
}
