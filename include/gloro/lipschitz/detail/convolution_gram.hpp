// A^T A or A A^T of a convolution A, whichever is smaller: a band of blocks, one block a row of
// pixels, for rows of pixels meet only as far as the kernel reaches.
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <optional>
#include <vector>

#include "gloro/core/tensor.hpp"
#include "gloro/kernels/convolution_geometry.hpp"
#include "gloro/rounding/outward.hpp"

namespace gloro::lipschitz {

using namespace rounding;

class ConvolutionGram {
 public:
  /// `filters`: cout x (kh kw cin).
  ConvolutionGram(const kernels::ConvolutionGeometry& g, const Matrix<double>& filters)
      : ConvolutionGram(g, cost(g, true) <= cost(g, false)) {
    const Index taps = g.kernel_height * g.kernel_width;
    Matrix<double> rows(taps * channels_, filters.size() / (taps * channels_));
    for (Index tap = 0; tap < taps; ++tap) {
      const auto filter = filters.middleCols(tap * g.input.channels, g.input.channels);
      if (down_.keeps_input)
        rows.middleRows(tap * channels_, channels_) = filter.transpose();
      else
        rows.middleRows(tap * channels_, channels_) = filter;
    }
    // Not as a product of two: Eigen would share that out to threads of OpenMP, whose rounding is theirs.
    products_.setZero(rows.rows(), rows.rows());
    products_.selfadjointView<Eigen::Lower>().rankUpdate(rows);
    products_.triangularView<Eigen::StrictlyUpper>() = products_.transpose();
    measure(g, filters, static_cast<double>(taps + rows.cols()));
  }

  /// Operations of a Cholesky factorisation of the band.
  [[nodiscard]] static double cost(const kernels::ConvolutionGeometry& g) {
    return std::min(cost(g, true), cost(g, false));
  }

  /// Operations of putting all blocks together, and doubles that the products of filters take.
  struct Assembly {
    double operations, values;
  };
  [[nodiscard]] static Assembly assembly(const kernels::ConvolutionGeometry& g) {
    const ConvolutionGram band(g, cost(g, true) <= cost(g, false));
    const auto square = [](Index n) { return static_cast<double>(n) * static_cast<double>(n); };
    const double meetings =
        static_cast<double>(band.across_.kept()) *
        static_cast<double>(std::min(2 * band.across_.reach() + 1, band.across_.kept())) *
        (square(g.kernel_width) + static_cast<double>(g.kernel_width) *
                                      static_cast<double>(g.kernel_height) *
                                      square(band.channels_));
    const double products = square(g.kernel_height * g.kernel_width * band.channels_);
    return {static_cast<double>(band.blocks()) * static_cast<double>(band.reach() + 1) *
                    (square(g.kernel_height) + meetings) +
                products * static_cast<double>(g.input.channels + g.output.channels),
            products + 2 * square((band.reach() + 1) * band.side())};
  }

  /// Blocks along the diagonal, rows of one, and how far from the diagonal blocks are not zero.
  [[nodiscard]] Index blocks() const { return down_.kept(); }
  [[nodiscard]] Index side() const { return across_.kept() * channels_; }
  [[nodiscard]] Index reach() const { return std::min(down_.reach(), blocks() - 1); }

  /// Subtracts block (row, column) from `target`.
  template <typename Target>
  void subtract_block(Index row, Index column, Target&& target) const {
    const auto vertical = down_.meetings(row, column);
    for (Index x = 0; x < across_.kept(); ++x)
      for (Index x2 = std::max<Index>(0, x - across_.reach());
           x2 <= std::min(across_.kept() - 1, x + across_.reach()); ++x2)
        for (const auto& horizontal : across_.meetings(x, x2))
          for (const auto& meeting : vertical)
            target.block(x * channels_, x2 * channels_, channels_, channels_) -=
                products_.block((meeting.tap * across_.kernel + horizontal.tap) * channels_,
                                (meeting.tap2 * across_.kernel + horizontal.tap2) * channels_,
                                channels_, channels_);
  }

  /// Bound on the norm of the rounding error of `diagonal` I minus all blocks. An entry is a sum of
  /// at most n products, sums and the diagonal, in any order: off by at most gamma_n times the
  /// diagonal and the entry of |A|^T |A|.
  [[nodiscard]] double rounding(double diagonal) const {
    return add_up(mul_up(relative_, add_up(magnitude_, diagonal)), lost_);
  }

 private:
  /// Two kept pixels meet where tap `tap` of the one and `tap2` of the other join the same pixel.
  struct Meeting {
    Index tap, tap2;
  };

  struct Axis {
    Index input, output, kernel, stride, padding;
    bool keeps_input;

    [[nodiscard]] Index kept() const { return keeps_input ? input : output; }
    [[nodiscard]] Index reach() const { return keeps_input ? kernel - 1 : (kernel - 1) / stride; }

    /// The pixel on the other side that `tap` joins with the kept pixel `at`, if it is there.
    [[nodiscard]] std::optional<Index> partner(Index at, Index tap) const {
      if (!keeps_input) {
        const Index pixel = at * stride + tap - padding;
        return pixel >= 0 && pixel < input ? std::optional(pixel) : std::nullopt;
      }
      const Index start = at + padding - tap;
      if (start < 0 || start % stride != 0 || start / stride >= output) return std::nullopt;
      return start / stride;
    }

    [[nodiscard]] std::vector<Meeting> meetings(Index at, Index at2) const {
      std::vector<Meeting> all;
      for (Index tap = 0; tap < kernel; ++tap)
        for (Index tap2 = 0; tap2 < kernel; ++tap2) {
          const auto pixel = partner(at, tap);
          if (pixel && pixel == partner(at2, tap2)) all.push_back({tap, tap2});
        }
      return all;
    }
  };

  ConvolutionGram(const kernels::ConvolutionGeometry& g, bool keeps_input)
      : channels_(keeps_input ? g.input.channels : g.output.channels),
        down_{g.input.height,  g.output.height, g.kernel_height,
              g.stride_height, g.pad_top,       keeps_input},
        across_{g.input.width,  g.output.width, g.kernel_width,
                g.stride_width, g.pad_left,     keeps_input} {}

  [[nodiscard]] static double cost(const kernels::ConvolutionGeometry& g, bool keeps_input) {
    const ConvolutionGram band(g, keeps_input);
    const auto side = static_cast<double>(band.side()), reach = static_cast<double>(band.reach());
    return static_cast<double>(band.blocks()) * side * side * side *
           (1.0 / 3 + reach + reach * reach);
  }

  /// || |A| ||^2 is at most || |A| ||_1 || |A| ||_inf, and those at most what they would be if no tap
  /// ever met the border. The sums of magnitudes round too, by far less than the factor of 2 allows.
  void measure(const kernels::ConvolutionGeometry& g, const Matrix<double>& filters, double terms) {
    const Matrix<double> magnitudes = filters.cwiseAbs();
    Vector<double> reading = Vector<double>::Zero(g.input.channels);
    for (Index column = 0; column < magnitudes.cols(); ++column)
      reading(column % g.input.channels) += magnitudes.col(column).sum();
    magnitude_ = reading.maxCoeff() * magnitudes.rowwise().sum().maxCoeff();
    relative_ = mul_up(2, gamma(terms + 16, unit_roundoff<double>()));
    lost_ = mul_up(16 * terms * static_cast<double>(blocks() * side()), underflow_unit);
  }

  Index channels_;  // of a kept pixel
  Axis down_, across_;
  Matrix<double> products_;  // of the filters at two taps: (taps channels) squared
  double magnitude_ = 0, relative_ = 0, lost_ = 0;
};

}  // namespace gloro::lipschitz
