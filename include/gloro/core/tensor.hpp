// Tensor: a batch of samples, a column a sample.
#pragma once

#include <Eigen/Core>

#include <concepts>
#include <utility>

#include "gloro/core/buffer.hpp"
#include "gloro/core/detail/compiled_arithmetic.hpp"
#include "gloro/core/detail/instruction_set.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/shape.hpp"

#ifdef EIGEN_NO_MALLOC
#error "gloro's parameters are Eigen matrices of dynamic size: compile without EIGEN_NO_MALLOC"
#endif

namespace gloro {

// The order is said here and nowhere else: EIGEN_DEFAULT_TO_ROW_MAJOR would turn raw data around.
template <typename Scalar>
using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::ColMajor>;
template <typename Scalar>
using Vector = Eigen::Matrix<Scalar, Eigen::Dynamic, 1, Eigen::ColMajor>;
template <typename Scalar>
using MatrixView = Eigen::Map<Matrix<Scalar>, Eigen::Aligned64>;
template <typename Scalar>
using ConstMatrixView = Eigen::Map<const Matrix<Scalar>, Eigen::Aligned64>;

/// A batch of samples of one shape: column-major, a column a sample, channels fastest within it.
/// New tensors are uninitialised.
template <std::floating_point Scalar>
class Tensor {
 public:
  Tensor() = default;
  Tensor(Shape shape, Index batch)
      : shape_(shape),
        batch_(batch),
        values_(static_cast<std::size_t>(checked_product(shape.size(), batch))) {}

  [[nodiscard]] const Shape& shape() const { return shape_; }
  [[nodiscard]] Index batch() const { return batch_; }
  [[nodiscard]] bool empty() const { return values_.size() == 0; }
  /// Values in all: shape().size() * batch().
  [[nodiscard]] Index size() const { return static_cast<Index>(values_.size()); }

  [[nodiscard]] Scalar* data() { return values_.data(); }
  [[nodiscard]] const Scalar* data() const { return values_.data(); }
  [[nodiscard]] Scalar* sample(Index n) { return data() + n * shape_.size(); }
  [[nodiscard]] const Scalar* sample(Index n) const { return data() + n * shape_.size(); }

  /// shape().size() x batch().
  [[nodiscard]] MatrixView<Scalar> matrix() { return {data(), shape_.size(), batch_}; }
  [[nodiscard]] ConstMatrixView<Scalar> matrix() const { return {data(), shape_.size(), batch_}; }

  /// The same values under another shape of the same size; throws ShapeError otherwise.
  [[nodiscard]] Tensor reshaped(Shape shape) && {
    if (shape.size() != shape_.size())
      throw ShapeError(message("cannot read samples of ", shape_, " as ", shape));
    shape_ = shape;
    return std::move(*this);
  }

 private:
  Shape shape_{0, 0, 0};
  Index batch_ = 0;
  Buffer<Scalar> values_;
};

/// `count` samples of `batch` from `first` on, each value as To has it.
template <std::floating_point To, std::floating_point From>
[[nodiscard]] Tensor<To> samples_as(const Tensor<From>& batch, Index first, Index count) {
  Tensor<To> some(batch.shape(), count);
  const From* from = batch.sample(first);
  for (Index i = 0; i < some.size(); ++i) some.data()[i] = static_cast<To>(from[i]);
  return some;
}

}  // namespace gloro
