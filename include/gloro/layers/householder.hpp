// Householder: the activation of Singla, Singla and Feizi (2022, "Improved deterministic l2 robustness on
// CIFAR-10 and CIFAR-100"). Pairs of channels z = (a, b), i and i + C/2, are reflected onto one side of a
// line through zero: with v = (sin(theta / 2), -cos(theta / 2))
//   y = z where v . z <= 0, else z - 2 (v . z) v = (a cos + b sin, a sin - b cos) of theta.
// Both pieces keep distances and agree where they meet, so it is 1-Lipschitz for any angle, and loses no
// gradient norm. An angle of pi / 2 sorts the pair: MinMax of halves.
#pragma once

#include <concepts>
#include <vector>

#include "gloro/layers/layer.hpp"

namespace gloro {

/// One trained angle for each pair of channels; needs an even number of channels.
template <std::floating_point Scalar>
class Householder {
 public:
  static constexpr const char* type = "householder";

  /// `angle`, in radians: where every pair begins; the default sorts.
  explicit Householder(Scalar angle = Scalar(1.57079632679489662));

  [[nodiscard]] Shape output_shape(Shape input) const;
  void place(Shape input);

  [[nodiscard]] std::vector<Parameter<Scalar>*> parameters();

  [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, const Pass<Scalar>& pass) const;

  [[nodiscard]] double definition(const Tensor<double>& x, Index i) const;

  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, const BackwardPass<Scalar>& pass) const;

  [[nodiscard]] Scalar lipschitz() const { return 1; }
  [[nodiscard]] double lipschitz_upper_bound() const;
  /// (2 + sqrt(2)) (gamma_3 + 2^-46), the 2 for a pair that is taken for one of the other side.
  [[nodiscard]] RoundingBound rounding() const;
  [[nodiscard]] Description describe() const;
  [[nodiscard]] static Householder from(DescribedOptions&);
  template <std::floating_point Other>
  [[nodiscard]] Householder<Other> cast() const;

 private:
  template <std::floating_point>
  friend class Householder;

  /// Of theta and of its half, computed in double and rounded.
  struct Turn {
    Scalar sine, cosine, half_sine, half_cosine;
    explicit Turn(Scalar theta);
    [[nodiscard]] bool reflects(Scalar a, Scalar b) const {
      return a * half_sine > b * half_cosine;
    }
  };

  /// Calls visit(index of a, index of b, turn, pair) for all pairs of a tensor of that many values.
  template <typename Visit>
  void for_each_pair(Index size, Visit&& visit) const;

  Parameter<Scalar> theta_;
  Scalar angle_;
  Index size_ = 0;
};

}  // namespace gloro

#ifdef GLORO_COMPILED
#include "gloro/layers/detail/instances.hpp"
GLORO_HELD_LAYER(extern, Householder)
#else
#include "gloro/layers/householder.ipp"
#endif
