// Parameter: a named matrix of a layer, trained or carried along. Gradients live outside the model:
// one flat array with a view for each parameter, so that shards are added, clipped, sent over a
// network and handed to an optimizer as plain vectors.
#pragma once

#include <concepts>
#include <span>
#include <string>
#include <vector>

#include "gloro/core/buffer.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/core/tensor.hpp"

namespace gloro {

/// How a matrix whose rows are images lies in files and in other programs, which have channels first
/// where this library has them last.
struct Layout {
  Shape row = {0, 0, 0};  ///< of a row; empty: the matrix is no such thing, and lies as it stands
  bool flat = false;      ///< an extent for a whole row (Dense), or three: channels, height, width

  [[nodiscard]] bool is_of_images() const { return row.size() > 0; }
  friend bool operator==(const Layout&, const Layout&) = default;
};

/// A named matrix that a layer owns: its weights, a bias, a stored singular vector.
template <std::floating_point Scalar>
struct Parameter {
  std::string name;
  Matrix<Scalar> value = {};
  Layout layout = {};
  /// A weight matrix: weight decay pulls at it, and a rule may move it as a whole.
  bool decays = false;
};

/// Where a layer adds the gradient of one of its parameters: same extents as the parameter.
template <std::floating_point Scalar>
using GradientView = Eigen::Map<Matrix<Scalar>>;

/// One gradient for each of a list of parameters, contiguous in memory, in the parameters' order.
template <std::floating_point Scalar>
class Gradients {
 public:
  Gradients() = default;

  /// Zero gradients for `parameters` (a range of pointers), followed by `extra` further values.
  template <typename Parameters>
  explicit Gradients(const Parameters& parameters, Index extra = 0) : extra_(extra) {
    for (const auto* parameter : parameters)
      extents_.push_back({parameter->value.rows(), parameter->value.cols()});
    take_room();
  }
  Gradients(const Gradients& other);
  Gradients(Gradients&&) noexcept = default;  // the buffer keeps its address: the views stay valid
  Gradients& operator=(Gradients other) noexcept;

  /// A view for each parameter.
  [[nodiscard]] std::span<GradientView<Scalar>> views() { return views_; }
  [[nodiscard]] std::span<const GradientView<Scalar>> views() const { return views_; }

  /// Everything as one vector; the `extra` values stand at its end.
  [[nodiscard]] Eigen::Map<Vector<Scalar>> flat() { return {values_.data(), size()}; }
  [[nodiscard]] Eigen::Map<const Vector<Scalar>> flat() const { return {values_.data(), size()}; }
  [[nodiscard]] Scalar* extra() { return values_.data() + (size() - extra_); }
  [[nodiscard]] const Scalar* extra() const { return values_.data() + (size() - extra_); }
  [[nodiscard]] Index size() const { return static_cast<Index>(values_.size()); }

  void set_zero();

 private:
  struct Extents {
    Index rows, cols;
  };

  /// For all of `extents_` and the extra values, each of them zero.
  void take_room();
  void lay_views();

  std::vector<Extents> extents_;
  Index extra_ = 0;
  Buffer<Scalar> values_;
  std::vector<GradientView<Scalar>> views_;
};

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/core/parameter.ipp"
#endif
