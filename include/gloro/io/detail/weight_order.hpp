// WeightOrder: how a parameter lies in a model file. The library holds weights as outputs x inputs,
// an input being a pixel's channels after another (height, width, channels); PyTorch, and so the
// file, has the channels first (out, in, height, width), and flattens an image in that order before
// a Dense.
#pragma once

#include <cstddef>
#include <vector>

#include "gloro/core/parameter.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/core/tensor.hpp"

namespace gloro {

class WeightOrder {
 public:
  /// As the parameter's layout says: (out, in) or (out, in, height, width) where its rows are images, a
  /// plain vector or matrix where it says nothing.
  template <typename Scalar>
  explicit WeightOrder(const Parameter<Scalar>& parameter)
      : rows_(parameter.value.rows()), row_(parameter.layout.row), extents_{rows_} {
    if (!parameter.layout.is_of_images()) {
      row_ = Shape::flat(parameter.value.cols());
      if (row_.size() != 1) extents_.push_back(row_.size());
    } else if (parameter.layout.flat) {
      extents_.push_back(row_.size());
    } else {
      extents_.insert(extents_.end(), {row_.channels, row_.height, row_.width});
    }
  }

  [[nodiscard]] const std::vector<Index>& extents() const { return extents_; }

  template <typename Scalar>
  [[nodiscard]] std::vector<Scalar> to_file(const Matrix<Scalar>& matrix) const {
    std::vector<Scalar> values(static_cast<std::size_t>(matrix.size()));
    for_each([&](std::size_t at, Index row, Index column) { values[at] = matrix(row, column); });
    return values;
  }

  template <typename Scalar>
  void from_file(const Scalar* values, Matrix<Scalar>& matrix) const {
    for_each([&](std::size_t at, Index row, Index column) { matrix(row, column) = values[at]; });
  }

 private:
  /// Calls visit(place in the file, row, column) for every value.
  template <typename Visit>
  void for_each(Visit&& visit) const {
    std::size_t at = 0;
    for (Index row = 0; row < rows_; ++row)
      for (Index channel = 0; channel < row_.channels; ++channel)
        for (Index y = 0; y < row_.height; ++y)
          for (Index x = 0; x < row_.width; ++x)
            visit(at++, row, (y * row_.width + x) * row_.channels + channel);
  }

  Index rows_;
  Shape row_;
  std::vector<Index> extents_;
};

}  // namespace gloro
