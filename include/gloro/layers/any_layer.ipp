// The bodies of any_layer.hpp.
#pragma once

#include "gloro/layers/any_layer.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

namespace gloro {

template <std::floating_point Scalar>
AnyLayer<Scalar>::AnyLayer(const AnyLayer& other) : held_(other.held_->clone()) {
  remember_extents();  // of the copy; the extents that count are those the original was placed with
  for (std::size_t i = 0; i < std::min(placed_.size(), other.placed_.size()); ++i) {
    placed_[i].rows = other.placed_[i].rows;
    placed_[i].cols = other.placed_[i].cols;
  }
}

template <std::floating_point Scalar>
AnyLayer<Scalar>::AnyLayer(AnyLayer&&) noexcept = default;

template <std::floating_point Scalar>
AnyLayer<Scalar>& AnyLayer<Scalar>::operator=(AnyLayer other) noexcept {
  held_ = std::move(other.held_);
  placed_ = std::move(other.placed_);
  return *this;
}

template <std::floating_point Scalar>
AnyLayer<Scalar>::~AnyLayer() = default;

template <std::floating_point Scalar>
std::optional<Tensor<double>> AnyLayer<Scalar>::Interface::each_definition(
    const Tensor<double>& x) const {
  Tensor<double> y(output_shape(x.shape()), 1);
  for (Index i = 0; i < y.size(); ++i) {
    const std::optional<double> value = definition(x, i);
    if (!value) return std::nullopt;
    y.data()[i] = *value;
  }
  return y;
}

template <std::floating_point Scalar>
void AnyLayer<Scalar>::place(Shape input) {
  held_->place(input);
  remember_extents();
}

template <std::floating_point Scalar>
void AnyLayer<Scalar>::require_extents() const {
  for (const auto& [parameter, rows, cols] : placed_)
    if (parameter->value.rows() != rows || parameter->value.cols() != cols)
      throw ShapeError(message("its ", parameter->name, " is ", parameter->value.rows(), " x ",
                               parameter->value.cols(), ", expected ", rows, " x ", cols,
                               ": extents do not change after a layer is placed"));
}

template <std::floating_point Scalar>
std::vector<const Parameter<Scalar>*> AnyLayer<Scalar>::parameters() const {
  const auto list = held_->parameters();
  return {list.begin(), list.end()};
}

template <std::floating_point Scalar>
std::vector<const Parameter<Scalar>*> AnyLayer<Scalar>::state() const {
  const auto list = held_->state();
  return {list.begin(), list.end()};
}

template <std::floating_point Scalar>
AnyLayer<Scalar> AnyLayer<Scalar>::plain() const {
  std::optional<AnyLayer> other = held_->plain();
  return other ? *std::move(other) : *this;
}

template <std::floating_point Scalar>
void AnyLayer<Scalar>::remember_extents() {
  placed_.clear();
  for (const auto& list : {held_->parameters(), held_->state()})
    for (const auto* one : list) placed_.push_back({one, one->value.rows(), one->value.cols()});
}

#ifdef GLORO_COMPILING
template class AnyLayer<float>;
template class AnyLayer<double>;
#endif

}  // namespace gloro
