// Residual: y = x + f(x), f a chain of layers that keeps its input's shape (He, Zhang, Ren and Sun 2016,
// "Deep Residual Learning for Image Recognition").
#pragma once

#include <concepts>
#include <optional>
#include <span>
#include <vector>

#include "gloro/layers/chain.hpp"
#include "gloro/layers/linear_map.hpp"

namespace gloro {

template <std::floating_point Scalar>
struct ResidualOptions {
  std::vector<AnyLayer<Scalar>> body;  ///< f: at least one layer
};

/// K = 1 + K_f. Where f is one Conv2D (stride 1) or Dense the whole is one linear map I + A, and K its own
/// norm: what power iteration estimates then, and what is bounded. Such a block may as well be a
/// ResidualConv2D, which computes it by one convolution.
/// Its parameters are called `body.0.weight` and so on in a file.
template <std::floating_point Scalar>
class Residual {
 public:
  static constexpr const char* type = "residual";

  explicit Residual(ResidualOptions<Scalar> options);

  /// f.
  [[nodiscard]] const Chain<Scalar>& body() const { return body_; }
  [[nodiscard]] std::vector<Part<Scalar>> parts(Shape input) const;

  [[nodiscard]] Shape output_shape(Shape input) const;

  /// f's, and x once more.
  [[nodiscard]] double memory(Shape input) const;

  void place(Shape input);
  void draw(Random& random);
  [[nodiscard]] std::vector<Parameter<Scalar>*> parameters();
  /// The singular vector of I + A, where that is what is bounded, and f's.
  [[nodiscard]] std::vector<Parameter<Scalar>*> state();

  [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, const Pass<Scalar>& pass) const;
  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, const BackwardPass<Scalar>& pass) const;

  [[nodiscard]] std::optional<Tensor<double>> definitions(const Tensor<double>& x) const;

  void refresh_lipschitz(int iterations, Workers* workers = nullptr);
  [[nodiscard]] Scalar lipschitz(Workers* workers = nullptr) const;
  void lipschitz_backward(Scalar g, std::span<GradientView<Scalar>> gradients) const;
  /// Whether a layer inside computes with what is made of its parameters.
  [[nodiscard]] bool is_parametrized() const;
  void parametrization_backward(std::span<GradientView<Scalar>> gradients) const;
  /// The same of plain layers.
  [[nodiscard]] Residual plain() const;
  [[nodiscard]] double lipschitz_upper_bound() const;
  /// The same from bounds of its parts, in their order.
  [[nodiscard]] double upper_bound_from(std::span<const double> parts) const;
  [[nodiscard]] bool has_quick_bound() const;

  /// f's, and one addition, of norms n and ||f(x)||.
  [[nodiscard]] RoundingBound rounding() const;

  [[nodiscard]] Description describe() const;
  [[nodiscard]] static Residual from(DescribedOptions& options);
  template <std::floating_point Other>
  [[nodiscard]] Residual<Other> cast() const;

 private:
  template <std::floating_point>
  friend class Residual;

  /// A's, of f's one layer.
  [[nodiscard]] const Matrix<Scalar>& weight() const;
  /// (I + A) v.
  [[nodiscard]] Matrix<Scalar> apply(const Matrix<Scalar>& v) const;
  /// Of I + A, whose weights are rounded to double: by u (1 + w), on one diagonal.
  [[nodiscard]] double folded_upper_bound() const;

  Chain<Scalar> body_;
  Shape input_;                                               // since place()
  std::optional<LinearMap> map_;                              // A, where the whole is I + A
  Parameter<Scalar> right_{.name = "right_singular_vector"};  // of I + A
};

}  // namespace gloro

#ifdef GLORO_COMPILED
#include "gloro/layers/detail/instances.hpp"
GLORO_HELD_LAYER(extern, Residual)
#else
#include "gloro/layers/residual.ipp"
#endif
