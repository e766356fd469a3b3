// ChannelAffine: a trained gain and bias for every channel, or one of them alone. A bias alone is centering
// as it is at inference, a shift that stretches nothing; both are batch normalization as it is at inference.
// Normalization is the same with fixed numbers.
#pragma once

#include <concepts>
#include <span>
#include <vector>

#include "gloro/layers/layer.hpp"

namespace gloro {

struct ChannelAffineOptions {
  bool gain = true;
  bool bias = true;
};

/// y = gain_c x + bias_c for every channel c; its Lipschitz constant is the largest |gain|. Begins as the
/// identity.
template <std::floating_point Scalar>
class ChannelAffine {
 public:
  static constexpr const char* type = "channel_affine";

  /// Throws ArgumentError where it would have neither gains nor biases.
  explicit ChannelAffine(ChannelAffineOptions options = {});

  [[nodiscard]] Shape output_shape(Shape input) const { return input; }
  void place(Shape input);

  /// "gain" and "bias", those that it has.
  [[nodiscard]] std::vector<Parameter<Scalar>*> parameters();

  [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, const Pass<Scalar>& pass) const;

  [[nodiscard]] double definition(const Tensor<double>& x, Index i) const;

  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, const BackwardPass<Scalar>& pass) const;

  [[nodiscard]] Scalar lipschitz() const;
  void lipschitz_backward(Scalar g, std::span<GradientView<Scalar>> gradients) const;
  [[nodiscard]] double lipschitz_upper_bound() const;
  /// A product and a sum: |error| <= gamma_2 (|gain| |x| + |bias|).
  [[nodiscard]] RoundingBound rounding() const;
  [[nodiscard]] Description describe() const;
  [[nodiscard]] static ChannelAffine from(DescribedOptions& options);
  template <std::floating_point Other>
  [[nodiscard]] ChannelAffine<Other> cast() const;

 private:
  template <std::floating_point>
  friend class ChannelAffine;

  /// channels x (pixels of all samples).
  [[nodiscard]] static Eigen::Map<Matrix<Scalar>> as_pixels(Tensor<Scalar>& x);
  /// The channel with the largest |gain|, the first of several.
  [[nodiscard]] Index steepest() const;

  ChannelAffineOptions options_;
  Parameter<Scalar> gain_, bias_;
  Index pixels_ = 0;
};

}  // namespace gloro

#ifdef GLORO_COMPILED
#include "gloro/layers/detail/instances.hpp"
GLORO_HELD_LAYER(extern, ChannelAffine)
#else
#include "gloro/layers/channel_affine.ipp"
#endif
