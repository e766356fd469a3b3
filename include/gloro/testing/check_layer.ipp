// The bodies of check_layer.hpp.
#pragma once

#include "gloro/testing/check_layer.hpp"

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "gloro/core/compiled.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/parameter.hpp"
#include "gloro/core/random.hpp"
#include "gloro/core/tape.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/layers/description.hpp"
#include "gloro/rounding/bound.hpp"
#include "gloro/testing/central_difference.hpp"
#include "gloro/testing/detail/lost_in_a_file.hpp"

namespace gloro::testing {

namespace detail {

/// The checks, one member each, on a layer in float and its twin in double.
class LayerChecks {
 public:
  LayerChecks(AnyLayer<float> layer, Shape input, const LayerCheck& options)
      : options_(options), random_(options.seed), input_(input), layer_(std::move(layer)) {
    output_ = layer_.output_shape(input);
    layer_.place(input);
    layer_.draw(random_);
    for (auto* parameter : layer_.parameters())
      for (float& value : parameter->value.reshaped())
        value += static_cast<float>(options.disturbance * random_.normal());
    layer_.refresh_lipschitz(20);
  }

  [[nodiscard]] LayerReport run() {
    try {
      twin_ = layer_.cast<double>();
    } catch (const Error& error) {
      report_.absent.push_back(error.what());
    }
    check_outputs();
    check_norm(layer_, "float");
    if (twin_) {
      check_norm(*twin_, "double");
      check_gradients(*twin_);
      check_rounding();
    }
    check_description();
    return std::move(report_);
  }

 private:
  template <typename... Parts>
  void fault(const Parts&... parts) {
    report_.faults.push_back(message(parts...));
  }

  template <std::floating_point Scalar>
  [[nodiscard]] Tensor<Scalar> drawn(Shape shape, Index batch) {
    Tensor<Scalar> tensor(shape, batch);
    for (Index i = 0; i < tensor.size(); ++i)  // numbers that float has
      tensor.data()[i] = static_cast<Scalar>(static_cast<float>(random_.normal()));
    return tensor;
  }

  /// Shapes, a batch against its samples, and the tape.
  void check_outputs() {
    report_.checked.push_back("shapes, batches and the tape");
    const auto x = drawn<float>(input_, options_.batch);
    Tape<float> tape;
    const Tensor<float> y = layer_.forward(x, {.tape = &tape});
    if (y.shape() != output_ || y.batch() != x.batch())
      return fault("forward gives ", y.batch(), " samples of ", y.shape(), ", output_shape says ",
                   output_, " and there were ", x.batch());
    if (layer_.forward(x, {}).matrix() != y.matrix())
      fault("forward gives other outputs with a tape than without");
    const double scale = 1e-5 * static_cast<double>(1 + y.matrix().norm());
    for (Index n = 0; n < y.batch(); ++n) {
      const Tensor<float> one = layer_.forward(samples_as<float>(x, n, 1), {});
      if (!((one.matrix() - y.matrix().col(n)).template cast<double>().norm() <= scale))
        fault("sample ", n, " of a batch comes out otherwise than by itself");
    }
    const auto dy = drawn<float>(output_, y.batch());
    Gradients<float> gradients(std::as_const(layer_).parameters());
    const Tensor<float> dx = layer_.backward(dy, {.tape = tape, .gradients = gradients.views()});
    if (!tape.empty()) fault("backward leaves on the tape what forward has put there");
    if (dx.shape() != input_)
      fault("backward gives a gradient of ", dx.shape(), ", not of ", input_);
    (void)layer_.forward(x, {.tape = &tape});
    (void)layer_.backward(dy, {.tape = tape, .input_gradient = false});  // asks for nothing
  }

  /// The estimate and the distance of outputs against the bound, along the directions that the layer's
  /// own backward says are stretched most.
  template <std::floating_point Scalar>
  void check_norm(AnyLayer<Scalar> layer, const char* precision) {
    report_.checked.push_back(message("bound and estimate in ", precision));
    layer.refresh_lipschitz(100);
    const double bound = layer.lipschitz_upper_bound();
    const auto estimate = static_cast<double>(layer.lipschitz());
    if (!(bound >= 0)) return fault("lipschitz_upper_bound() is ", bound);
    if (!(estimate <= bound * 1.001 + 1e-6))
      fault("lipschitz() is ", estimate, " in ", precision, ", above the bound of ", bound);
    const double step = 0.01, blur = std::same_as<Scalar, float> ? 1e-3 : 1e-9;
    for (int probe = 0; probe < 5; ++probe) {
      const auto x = drawn<Scalar>(input_, 1);
      auto v = drawn<Scalar>(input_, 1);
      for (int iteration = 0; iteration < 10; ++iteration) {
        v.matrix() *= static_cast<Scalar>(step) / v.matrix().norm();
        Tensor<Scalar> above = x, below = x;
        above.matrix() += v.matrix();
        below.matrix() -= v.matrix();
        const auto apart = static_cast<double>((above.matrix() - below.matrix()).norm());
        Tape<Scalar> tape;
        Tensor<Scalar> moved = layer.forward(std::move(above), {.tape = &tape});
        moved.matrix() -= layer.forward(std::move(below), {}).matrix();
        const auto distance = static_cast<double>(moved.matrix().norm());
        if (!(distance <= bound * apart * (1 + blur) + blur * step))
          return fault("two outputs lie ", distance, " apart in ", precision, ", for inputs ",
                       apart, " apart: the bound of ", bound, " is too small");
        v = layer.backward(std::move(moved), {.tape = tape});
        if (!(v.matrix().norm() > 0)) break;
      }
    }
  }

  /// The derivatives `found` of `value` by `count` numbers.
  void compare(Index count, const std::string& what, const std::function<double&(Index)>& at,
               const std::function<double(Index)>& found, const std::function<double()>& value) {
    const auto wrong =
        wrong_derivative(count, options_.probes, options_.tolerance, at, found, value);
    if (wrong)
      fault(what, ' ', wrong->at, " is ", wrong->found, ", its central difference ",
            wrong->expected);
  }

  /// The gradients of sum(weights * f(x)), and of the estimate, the state held.
  void check_gradients(AnyLayer<double>& layer) {
    report_.checked.push_back("gradients, and that of lipschitz()");
    auto x = drawn<double>(input_, options_.batch);
    const auto weights = drawn<double>(output_, options_.batch);
    const auto value = [&] {
      layer.refresh_lipschitz(0);  // what follows the parameters
      return layer.forward(x, {}).matrix().cwiseProduct(weights.matrix()).sum();
    };
    layer.refresh_lipschitz(0);
    Tape<double> tape;
    (void)layer.forward(x, {.tape = &tape});
    Gradients<double> gradients(std::as_const(layer).parameters());
    gradients.flat().setConstant(1);  // backward adds to what it finds
    const Tensor<double> dx =
        layer.backward(weights, {.tape = tape, .gradients = gradients.views()});
    gradients.flat().array() -= 1;
    layer.parametrization_backward(gradients.views());
    compare(
        x.size(), "the gradient of the input at", [&](Index i) -> double& { return x.data()[i]; },
        [&](Index i) { return dx.data()[i]; }, value);
    compare_parameters(layer, gradients, "", value);
    gradients.flat().setConstant(1);
    layer.lipschitz_backward(0.75, gradients.views());
    gradients.flat().array() -= 1;
    layer.parametrization_backward(gradients.views());
    compare_parameters(layer, gradients, "lipschitz() by ", [&] {
      layer.refresh_lipschitz(0);
      return 0.75 * layer.lipschitz();
    });
    layer.refresh_lipschitz(0);
  }

  void compare_parameters(AnyLayer<double>& layer, const Gradients<double>& gradients,
                          const std::string& of, const std::function<double()>& value) {
    const auto parameters = layer.parameters();
    for (std::size_t p = 0; p < parameters.size(); ++p)
      compare(
          parameters[p]->value.size(), "the gradient of " + of + parameters[p]->name + " at",
          [&](Index i) -> double& { return parameters[p]->value.data()[i]; },
          [&](Index i) { return gradients.views()[p].data()[i]; }, value);
  }

  /// Float against double, and double against the definition, within what rounding() promises.
  void check_rounding() {
    RoundingBound in_float, in_double;
    try {
      in_float = layer_.rounding();
      in_double = twin_->rounding();
    } catch (const Error& error) {
      return report_.absent.push_back(error.what());
    }
    report_.checked.push_back("rounding()");
    const auto x = drawn<float>(input_, options_.batch);
    const Tensor<float> y = layer_.forward(x, {});
    bool has_definition = true;
    for (Index n = 0; n < options_.batch; ++n) {
      const Tensor<double> one = samples_as<double>(x, n, 1);
      const Tensor<double> exact = twin_->forward(one, {});
      const double norm = one.matrix().norm(), own = 2 * in_double.at(norm);
      const double off = (y.matrix().col(n).cast<double>() - exact.matrix()).norm();
      if (!(off <= in_float.at(norm) + own))
        fault("float is ", off, " off double where rounding() promises ", in_float.at(norm));
      for (Index i = 0; i < output_.size() && has_definition; i += 1 + output_.size() / 50) {
        const auto defined = twin_->definition(one, i);
        has_definition = defined.has_value();
        if (defined && !(std::abs(*defined - exact.data()[i]) <= own))
          fault("output ", i, " is ", exact.data()[i], " in double, by its definition ", *defined);
      }
    }
    if (!has_definition) report_.absent.push_back("definition()");
  }

  /// Made again from its description, with the same parameters, it does the same.
  void check_description() {
    const AnyLayer<float> plain = layer_.plain();  // what files have
    Description description;
    try {
      description = plain.describe();
    } catch (const Error& error) {
      return report_.absent.push_back(error.what());
    }
    report_.checked.push_back("describe() and from()");
    const auto x = drawn<float>(input_, options_.batch);
    const std::string lost = lost_in_a_file(plain, input_, description, options_.catalogue, x);
    if (!lost.empty()) fault(lost);
  }

  const LayerCheck& options_;
  Random random_;
  Shape input_, output_;
  AnyLayer<float> layer_;
  std::optional<AnyLayer<double>> twin_;
  LayerReport report_;
};

}  // namespace detail

GLORO_INLINE LayerReport check_layer(AnyLayer<float> layer, Shape input,
                                     const LayerCheck& options) {
  return detail::LayerChecks(std::move(layer), input, options).run();
}

}  // namespace gloro::testing
