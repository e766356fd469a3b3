// GroupedConv2D: a convolution whose filters see the channels of one group only, or pixels that lie apart
// (dilated, a trous); depthwise with as many groups as channels.
#pragma once

#include <concepts>
#include <span>
#include <utility>
#include <vector>

#include "gloro/layers/conv2d.hpp"
#include "gloro/layers/layer.hpp"

namespace gloro {

struct GroupedConv2DOptions {
  Index filters = 1;  ///< a multiple of groups; the first filters / groups see the first group
  Extent kernel = 3;
  Extent stride = 1;
  Padding padding = Padding::same;  ///< of the kernel spread by its dilation
  Extent dilation = 1;              ///< from a tap to the next, in pixels
  Index groups = 1;                 ///< of as many channels each
  bool bias = true;
  Initializer initializer = Initializer::orthogonal;
};

/// The weights are filters x (rows * columns * channels of a group). It computes as the Conv2D that it is,
/// whose filters have a zero wherever these have nothing: certified, saved and exported as that, with its
/// bounds. So it costs as much as that one, groups * dilation rows * dilation columns times what it might;
/// what it saves is parameters. The filters are written out once a step, by refresh_lipschitz().
template <std::floating_point Scalar>
class GroupedConv2D {
 public:
  static constexpr const char* type = "grouped_conv2d";

  explicit GroupedConv2D(GroupedConv2DOptions options);

  [[nodiscard]] Shape output_shape(Shape input) const;
  [[nodiscard]] double memory(Shape input) const;

  void place(Shape input);
  void draw(Random& random);

  [[nodiscard]] std::vector<Parameter<Scalar>*> parameters();
  /// The filters written out, and the vector of power iteration.
  [[nodiscard]] std::vector<Parameter<Scalar>*> state();

  [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, const Pass<Scalar>& pass) const {
    return whole_.forward(std::move(x), pass);
  }
  [[nodiscard]] double definition(const Tensor<double>& x, Index i) const;
  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, const BackwardPass<Scalar>& pass) const;

  void refresh_lipschitz(int iterations, Workers* workers = nullptr);
  [[nodiscard]] Scalar lipschitz(Workers* workers = nullptr) const {
    return whole_.lipschitz(workers);
  }
  void lipschitz_backward(Scalar g, std::span<GradientView<Scalar>> gradients) const;
  [[nodiscard]] double lipschitz_upper_bound() const { return whole_.lipschitz_upper_bound(); }
  [[nodiscard]] bool has_quick_bound() const { return whole_.has_quick_bound(); }
  [[nodiscard]] RoundingBound rounding() const { return whole_.rounding(); }

  /// No catalogue has its type: files have plain().
  [[nodiscard]] Description describe() const;
  [[nodiscard]] const Conv2D<Scalar>& plain() const { return whole_; }
  template <std::floating_point Other>
  [[nodiscard]] GroupedConv2D<Other> cast() const;

 private:
  template <std::floating_point>
  friend class GroupedConv2D;

  /// Throws ShapeError where the channels do not make such groups.
  [[nodiscard]] Index group_channels(const Shape& input) const;

  /// body(filter, column of the weights, column of the filters written out), for each weight.
  template <typename Body>
  void for_each_weight(const Body& body) const;

  /// body(views of gradients of whole_), and what its filters got is added to the weights' `gradients`.
  template <typename Body>
  void by_whole(std::span<GradientView<Scalar>> gradients, const Body& body) const;

  GroupedConv2DOptions options_;
  Parameter<Scalar> weight_{.name = "weight", .decays = true};
  Conv2D<Scalar> whole_;
};

}  // namespace gloro

#ifdef GLORO_COMPILED
#include "gloro/layers/detail/instances.hpp"
GLORO_HELD_LAYER(extern, GroupedConv2D)
#else
#include "gloro/layers/grouped_conv2d.ipp"
#endif
