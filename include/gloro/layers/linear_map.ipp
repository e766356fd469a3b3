// The bodies of linear_map.hpp.
#pragma once

#include "gloro/layers/linear_map.hpp"

#include "gloro/core/compiled.hpp"
#include "gloro/kernels/convolution.hpp"
#include "gloro/kernels/packing.hpp"
#include "gloro/kernels/product.hpp"
#include "gloro/kernels/product_gradients.hpp"
#include "gloro/kernels/promises.hpp"
#include "gloro/layers/linear_rounding.hpp"
#include "gloro/lipschitz/convolution_bound.hpp"
#include "gloro/lipschitz/dense_bound.hpp"
#include "gloro/lipschitz/magnitude_bound.hpp"

namespace gloro {

GLORO_INLINE double LinearMap::scratch() const {
  return is_matrix() ? 0 : kernels::scratch(geometry_) + kernels::scratch(adjoint().geometry_);
}

template <std::floating_point Scalar>
void LinearMap::apply(const Matrix<Scalar>& weight, const Scalar* bias, const Scalar* x, Scalar* y,
                      Index batch) const {
  if (is_matrix())
    kernels::multiply<Scalar>({.outputs = weight.rows(),
                               .inputs = weight.cols(),
                               .batch = batch,
                               .weights = weight.data(),
                               .bias = bias,
                               .x = x,
                               .y = y});
  else
    kernels::convolve<Scalar>({.geometry = geometry_,
                               .filters = weight.data(),
                               .bias = bias,
                               .x = x,
                               .y = y,
                               .batch = batch});
}

template <std::floating_point Scalar>
Tensor<Scalar> LinearMap::apply(const Matrix<Scalar>& weight, const Scalar* bias,
                                const Tensor<Scalar>& x) const {
  Tensor<Scalar> y(geometry_.output, x.batch());
  apply(weight, bias, x.data(), y.data(), x.batch());
  return y;
}

template <std::floating_point Scalar>
Matrix<Scalar> LinearMap::apply(const Matrix<Scalar>& weight, const Matrix<Scalar>& x) const {
  Matrix<Scalar> y(geometry_.output.size(), 1);
  apply<Scalar>(weight, nullptr, x.data(), y.data(), 1);
  return y;
}

template <std::floating_point Scalar>
void LinearMap::add_gradient(const Scalar* x, const Scalar* dy, GradientView<Scalar>& gradient,
                             Index batch) const {
  if (is_matrix())
    kernels::outer_add<Scalar>({.outputs = gradient.rows(),
                                .inputs = gradient.cols(),
                                .batch = batch,
                                .x = x,
                                .dy = dy,
                                .dweights = gradient.data()});
  else
    kernels::correlate_filters<Scalar>(
        {.geometry = geometry_, .x = x, .dy = dy, .dfilters = gradient.data(), .batch = batch});
}

GLORO_INLINE LinearMap LinearMap::adjoint() const {
  kernels::ConvolutionGeometry back = geometry_;
  back.input = geometry_.output;
  back.output = geometry_.input;
  back.pad_top = geometry_.kernel_height - 1 - geometry_.pad_top;
  back.pad_left = geometry_.kernel_width - 1 - geometry_.pad_left;
  return LinearMap(back);
}

template <std::floating_point Scalar>
Matrix<Scalar> LinearMap::adjoint_weights(const Matrix<Scalar>& weight) const {
  const Index taps = geometry_.kernel_height * geometry_.kernel_width;
  const Index inputs = geometry_.input.channels, outputs = weight.rows();
  Matrix<Scalar> turned(inputs, taps * outputs);
  for (Index tap = 0; tap < taps; ++tap)
    kernels::pack_transposed<Scalar>({.rows = inputs,
                                      .columns = outputs,
                                      .from = weight.data() + (taps - 1 - tap) * inputs * outputs,
                                      .from_step = outputs,
                                      .to = turned.data() + tap * outputs * inputs,
                                      .to_step = inputs});
  return turned;
}

template <std::floating_point Scalar>
double LinearMap::upper_bound(const Matrix<Scalar>& weight) const {
  return is_matrix() ? lipschitz::dense_upper_bound(weight)
                     : lipschitz::convolution_upper_bound(geometry_, weight);
}

template <std::floating_point Scalar>
bool LinearMap::has_quick_bound(const Matrix<Scalar>& weight) const {
  if (!is_matrix()) return !lipschitz::has_tight_convolution_bound(geometry_);
  return !lipschitz::has_tight_dense_bound(weight.rows(), weight.cols(),
                                           static_cast<double>(weight.size()));
}

template <std::floating_point Scalar>
double LinearMap::magnitude(const Matrix<Scalar>& weight) const {
  return is_matrix() ? lipschitz::dense_magnitude(weight)
                     : lipschitz::convolution_magnitude(geometry_, weight);
}

template <std::floating_point Scalar>
RoundingBound LinearMap::rounding(const Matrix<Scalar>& weight, const Matrix<Scalar>& bias) const {
  return is_matrix() ? dense_rounding(weight, bias) : convolution_rounding(geometry_, weight, bias);
}

GLORO_INLINE bool LinearMap::is_matrix() const {
  return geometry_.input.is_flat() && geometry_.output.is_flat() && geometry_.kernel_height == 1 &&
         geometry_.kernel_width == 1 && geometry_.pad_top == 0 && geometry_.pad_left == 0;
}

#ifdef GLORO_COMPILING
template void LinearMap::apply(const Matrix<float>&, const float*, const float*, float*,
                               Index) const;
template Tensor<float> LinearMap::apply(const Matrix<float>&, const float*,
                                        const Tensor<float>&) const;
template Matrix<float> LinearMap::apply(const Matrix<float>&, const Matrix<float>&) const;
template void LinearMap::add_gradient(const float*, const float*, GradientView<float>&,
                                      Index) const;
template Matrix<float> LinearMap::adjoint_weights(const Matrix<float>&) const;
template double LinearMap::upper_bound(const Matrix<float>&) const;
template bool LinearMap::has_quick_bound(const Matrix<float>&) const;
template double LinearMap::magnitude(const Matrix<float>&) const;
template RoundingBound LinearMap::rounding(const Matrix<float>&, const Matrix<float>&) const;
template void LinearMap::apply(const Matrix<double>&, const double*, const double*, double*,
                               Index) const;
template Tensor<double> LinearMap::apply(const Matrix<double>&, const double*,
                                         const Tensor<double>&) const;
template Matrix<double> LinearMap::apply(const Matrix<double>&, const Matrix<double>&) const;
template void LinearMap::add_gradient(const double*, const double*, GradientView<double>&,
                                      Index) const;
template Matrix<double> LinearMap::adjoint_weights(const Matrix<double>&) const;
template double LinearMap::upper_bound(const Matrix<double>&) const;
template bool LinearMap::has_quick_bound(const Matrix<double>&) const;
template double LinearMap::magnitude(const Matrix<double>&) const;
template RoundingBound LinearMap::rounding(const Matrix<double>&, const Matrix<double>&) const;
#endif

}  // namespace gloro
