// Parallel: what several branches make of one input, added up or side by side as channels. A branch of more
// than one layer is a Chain, one that hands its input on is a Chain without layers.
#pragma once

#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "gloro/layers/any_layer.hpp"

namespace gloro {

/// What becomes of the branches' outputs.
enum class Join {
  sum,          ///< added up: all of one shape
  concatenate,  ///< the channels of the first, then those of the second ...: of one height and width
};

template <std::floating_point Scalar>
struct ParallelOptions {
  std::vector<AnyLayer<Scalar>> branches;  ///< at least one
  Join join = Join::sum;
};

/// Summed, K = K_1 + ... + K_n by the triangle inequality; concatenated, K = sqrt(K_1^2 + ... + K_n^2).
/// Its parameters are called `branches.0.weight`, or `branches.0.1.weight` in a Chain, in a file.
template <std::floating_point Scalar>
class Parallel {
 public:
  static constexpr const char* type = "parallel";

  explicit Parallel(ParallelOptions<Scalar> options);

  [[nodiscard]] const std::vector<AnyLayer<Scalar>>& branches() const { return options_.branches; }
  [[nodiscard]] Join join() const { return options_.join; }
  [[nodiscard]] std::vector<Part<Scalar>> parts(Shape input) const;

  [[nodiscard]] Shape output_shape(Shape input) const;

  /// The branches', and the input once for each.
  [[nodiscard]] double memory(Shape input) const;

  void place(Shape input);
  void draw(Random& random);
  [[nodiscard]] std::vector<Parameter<Scalar>*> parameters();
  [[nodiscard]] std::vector<Parameter<Scalar>*> state();

  [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, const Pass<Scalar>& pass) const;
  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, const BackwardPass<Scalar>& pass) const;

  /// Adds the output of branch b to `joined`, or puts it in its place there; the first comes first.
  void join_in(Tensor<Scalar>& joined, std::size_t b, Tensor<Scalar> output) const;

  [[nodiscard]] std::optional<Tensor<double>> definitions(const Tensor<double>& x) const;

  void refresh_lipschitz(int iterations, Workers* workers = nullptr);
  [[nodiscard]] Scalar lipschitz(Workers* workers = nullptr) const;
  void lipschitz_backward(Scalar g, std::span<GradientView<Scalar>> gradients) const;
  /// Whether a layer inside computes with what is made of its parameters.
  [[nodiscard]] bool is_parametrized() const;
  void parametrization_backward(std::span<GradientView<Scalar>> gradients) const;
  /// The same of plain layers.
  [[nodiscard]] Parallel plain() const;
  [[nodiscard]] double lipschitz_upper_bound() const;
  /// The same from bounds of its parts, in their order.
  [[nodiscard]] double upper_bound_from(std::span<const double> parts) const;
  [[nodiscard]] bool has_quick_bound() const;

  /// The branches', as their outputs are joined; and the additions.
  [[nodiscard]] RoundingBound rounding() const;

  [[nodiscard]] Description describe() const;
  [[nodiscard]] static Parallel from(DescribedOptions& options);
  template <std::floating_point Other>
  [[nodiscard]] Parallel<Other> cast() const;

 private:
  template <std::floating_point>
  friend class Parallel;

  /// What the slope `dy` of the joined output is for that of branch b.
  [[nodiscard]] Tensor<Scalar> slope_of(std::size_t b, const Tensor<Scalar>& dy) const;

  ParallelOptions<Scalar> options_;
  Shape input_, output_;        // since place()
  std::vector<Shape> outputs_;  // of the branches
  std::vector<Index> before_;   // channels of those before, for each
};

}  // namespace gloro

#ifdef GLORO_COMPILED
#include "gloro/layers/detail/instances.hpp"
GLORO_HELD_LAYER(extern, Parallel)
#else
#include "gloro/layers/parallel.ipp"
#endif
