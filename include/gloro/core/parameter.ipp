// The bodies of parameter.hpp.
#pragma once

#include "gloro/core/parameter.hpp"

#include <cstddef>
#include <utility>

namespace gloro {

template <std::floating_point Scalar>
Gradients<Scalar>::Gradients(const Gradients& other)
    : extents_(other.extents_), extra_(other.extra_), values_(other.values_) {
  lay_views();
}

template <std::floating_point Scalar>
Gradients<Scalar>& Gradients<Scalar>::operator=(Gradients other) noexcept {
  std::swap(extents_, other.extents_);
  std::swap(extra_, other.extra_);
  std::swap(values_, other.values_);
  std::swap(views_, other.views_);
  return *this;
}

template <std::floating_point Scalar>
void Gradients<Scalar>::set_zero() {
  flat().setZero();
}

template <std::floating_point Scalar>
void Gradients<Scalar>::take_room() {
  Index size = extra_;
  for (const auto& [rows, cols] : extents_) size = checked_sum(size, checked_product(rows, cols));
  values_ = Buffer<Scalar>(static_cast<std::size_t>(size));
  lay_views();
  set_zero();
}

template <std::floating_point Scalar>
void Gradients<Scalar>::lay_views() {
  views_.clear();
  Scalar* at = values_.data();
  for (const auto& [rows, cols] : extents_) {
    views_.emplace_back(at, rows, cols);
    at += rows * cols;
  }
}

#ifdef GLORO_COMPILING
template class Gradients<float>;
template class Gradients<double>;
#endif

}  // namespace gloro
