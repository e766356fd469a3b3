// AnyLayer: holds a layer of any type by value; copying it copies the layer. This is what lets a model
// be a plain list. The one virtual call a layer and chunk of samples costs nothing measurable.
#pragma once

#include <concepts>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/layers/layer.hpp"

namespace gloro {

template <std::floating_point Scalar>
class AnyLayer {
 public:
  /// Wraps any type that models gloro::Layer; one that does not is told what it lacks.
  template <typename L>
  requires(!std::same_as<std::remove_cvref_t<L>, AnyLayer> &&
           detail::LooksLikeLayer<std::remove_cvref_t<L>>)
      AnyLayer(L&& layer)  // NOLINT: implicit, so that a model's layers can be listed in braces
      : held_(hold<std::remove_cvref_t<L>>(std::forward<L>(layer))) {
    remember_extents();
  }

  AnyLayer(const AnyLayer& other);
  AnyLayer(AnyLayer&&) noexcept;
  AnyLayer& operator=(AnyLayer other) noexcept;
  ~AnyLayer();

  /// The layer inside if it is an L, else null.
  template <typename L>
  [[nodiscard]] const L* as() const;

  [[nodiscard]] Shape output_shape(Shape input) const { return held_->output_shape(input); }
  void place(Shape input);
  void draw(Random& random) { held_->draw(random); }

  /// Throws ShapeError if a parameter or a matrix of the state has other extents than when the layer
  /// was placed (or wrapped, if that came later): its kernels read the plain numbers by those extents.
  void require_extents() const;
  [[nodiscard]] std::vector<Parameter<Scalar>*> parameters() { return held_->parameters(); }
  [[nodiscard]] std::vector<const Parameter<Scalar>*> parameters() const;
  [[nodiscard]] std::vector<Parameter<Scalar>*> state() { return held_->state(); }
  [[nodiscard]] std::vector<const Parameter<Scalar>*> state() const;
  [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, const Pass<Scalar>& pass) const {
    return held_->forward(std::move(x), pass);
  }
  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, const BackwardPass<Scalar>& pass) const {
    return held_->backward(std::move(dy), pass);
  }
  /// Output `i` for a batch of one from the layer's formula; nothing if its type does not state it.
  [[nodiscard]] std::optional<double> definition(const Tensor<double>& x, Index i) const {
    return held_->definition(x, i);
  }
  /// All outputs for a batch of one, each from its formula; nothing where `definition` says nothing.
  [[nodiscard]] std::optional<Tensor<double>> definitions(const Tensor<double>& x) const {
    return held_->definitions(x);
  }
  /// The convolution that the layer is; nothing if it is none.
  [[nodiscard]] std::optional<kernels::ConvolutionGeometry> convolution() const {
    return held_->convolution();
  }
  /// The layers that it is made of, for an input of that shape; none for most. Throws ShapeError where
  /// `input` does not fit.
  [[nodiscard]] std::vector<Part<Scalar>> parts(Shape input) const { return held_->parts(input); }
  /// With `workers`, they may share out the products.
  void refresh_lipschitz(int iterations, Workers* workers = nullptr) {
    held_->refresh_lipschitz(iterations, workers);
  }
  [[nodiscard]] Scalar lipschitz(Workers* by = nullptr) const { return held_->lipschitz(by); }
  void lipschitz_backward(Scalar g, std::span<GradientView<Scalar>> gradients) const {
    held_->lipschitz_backward(g, gradients);
  }
  /// Whether the layer computes with what is made of its parameters.
  [[nodiscard]] bool is_parametrized() const { return held_->is_parametrized(); }
  void parametrization_backward(std::span<GradientView<Scalar>> gradients) const {
    held_->parametrization_backward(gradients);
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
  /// What is left of the layer when its training is over: for most the layer itself.
  [[nodiscard]] AnyLayer plain() const;
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
  using Parameters = std::vector<Parameter<Scalar>*>;

  struct Interface {
    virtual ~Interface() = default;
    [[nodiscard]] virtual std::unique_ptr<Interface> clone() const = 0;
    [[nodiscard]] virtual Shape output_shape(Shape) const = 0;
    virtual void place(Shape) = 0;
    virtual void draw(Random&) = 0;
    [[nodiscard]] virtual Parameters parameters() = 0;
    [[nodiscard]] virtual Parameters state() = 0;
    [[nodiscard]] virtual Tensor<Scalar> forward(Tensor<Scalar>, const Pass<Scalar>&) const = 0;
    [[nodiscard]] virtual Tensor<Scalar> backward(Tensor<Scalar>,
                                                  const BackwardPass<Scalar>&) const = 0;
    [[nodiscard]] virtual std::optional<double> definition(const Tensor<double>&, Index) const = 0;
    [[nodiscard]] virtual std::optional<Tensor<double>> definitions(
        const Tensor<double>&) const = 0;
    [[nodiscard]] std::optional<Tensor<double>> each_definition(const Tensor<double>& x) const;
    [[nodiscard]] virtual std::optional<kernels::ConvolutionGeometry> convolution() const = 0;
    [[nodiscard]] virtual std::vector<Part<Scalar>> parts(Shape) const = 0;
    virtual void refresh_lipschitz(int, Workers*) = 0;
    [[nodiscard]] virtual Scalar lipschitz(Workers*) const = 0;
    virtual void lipschitz_backward(Scalar, std::span<GradientView<Scalar>>) const = 0;
    [[nodiscard]] virtual bool is_parametrized() const = 0;
    virtual void parametrization_backward(std::span<GradientView<Scalar>>) const = 0;
    [[nodiscard]] virtual std::optional<AnyLayer> plain() const = 0;
    [[nodiscard]] virtual double lipschitz_upper_bound() const = 0;
    [[nodiscard]] virtual double memory(Shape) const = 0;
    [[nodiscard]] virtual bool has_quick_bound() const = 0;
    [[nodiscard]] virtual RoundingBound rounding() const = 0;
    [[nodiscard]] virtual Description describe() const = 0;
    [[nodiscard]] virtual AnyLayer<double> to_double() const = 0;
  };

  /// Supplies what a layer may leave out.
  template <typename L>
  struct Held final : Interface, private detail::RequireLayer<L, Scalar> {
    explicit Held(L value) : layer(std::move(value)) {}

    std::unique_ptr<Interface> clone() const override { return std::make_unique<Held>(layer); }
    Shape output_shape(Shape input) const override { return layer.output_shape(input); }
    void place([[maybe_unused]] Shape input) override {
      if constexpr (requires { layer.place(input); }) layer.place(input);
    }
    void draw([[maybe_unused]] Random& random) override {
      if constexpr (requires { layer.draw(random); }) layer.draw(random);
    }
    Parameters parameters() override {
      if constexpr (requires { layer.parameters(); }) return listed(layer.parameters());
      return {};
    }
    Parameters state() override {
      if constexpr (requires { layer.state(); }) return listed(layer.state());
      return {};
    }
    Tensor<Scalar> forward(Tensor<Scalar> x, const Pass<Scalar>& pass) const override {
      return layer.forward(std::move(x), pass);
    }
    Tensor<Scalar> backward(Tensor<Scalar> dy, const BackwardPass<Scalar>& pass) const override {
      return layer.backward(std::move(dy), pass);
    }
    std::optional<double> definition([[maybe_unused]] const Tensor<double>& x,
                                     [[maybe_unused]] Index i) const override {
      if constexpr (requires { layer.definitions(x); }) {
        const std::optional<Tensor<double>> all = layer.definitions(x);
        if (all) return all->data()[i];
      } else if constexpr (requires { layer.definition(x, i); }) {
        return layer.definition(x, i);
      }
      return std::nullopt;
    }
    std::optional<Tensor<double>> definitions(const Tensor<double>& x) const override {
      if constexpr (requires { layer.definitions(x); }) return layer.definitions(x);
      return this->each_definition(x);
    }
    std::optional<kernels::ConvolutionGeometry> convolution() const override {
      if constexpr (requires { layer.convolution(); }) return layer.convolution();
      return std::nullopt;
    }
    std::vector<Part<Scalar>> parts([[maybe_unused]] Shape input) const override {
      if constexpr (requires { layer.parts(input); }) return layer.parts(input);
      return {};
    }
    void refresh_lipschitz([[maybe_unused]] int iterations,
                           [[maybe_unused]] Workers* workers) override {
      if constexpr (requires { layer.refresh_lipschitz(iterations, workers); })
        layer.refresh_lipschitz(iterations, workers);
      else if constexpr (requires { layer.refresh_lipschitz(iterations); })
        layer.refresh_lipschitz(iterations);
    }
    Scalar lipschitz([[maybe_unused]] Workers* workers) const override {
      if constexpr (requires { layer.lipschitz(workers); }) return layer.lipschitz(workers);
      return layer.lipschitz();
    }
    void lipschitz_backward(
        [[maybe_unused]] Scalar g,
        [[maybe_unused]] std::span<GradientView<Scalar>> gradients) const override {
      if constexpr (requires { layer.lipschitz_backward(g, gradients); })
        layer.lipschitz_backward(g, gradients);
    }
    bool is_parametrized() const override {
      if constexpr (requires { layer.is_parametrized(); }) return layer.is_parametrized();
      return requires(std::span<GradientView<Scalar>> g) { layer.parametrization_backward(g); };
    }
    void parametrization_backward(
        [[maybe_unused]] std::span<GradientView<Scalar>> gradients) const override {
      if constexpr (requires { layer.parametrization_backward(gradients); })
        layer.parametrization_backward(gradients);
    }
    std::optional<AnyLayer> plain() const override {
      if constexpr (requires { layer.plain(); }) return AnyLayer(layer.plain());
      return std::nullopt;
    }
    double lipschitz_upper_bound() const override { return layer.lipschitz_upper_bound(); }
    double memory(Shape input) const override {
      const auto output = static_cast<double>(layer.output_shape(input).size());
      if constexpr (requires { layer.memory(input); }) return output + layer.memory(input);
      return output;
    }
    bool has_quick_bound() const override {
      if constexpr (requires { layer.has_quick_bound(); }) return layer.has_quick_bound();
      return false;
    }
    RoundingBound rounding() const override {
      if constexpr (requires { layer.rounding(); })
        return layer.rounding();
      else
        throw Error("a layer without rounding() can be trained, but not certified");
    }
    Description describe() const override {
      if constexpr (requires { layer.describe(); })
        return layer.describe();
      else
        throw Error("a layer without describe() can be trained, but not saved as a model");
    }
    AnyLayer<double> to_double() const override {
      if constexpr (std::same_as<Scalar, double>)
        return layer;
      else if constexpr (requires { layer.template cast<double>(); })
        return layer.template cast<double>();
      else
        throw Error("a layer without cast<double>() cannot be evaluated in double");
    }

    [[nodiscard]] static Parameters listed(const auto& range) {
      return {std::begin(range), std::end(range)};
    }

    L layer;
  };

  struct Placed {
    const Parameter<Scalar>* parameter;  // stays where it is while held_ does
    Index rows, cols;
  };

  /// No inline function, so that gloro::compiled can have the library's own layers held already.
  template <typename L>
  [[nodiscard]] static std::unique_ptr<Interface> hold(L&& layer);
  template <typename L>
  [[nodiscard]] static std::unique_ptr<Interface> hold(const L& layer) {
    return hold<L>(L(layer));
  }

  void remember_extents();

  std::unique_ptr<Interface> held_;
  std::vector<Placed> placed_;
};

template <std::floating_point Scalar>
template <typename L>
const L* AnyLayer<Scalar>::as() const {
  const auto* held = dynamic_cast<const Held<L>*>(held_.get());
  return held ? &held->layer : nullptr;
}

template <std::floating_point Scalar>
template <typename L>
std::unique_ptr<typename AnyLayer<Scalar>::Interface> AnyLayer<Scalar>::hold(L&& layer) {
  return std::make_unique<Held<L>>(std::forward<L>(layer));
}

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/layers/any_layer.ipp"
#endif
