// The bodies of grouped_conv2d.hpp.
#pragma once

#include "gloro/layers/grouped_conv2d.hpp"

#include "gloro/core/error.hpp"

namespace gloro {

namespace detail {

/// Pixels that a kernel reaches over.
[[nodiscard]] inline Extent spread(const Extent& kernel, const Extent& dilation) {
  const auto along = [](Index taps, Index step) {
    return checked_sum(checked_product(taps - 1, step), 1);
  };
  return {along(kernel.height, dilation.height), along(kernel.width, dilation.width)};
}

[[nodiscard]] inline Conv2DOptions whole(const GroupedConv2DOptions& options) {
  const auto& [filters, kernel, stride, padding, dilation, groups, bias, initializer] = options;
  if (kernel.height < 1 || kernel.width < 1 || dilation.height < 1 || dilation.width < 1)
    throw ArgumentError(message("GroupedConv2D needs a kernel and a dilation >= 1, got ",
                                kernel.height, " x ", kernel.width, " and ", dilation.height, " x ",
                                dilation.width));
  if (groups < 1 || filters % groups != 0)
    throw ArgumentError(message("GroupedConv2D needs groups >= 1 that share out its filters, got ",
                                groups, " for ", filters));
  return {.filters = filters,
          .kernel = spread(kernel, dilation),
          .stride = stride,
          .padding = padding,
          .bias = bias,
          .initializer = initializer};
}

}  // namespace detail

template <std::floating_point Scalar>
GroupedConv2D<Scalar>::GroupedConv2D(GroupedConv2DOptions options)
    : options_(options), whole_(detail::whole(options)) {}

template <std::floating_point Scalar>
Shape GroupedConv2D<Scalar>::output_shape(Shape input) const {
  (void)group_channels(input);
  return whole_.output_shape(input);
}

template <std::floating_point Scalar>
double GroupedConv2D<Scalar>::memory(Shape input) const {
  const auto weights =
      static_cast<double>(options_.filters) * static_cast<double>(options_.kernel.height) *
      static_cast<double>(options_.kernel.width) * static_cast<double>(group_channels(input));
  return weights + whole_.memory(input);
}

template <std::floating_point Scalar>
void GroupedConv2D<Scalar>::place(Shape input) {
  whole_.place(input);
  weight_.layout = {.row = {options_.kernel.height, options_.kernel.width, group_channels(input)}};
  weight_.value = Matrix<Scalar>::Zero(options_.filters, weight_.layout.row.size());
}

template <std::floating_point Scalar>
void GroupedConv2D<Scalar>::draw(Random& random) {
  whole_.draw(random);  // its singular vector; its weights are drawn here
  weight_.value = initial_weights(options_.initializer, options_.filters, weight_.value.cols(),
                                  options_.kernel.height * options_.kernel.width, random)
                      .template cast<Scalar>();
  whole_.parameters()[0]->value.setZero();
  refresh_lipschitz(0);
}

template <std::floating_point Scalar>
std::vector<Parameter<Scalar>*> GroupedConv2D<Scalar>::parameters() {
  std::vector<Parameter<Scalar>*> all = whole_.parameters();
  all[0] = &weight_;
  return all;
}

template <std::floating_point Scalar>
std::vector<Parameter<Scalar>*> GroupedConv2D<Scalar>::state() {
  std::vector<Parameter<Scalar>*> all = whole_.state();
  all.insert(all.begin(), whole_.parameters()[0]);
  return all;
}

template <std::floating_point Scalar>
double GroupedConv2D<Scalar>::definition(const Tensor<double>& x, Index i) const {
  return whole_.definition(x, i);
}

template <std::floating_point Scalar>
Tensor<Scalar> GroupedConv2D<Scalar>::backward(Tensor<Scalar> dy,
                                               const BackwardPass<Scalar>& pass) const {
  if (pass.gradients.empty()) return whole_.backward(std::move(dy), pass);
  Tensor<Scalar> dx;
  by_whole(pass.gradients, [&](std::span<GradientView<Scalar>> views) {
    BackwardPass<Scalar> own = pass;
    own.gradients = views;
    dx = whole_.backward(std::move(dy), own);
  });
  return dx;
}

template <std::floating_point Scalar>
void GroupedConv2D<Scalar>::refresh_lipschitz(int iterations, Workers* workers) {
  Matrix<Scalar>& filters = whole_.parameters()[0]->value;
  for_each_weight([&](Index filter, Index from, Index to) {
    filters(filter, to) = weight_.value(filter, from);
  });
  whole_.refresh_lipschitz(iterations, workers);
}

template <std::floating_point Scalar>
void GroupedConv2D<Scalar>::lipschitz_backward(Scalar g,
                                               std::span<GradientView<Scalar>> gradients) const {
  by_whole(gradients,
           [&](std::span<GradientView<Scalar>> views) { whole_.lipschitz_backward(g, views); });
}

template <std::floating_point Scalar>
Description GroupedConv2D<Scalar>::describe() const {
  Description description = whole_.describe();
  description.type = type;
  description.options.emplace_back("dilation", options_.dilation.described());
  description.options.emplace_back("groups", options_.groups);
  return description;
}

template <std::floating_point Scalar>
template <std::floating_point Other>
GroupedConv2D<Other> GroupedConv2D<Scalar>::cast() const {
  GroupedConv2D<Other> other(options_);
  other.weight_.value = weight_.value.template cast<Other>();
  other.weight_.layout = weight_.layout;
  other.whole_ = whole_.template cast<Other>();
  return other;
}

template <std::floating_point Scalar>
Index GroupedConv2D<Scalar>::group_channels(const Shape& input) const {
  if (input.channels % options_.groups != 0)
    throw ShapeError(message("GroupedConv2D has ", options_.groups, " groups, which do not share ",
                             "out the channels of ", input));
  return input.channels / options_.groups;
}

template <std::floating_point Scalar>
template <typename Body>
void GroupedConv2D<Scalar>::for_each_weight(const Body& body) const {
  const auto& [rows, columns, channels] = weight_.layout.row;
  const Index width = detail::spread(options_.kernel, options_.dilation).width;
  const Index all_channels = channels * options_.groups;
  const Index group_filters = options_.filters / options_.groups;
  for (Index ky = 0; ky < rows; ++ky)
    for (Index kx = 0; kx < columns; ++kx)
      for (Index c = 0; c < channels; ++c) {
        const Index from = (ky * columns + kx) * channels + c;
        const Index pixel = ky * options_.dilation.height * width + kx * options_.dilation.width;
        for (Index f = 0; f < options_.filters; ++f)
          body(f, from, pixel * all_channels + f / group_filters * channels + c);
      }
}

template <std::floating_point Scalar>
template <typename Body>
void GroupedConv2D<Scalar>::by_whole(std::span<GradientView<Scalar>> gradients,
                                     const Body& body) const {
  Matrix<Scalar> filters = Matrix<Scalar>::Zero(whole_.weight().rows(), whole_.weight().cols());
  std::vector<GradientView<Scalar>> views;
  views.emplace_back(filters.data(), filters.rows(), filters.cols());
  if (options_.bias) views.push_back(gradients[1]);
  body(views);
  for_each_weight([&](Index filter, Index to, Index from) {
    gradients[0](filter, to) += filters(filter, from);
  });
}

#ifdef GLORO_COMPILING
template class GroupedConv2D<float>;
template class GroupedConv2D<double>;
GLORO_LAYER_CASTS(GroupedConv2D)
GLORO_HELD_LAYER(, GroupedConv2D)
#endif

}  // namespace gloro
