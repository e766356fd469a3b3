// Normalization: a fixed shift and scale of every channel, as data preparation does it. It is a layer,
// so that its stretch counts in the network's bound and epsilon stays in pixel units.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "gloro/layers/described_options.hpp"
#include "gloro/layers/layer.hpp"
#include "gloro/rounding/bound.hpp"

namespace gloro {

/// y = (x - shift_c) * scale_c for every channel c; fixed, not trained, but saved with the model.
template <std::floating_point Scalar>
class Normalization {
 public:
  static constexpr const char* type = "normalization";

  /// One shift and scale for each channel; throws ArgumentError unless there are as many of each.
  Normalization(const std::vector<Scalar>& shift, const std::vector<Scalar>& scale)
      : shift_(Eigen::Map<const Vector<Scalar>>(shift.data(), static_cast<Index>(shift.size()))),
        scale_(Eigen::Map<const Vector<Scalar>>(scale.data(), static_cast<Index>(scale.size()))) {
    if (shift.size() != scale.size() || shift.empty())
      throw ArgumentError(message("Normalization needs as many shifts as scales, got ",
                                  shift.size(), " and ", scale.size()));
  }

  [[nodiscard]] Shape output_shape(Shape input) const {
    if (input.channels != shift_.size())
      throw ShapeError(
          message("Normalization of ", shift_.size(), " channels got an input of ", input));
    return input;
  }
  void place(Shape input) { pixels_ = input.height * input.width; }

  [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, const Pass<Scalar>&) const {
    auto pixels = as_pixels(x);
    pixels.colwise() -= shift_;
    pixels.array().colwise() *= scale_.array();
    return x;
  }

  [[nodiscard]] double definition(const Tensor<double>& x, Index i) const {
    const Index c = i % shift_.size();
    return (x.data()[i] - static_cast<double>(shift_(c))) * static_cast<double>(scale_(c));
  }

  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, const BackwardPass<Scalar>&) const {
    as_pixels(dy).array().colwise() *= scale_.array();
    return dy;
  }

  [[nodiscard]] Scalar lipschitz() const { return scale_.cwiseAbs().maxCoeff(); }
  [[nodiscard]] double lipschitz_upper_bound() const {
    if (!scale_.allFinite() || !shift_.allFinite()) return std::numeric_limits<double>::infinity();
    return static_cast<double>(scale_.cwiseAbs().maxCoeff());
  }
  /// A subtraction and a product: |error| <= gamma_2 |scale| (|x| + |shift|), and a scale that is read
  /// as zero takes the shift with it, too.
  [[nodiscard]] RoundingBound rounding() const {
    using namespace rounding;
    const double stretch = lipschitz_upper_bound();
    double squares = 0, shifts = 0;
    for (Index c = 0; c < shift_.size(); ++c) {
      const double shift = std::abs(static_cast<double>(shift_(c)));
      const double offset = mul_up(shift, std::abs(static_cast<double>(scale_(c))));
      squares = add_up(squares, mul_up(offset, offset));
      shifts = add_up(shifts, shift);
    }
    const double copies = sqrt_up(static_cast<double>(pixels_));
    const double tiny = static_cast<double>(std::numeric_limits<Scalar>::min());
    const double values = static_cast<double>(pixels_ * shift_.size());
    return gamma(2, unit_roundoff<Scalar>()) *
               RoundingBound{stretch, mul_up(copies, sqrt_up(squares))} +
           (underflow<Scalar>(2, values, stretch) +
            tiny * RoundingBound{0, mul_up(copies, shifts)});
  }
  [[nodiscard]] Description describe() const {
    return {type, {{"shift", as_list(shift_)}, {"scale", as_list(scale_)}}};
  }
  [[nodiscard]] static Normalization from(DescribedOptions& options) {
    const auto shift = options.values<Scalar>("shift");
    return Normalization(shift, options.values<Scalar>("scale"));
  }
  template <std::floating_point Other>
  [[nodiscard]] Normalization<Other> cast() const {
    Normalization<Other> other(std::vector<Other>(shift_.begin(), shift_.end()),
                               std::vector<Other>(scale_.begin(), scale_.end()));
    other.place({pixels_, 1, shift_.size()});
    return other;
  }

 private:
  /// channels x (pixels of all samples).
  [[nodiscard]] Eigen::Map<Matrix<Scalar>> as_pixels(Tensor<Scalar>& x) const {
    return {x.data(), shift_.size(), x.size() / shift_.size()};
  }
  [[nodiscard]] static std::vector<double> as_list(const Vector<Scalar>& values) {
    return {values.begin(), values.end()};
  }

  Vector<Scalar> shift_, scale_;
  Index pixels_ = 0;
};

}  // namespace gloro
