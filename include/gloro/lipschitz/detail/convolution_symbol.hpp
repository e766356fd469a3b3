// The symbol of a convolution: for each frequency of a torus the complex matrix that the circular
// convolution applies there (Sedghi, Gupta and Long, "The singular values of convolutional layers",
// ICLR 2019), with a bound on its rounding error. A stride s is turned into stride 1 by
// space-to-depth: row s y + t becomes block y + t / s, phase t % s.
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>

#include "gloro/core/tensor.hpp"
#include "gloro/kernels/convolution_geometry.hpp"
#include "gloro/rounding/outward.hpp"

namespace gloro::lipschitz {

using namespace rounding;

/// The angle pi twice_step / size along one axis of a torus: step k of an N-point grid has
/// twice_step = 2 k, and 2 k + 1 on a grid twisted by half a step.
struct AxisFrequency {
  Index size = 1;
  Index twice_step = 0;

  /// In turns, 0 to 1.
  [[nodiscard]] double turns() const {
    return static_cast<double>(twice_step) / static_cast<double>(2 * size);
  }
};

class ConvolutionSymbol {
 public:
  using Complex = std::complex<double>;

  /// `filters`: cout x (kh kw cin), |entries| below 2; must outlive the symbol.
  ConvolutionSymbol(const kernels::ConvolutionGeometry& geometry, const Matrix<double>& filters)
      : geometry_(geometry),
        filters_(filters),
        phases_height_(std::min(geometry.kernel_height, geometry.stride_height)),
        phases_width_(std::min(geometry.kernel_width, geometry.stride_width)) {}

  /// cout x (phases cin): sum over the taps of one phase of filter times e^(i angle).
  [[nodiscard]] Matrix<Complex> at(AxisFrequency down, AxisFrequency across) const {
    const Index channels = geometry_.input.channels;
    Matrix<Complex> symbol =
        Matrix<Complex>::Zero(filters_.rows(), phases_height_ * phases_width_ * channels);
    for_each_tap([&](Index tap, Index phase, Index block_y, Index block_x) {
      symbol.middleCols(phase * channels, channels) +=
          twiddle(down, block_y, across, block_x) *
          filters_.middleCols(tap * channels, channels).template cast<Complex>();
    });
    return symbol;
  }

  /// Bound on the norm of the error of at(). Each part of an entry is a sum over taps, off by at
  /// most (gamma + twiddle_error) times the sum of magnitudes; two parts make that sqrt(2), and a
  /// factor of 4 leaves room for the rounding of this very bound.
  [[nodiscard]] double rounding() const {
    const Index channels = geometry_.input.channels;
    Matrix<double> magnitudes =
        Matrix<double>::Zero(filters_.rows(), phases_height_ * phases_width_ * channels);
    for_each_tap([&](Index tap, Index phase, Index, Index) {
      magnitudes.middleCols(phase * channels, channels) +=
          filters_.middleCols(tap * channels, channels).cwiseAbs();
    });
    const double taps = static_cast<double>(geometry_.kernel_height * geometry_.kernel_width);
    const double relative = add_up(gamma(2 * taps + 8, unit_roundoff<double>()), twiddle_error);
    const double entries = static_cast<double>(filters_.size());
    return add_up(mul_up(mul_up(4, relative), magnitudes.norm()),
                  mul_up(8 * entries, underflow_unit));
  }

 private:
  /// The angle, at most 2 pi, is off by less than 2^-48 (pi, a product and a quotient rounded). The
  /// standard library's sine and cosine are taken to err by less than 2^-47, 64 units of roundoff.
  static constexpr double twiddle_error = 0x1p-46;

  [[nodiscard]] static Complex twiddle(AxisFrequency down, Index y, AxisFrequency across, Index x) {
    const Index whole = down.size * across.size;  // angle = pi part / whole, reduced exactly
    const Index part =
        (down.twice_step * y * across.size + across.twice_step * x * down.size) % (2 * whole);
    const double angle =
        std::numbers::pi * (static_cast<double>(part) / static_cast<double>(whole));
    return {std::cos(angle), std::sin(angle)};
  }

  /// visit(tap, phase, vertical block, horizontal block) for each tap of the kernel.
  template <typename Visit>
  void for_each_tap(Visit&& visit) const {
    for (Index y = 0; y < geometry_.kernel_height; ++y)
      for (Index x = 0; x < geometry_.kernel_width; ++x)
        visit(y * geometry_.kernel_width + x,
              y % geometry_.stride_height * phases_width_ + x % geometry_.stride_width,
              y / geometry_.stride_height, x / geometry_.stride_width);
  }

  const kernels::ConvolutionGeometry& geometry_;
  const Matrix<double>& filters_;
  Index phases_height_, phases_width_;
};

}  // namespace gloro::lipschitz
