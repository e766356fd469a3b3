// AnyLayer: holds a layer of any type by value; copying it copies the layer. This is what lets a model
// be a plain list. The one virtual call a layer and chunk of samples costs nothing measurable.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "gloro/core/workers.hpp"
#include "gloro/layers/layer.hpp"

namespace gloro {

template <std::floating_point Scalar>
class AnyLayer {
 public:
  /// Wraps any type that models gloro::Layer.
  template <typename L>
    requires(!std::same_as<std::remove_cvref_t<L>, AnyLayer> &&
             Layer<std::remove_cvref_t<L>, Scalar>)
  AnyLayer(L&& layer)  // NOLINT: implicit, so that a model's layers can be listed in braces
      : held_(std::make_unique<Held<std::remove_cvref_t<L>>>(std::forward<L>(layer))) {
    remember_extents();
  }

  AnyLayer(const AnyLayer& other) : held_(other.held_->clone()) {
    remember_extents();  // of the copied values, which may have strayed: what counts is the original's
    for (std::size_t i = 0; i < std::min(placed_.size(), other.placed_.size()); ++i) {
      placed_[i].rows = other.placed_[i].rows;
      placed_[i].cols = other.placed_[i].cols;
    }
  }
  AnyLayer(AnyLayer&&) noexcept = default;
  AnyLayer& operator=(AnyLayer other) noexcept {
    held_ = std::move(other.held_);
    placed_ = std::move(other.placed_);
    return *this;
  }
  ~AnyLayer() = default;

  /// The layer inside if it is an L, else null.
  template <typename L>
  [[nodiscard]] const L* as() const {
    const auto* held = dynamic_cast<const Held<L>*>(held_.get());
    return held ? &held->layer : nullptr;
  }

  [[nodiscard]] Shape output_shape(Shape input) const { return held_->output_shape(input); }
  void initialize(Shape input, Random& random) {
    held_->initialize(input, random);
    remember_extents();
  }
  /// Throws ShapeError if a parameter or buffer has other extents than when the layer was placed (or
  /// wrapped, if that came later): its kernels read the plain numbers by those extents.
  void require_extents() const {
    for (const auto& [parameter, rows, cols] : placed_)
      if (parameter->value.rows() != rows || parameter->value.cols() != cols)
        throw ShapeError(message("its ", parameter->name, " is ", parameter->value.rows(), " x ",
                                 parameter->value.cols(), ", expected ", rows, " x ", cols,
                                 ": extents do not change after a layer is placed"));
  }
  [[nodiscard]] std::vector<Parameter<Scalar>*> parameters() { return held_->parameters(); }
  [[nodiscard]] std::vector<const Parameter<Scalar>*> parameters() const {
    return std::as_const(*held_).parameters();
  }
  [[nodiscard]] std::vector<Parameter<Scalar>*> buffers() { return held_->buffers(); }
  [[nodiscard]] std::vector<const Parameter<Scalar>*> buffers() const {
    return std::as_const(*held_).buffers();
  }
  /// `workers` share the work of a few samples, if the layer knows how.
  [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, Tape<Scalar>* tape,
                                       Workers* workers = nullptr) const {
    return held_->forward(std::move(x), tape, workers);
  }
  /// Output `i` for a batch of one from the layer's formula; nothing if its type does not state it.
  [[nodiscard]] std::optional<double> definition(const Tensor<double>& x, Index i) const {
    return held_->definition(x, i);
  }
  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, Tape<Scalar>& tape,
                                        std::span<GradientView<Scalar>> gradients,
                                        InputGradient wanted) const {
    return held_->backward(std::move(dy), tape, gradients, wanted);
  }
  void refresh_lipschitz(int iterations) { held_->refresh_lipschitz(iterations); }
  [[nodiscard]] Scalar lipschitz() const { return held_->lipschitz(); }
  void lipschitz_backward(Scalar g, std::span<GradientView<Scalar>> gradients) const {
    held_->lipschitz_backward(g, gradients);
  }
  [[nodiscard]] double lipschitz_upper_bound() const { return held_->lipschitz_upper_bound(); }
  /// Whether that bound stands in for a better one that would cost too much.
  [[nodiscard]] bool has_quick_bound() const { return held_->has_quick_bound(); }

  /// Values that the layer takes on an input of that shape, for one sample, its output among them.
  /// Throws ShapeError where `input` does not fit.
  [[nodiscard]] double memory(Shape input) const { return held_->memory(input); }

  /// Throws Error for a layer type that does not state its rounding error.
  [[nodiscard]] RoundingBound rounding() const { return held_->rounding(); }
  /// Throws Error for a layer type that does not describe itself.
  [[nodiscard]] Description describe() const { return held_->describe(); }
  /// The same layer in another precision; throws Error for a layer type that cannot be cast.
  template <std::floating_point Other>
  [[nodiscard]] AnyLayer<Other> cast() const {
    if constexpr (std::same_as<Other, Scalar>) {
      return *this;
    } else {
      static_assert(std::same_as<Other, double>, "layers are cast to double only");
      return held_->to_double();
    }
  }

 private:
  struct Interface {
    virtual ~Interface() = default;
    [[nodiscard]] virtual std::unique_ptr<Interface> clone() const = 0;
    [[nodiscard]] virtual Shape output_shape(Shape) const = 0;
    virtual void initialize(Shape, Random&) = 0;
    [[nodiscard]] virtual std::vector<Parameter<Scalar>*> parameters() = 0;
    [[nodiscard]] virtual std::vector<const Parameter<Scalar>*> parameters() const = 0;
    [[nodiscard]] virtual std::vector<Parameter<Scalar>*> buffers() = 0;
    [[nodiscard]] virtual std::vector<const Parameter<Scalar>*> buffers() const = 0;
    [[nodiscard]] virtual Tensor<Scalar> forward(Tensor<Scalar>, Tape<Scalar>*,
                                                 Workers*) const = 0;
    [[nodiscard]] virtual std::optional<double> definition(const Tensor<double>&,
                                                           Index) const = 0;
    [[nodiscard]] virtual Tensor<Scalar> backward(Tensor<Scalar>, Tape<Scalar>&,
                                                  std::span<GradientView<Scalar>>,
                                                  InputGradient) const = 0;
    virtual void refresh_lipschitz(int) = 0;
    [[nodiscard]] virtual Scalar lipschitz() const = 0;
    virtual void lipschitz_backward(Scalar, std::span<GradientView<Scalar>>) const = 0;
    [[nodiscard]] virtual double lipschitz_upper_bound() const = 0;
    [[nodiscard]] virtual double memory(Shape) const = 0;
    [[nodiscard]] virtual bool has_quick_bound() const = 0;
    [[nodiscard]] virtual RoundingBound rounding() const = 0;
    [[nodiscard]] virtual Description describe() const = 0;
    [[nodiscard]] virtual AnyLayer<double> to_double() const = 0;
  };

  template <typename L>
  struct Held final : Interface {
    explicit Held(L value) : layer(std::move(value)) {}

    [[nodiscard]] std::unique_ptr<Interface> clone() const override {
      return std::make_unique<Held>(layer);
    }
    [[nodiscard]] Shape output_shape(Shape input) const override {
      return layer.output_shape(input);
    }
    void initialize(Shape input, Random& random) override { layer.initialize(input, random); }
    [[nodiscard]] std::vector<Parameter<Scalar>*> parameters() override {
      const auto list = layer.parameters();
      return {std::begin(list), std::end(list)};
    }
    [[nodiscard]] std::vector<const Parameter<Scalar>*> parameters() const override {
      const auto list = layer.parameters();
      return {std::begin(list), std::end(list)};
    }
    [[nodiscard]] std::vector<Parameter<Scalar>*> buffers() override {
      const auto list = layer.buffers();
      return {std::begin(list), std::end(list)};
    }
    [[nodiscard]] std::vector<const Parameter<Scalar>*> buffers() const override {
      const auto list = layer.buffers();
      return {std::begin(list), std::end(list)};
    }
    [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, Tape<Scalar>* tape,
                                         [[maybe_unused]] Workers* workers) const override {
      if constexpr (requires { layer.forward(std::move(x), tape, workers); })
        return layer.forward(std::move(x), tape, workers);
      else
        return layer.forward(std::move(x), tape);
    }
    [[nodiscard]] std::optional<double> definition(
        [[maybe_unused]] const Tensor<double>& x, [[maybe_unused]] Index i) const override {
      if constexpr (requires { layer.definition(x, i); })
        return layer.definition(x, i);
      else
        return std::nullopt;
    }
    [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, Tape<Scalar>& tape,
                                          std::span<GradientView<Scalar>> gradients,
                                          InputGradient wanted) const override {
      return layer.backward(std::move(dy), tape, gradients, wanted);
    }
    void refresh_lipschitz(int iterations) override { layer.refresh_lipschitz(iterations); }
    [[nodiscard]] Scalar lipschitz() const override { return layer.lipschitz(); }
    void lipschitz_backward(Scalar g, std::span<GradientView<Scalar>> gradients) const override {
      layer.lipschitz_backward(g, gradients);
    }
    [[nodiscard]] double lipschitz_upper_bound() const override {
      return layer.lipschitz_upper_bound();
    }
    [[nodiscard]] double memory(Shape input) const override {
      const auto output = static_cast<double>(layer.output_shape(input).size());
      if constexpr (requires { layer.memory(input); })
        return output + layer.memory(input);
      else
        return output;
    }
    [[nodiscard]] bool has_quick_bound() const override {
      if constexpr (requires { layer.has_quick_bound(); })
        return layer.has_quick_bound();
      else
        return false;
    }
    [[nodiscard]] RoundingBound rounding() const override {
      if constexpr (requires { layer.rounding(); })
        return layer.rounding();
      else
        throw Error("a layer without rounding() can be trained, but not certified");
    }
    [[nodiscard]] Description describe() const override {
      if constexpr (requires { layer.describe(); })
        return layer.describe();
      else
        throw Error("a layer without describe() can be trained, but not saved as a model");
    }
    [[nodiscard]] AnyLayer<double> to_double() const override {
      if constexpr (std::same_as<Scalar, double>)
        return layer;
      else if constexpr (requires { layer.template cast<double>(); })
        return layer.template cast<double>();
      else
        throw Error("a layer without cast<double>() cannot be evaluated in double");
    }

    L layer;
  };

  struct Placed {
    const Parameter<Scalar>* parameter;  // stays where it is while held_ does
    Index rows, cols;
  };

  void remember_extents() {
    placed_.clear();
    for (const auto& list : {std::as_const(*this).parameters(), std::as_const(*this).buffers()})
      for (const auto* one : list) placed_.push_back({one, one->value.rows(), one->value.cols()});
  }

  std::unique_ptr<Interface> held_;
  std::vector<Placed> placed_;
};

}  // namespace gloro
