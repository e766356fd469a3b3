// Normalization: a fixed shift and scale of every channel, as data preparation does it. It is a layer,
// so that its stretch counts in the network's bound and epsilon stays in pixel units.
#pragma once

#include <concepts>
#include <vector>

#include "gloro/layers/layer.hpp"

namespace gloro {

/// y = (x - shift_c) * scale_c for every channel c; fixed, not trained, but saved with the model.
template <std::floating_point Scalar>
class Normalization {
 public:
  static constexpr const char* type = "normalization";

  /// One shift and scale for each channel; throws ArgumentError unless there are as many of each.
  Normalization(const std::vector<Scalar>& shift, const std::vector<Scalar>& scale);

  [[nodiscard]] Shape output_shape(Shape input) const;
  void place(Shape input);

  [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, const Pass<Scalar>&) const;

  [[nodiscard]] double definition(const Tensor<double>& x, Index i) const;

  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, const BackwardPass<Scalar>&) const;

  [[nodiscard]] Scalar lipschitz() const;
  [[nodiscard]] double lipschitz_upper_bound() const;
  /// A subtraction and a product: |error| <= gamma_2 |scale| (|x| + |shift|), and a scale that is read
  /// as zero takes the shift with it, too.
  [[nodiscard]] RoundingBound rounding() const;
  [[nodiscard]] Description describe() const;
  [[nodiscard]] static Normalization from(DescribedOptions& options);
  template <std::floating_point Other>
  [[nodiscard]] Normalization<Other> cast() const;

 private:
  /// channels x (pixels of all samples).
  [[nodiscard]] Eigen::Map<Matrix<Scalar>> as_pixels(Tensor<Scalar>& x) const;
  [[nodiscard]] static std::vector<double> as_list(const Vector<Scalar>& values);

  Vector<Scalar> shift_, scale_;
  Index pixels_ = 0;
};

}  // namespace gloro

#ifdef GLORO_COMPILED
#include "gloro/layers/detail/instances.hpp"
GLORO_HELD_LAYER(extern, Normalization)
#else
#include "gloro/layers/normalization.ipp"
#endif
