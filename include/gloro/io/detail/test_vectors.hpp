// Test vectors of a model file: a few inputs, and the logits that the program that wrote it computed for
// them in double. A network that answers otherwise than rounding explains is not the one that was saved.
#pragma once

#include <Eigen/Core>

#include <cmath>
#include <concepts>
#include <cstddef>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gloro/certify/detail/head_rounding.hpp"
#include "gloro/certify/detail/running_error.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/io/safetensors.hpp"
#include "gloro/kernels/promises.hpp"
#include "gloro/lipschitz/magnitude_bound.hpp"
#include "gloro/model/gloro_model.hpp"
#include "gloro/rounding/environment.hpp"
#include "gloro/rounding/outward.hpp"

namespace gloro::detail {

/// Of tensors `test.inputs`, N x C x H x W, and `test.logits`, N x classes. A file may have none.
class TestVectors {
 public:
  static constexpr Index most = 64;  ///< each costs an evaluation

  /// Whether a tensor is one of them, and no layer's.
  [[nodiscard]] static bool has(const std::string& tensor) { return tensor.starts_with("test."); }

  void add(const NamedTensor& tensor) {
    if (tensor.name == "test.inputs")
      inputs_ = &tensor;
    else if (tensor.name == "test.logits")
      logits_ = &tensor;
    else
      throw Error(message("tensor '", tensor.name, "': test vectors are test.inputs, test.logits"));
  }

  /// Throws Error where the network's logits lie further from those of the file than the rounding of both
  /// evaluations explains, or where the vectors are none of such a network.
  template <std::floating_point Scalar>
  void require(const GloroModel<Scalar>& model) const {
    if (!inputs_ && !logits_) return;
    const Tensor<double> x = inputs(model.input_shape());
    const Matrix<double> expected = logits(x.batch(), model.classes());
    const rounding::DefaultFloatingPoint nearest;
    const RunningError<double> evaluate(model.template cast<double>(), body_upper_bounds(model));
    const Dense<double>& head = evaluate.model().head();
    const HeadRounding rows(head);
    for (Index n = 0; n < x.batch(); ++n) {
      const auto found = evaluate(samples_as<double>(x, n, 1));
      const ActivationBound& at_head = found.at_head.data()[0];
      for (Index j = 0; j < model.classes(); ++j) {
        using namespace rounding;
        const double own =
            add_up(mul_up(lipschitz::frobenius_bound(head.weight().row(j)), at_head.error),
                   RoundingBound{rows.relative(j), rows.absolute(j)}.at(at_head.norm));
        const double logit = found.logits.data()[j], allowed = mul_up(both_sides, own);
        if (const double off = std::abs(logit - expected(j, n)); !(off <= allowed))
          throw Error(message("test vector ", n, ": its logit ", j, " is ", logit,
                              ", where the program that wrote the file computed ", expected(j, n),
                              ": ", off, " apart, and rounding explains ", allowed,
                              ": weights or layers are not those that were saved"));
      }
    }
  }

 private:
  /// The writer's rounding in ours: it may take a sum of n terms in any order, n roundings deep, where our
  /// kernels go n / longest_block deep at least. Twice that covers what it divides or multiplies beside.
  static constexpr double both_sides = 1 + 2 * kernels::Summation::longest_block;

  [[nodiscard]] static std::string text(const std::vector<Index>& extents) {
    std::string all;
    for (const Index extent : extents) all += (all.empty() ? "" : " x ") + std::to_string(extent);
    return all;
  }

  /// Row by row, in double. Throws Error where it is missing, of other extents or not finite.
  [[nodiscard]] static std::vector<double> values(const NamedTensor* tensor, const char* name,
                                                  const std::vector<Index>& extents) {
    if (!tensor) throw Error(message("tensor '", name, "' is missing"));
    if (tensor->extents != extents)
      throw Error(message("tensor '", name, "' has the shape ", text(tensor->extents),
                          ", expected ", text(extents)));
    std::vector<double> wide;
    std::visit([&](const auto& given) { wide.assign(given.begin(), given.end()); }, tensor->values);
    for (std::size_t i = 0; i < wide.size(); ++i)
      if (!std::isfinite(wide[i]))
        throw Error(message("tensor '", name, "': its value ", i, " is not finite"));
    return wide;
  }

  [[nodiscard]] Tensor<double> inputs(const Shape& shape) const {
    const Index count = inputs_ && !inputs_->extents.empty() ? inputs_->extents[0] : 1;
    if (count < 1 || count > most)
      throw Error(message("tensor 'test.inputs' has ", count, " inputs, expected 1 to ", most));
    const std::vector<double> given =
        values(inputs_, "test.inputs", {count, shape.channels, shape.height, shape.width});
    Tensor<double> x(shape, count);
    const Index pixels = shape.height * shape.width;
    for (Index n = 0; n < count; ++n)
      Eigen::Map<Matrix<double>>(x.sample(n), shape.channels, pixels) =
          Eigen::Map<const Matrix<double>>(given.data() + n * shape.size(), pixels, shape.channels)
              .transpose();
    return x;
  }

  /// Classes x inputs.
  [[nodiscard]] Matrix<double> logits(Index count, Index classes) const {
    const std::vector<double> given = values(logits_, "test.logits", {count, classes});
    if (logits_->values.index() != 1)
      throw Error("tensor 'test.logits' is of F32, expected F64, in which it was computed");
    return Eigen::Map<const Matrix<double>>(given.data(), classes, count);
  }

  const NamedTensor* inputs_ = nullptr;
  const NamedTensor* logits_ = nullptr;
};

}  // namespace gloro::detail
