// check_layer on the library's own layers, all that a file may name, and on layers with a fault each.
#include "catch.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "gloro/layers/activations.hpp"
#include "gloro/layers/average_pooling2d.hpp"
#include "gloro/layers/chain.hpp"
#include "gloro/layers/channel_affine.hpp"
#include "gloro/layers/conv2d.hpp"
#include "gloro/layers/convex_potential.hpp"
#include "gloro/layers/dense.hpp"
#include "gloro/layers/described_options.hpp"
#include "gloro/layers/downsampling.hpp"
#include "gloro/layers/exponential_conv2d.hpp"
#include "gloro/layers/group_sort.hpp"
#include "gloro/layers/grouped_conv2d.hpp"
#include "gloro/layers/householder.hpp"
#include "gloro/layers/l2_pooling2d.hpp"
#include "gloro/layers/max_pooling2d.hpp"
#include "gloro/layers/minmax.hpp"
#include "gloro/layers/normalization.hpp"
#include "gloro/layers/orthogonal_conv2d.hpp"
#include "gloro/layers/orthogonal_dense.hpp"
#include "gloro/layers/parallel.hpp"
#include "gloro/layers/relu.hpp"
#include "gloro/layers/residual.hpp"
#include "gloro/layers/residual_conv2d.hpp"
#include "gloro/layers/scaling.hpp"
#include "gloro/testing/check_layer.hpp"
#include "layers/own_layer.hpp"

using namespace gloro;

namespace {

struct Case {
  AnyLayer<float> layer;
  Shape input;
};

/// Every type of the catalogue, in more than one form where it has them.
std::vector<Case> ours() {
  const Shape image{6, 5, 4}, flat = Shape::flat(12);
  return {
      {Conv2D<float>({.filters = 3, .kernel = {3, 2}, .stride = {2, 1}}), image},
      {Conv2D<float>({.filters = 2, .kernel = 4, .padding = {2, 1, 0, 3}, .bias = false}), image},
      {ResidualConv2D<float>(), image},
      {Dense<float>(5), image},
      {Dense<float>({.units = 3, .bias = false}), flat},
      {GroupedConv2D<float>({.filters = 6, .kernel = {2, 1}, .groups = 2}), image},
      {GroupedConv2D<float>({.filters = 3, .stride = 2, .dilation = {2, 1}, .bias = false}), image},
      {OrthogonalDense<float>(5), image},
      {OrthogonalDense<float>({.units = 12, .bias = false}), flat},
      {OrthogonalDense<float>(20), flat},
      {ExponentialConv2D<float>(), image},
      {ExponentialConv2D<float>({.kernel = {1, 3}}), flat},
      {OrthogonalConv2D<float>(), image},
      {OrthogonalConv2D<float>({.kernel = {1, 5}}), flat},
      {ConvexPotential<float>({.hidden = 3}), image},
      {ConvexPotential<float>({.hidden = 3, .scale = 0.4}), image},
      {ConvexPotential<float>({.scale = 1.5}), flat},
      {MinMax<float>(), image},
      {MinMax<float>(MinMaxPairs::halves), flat},
      {GroupSort<float>(2), image},
      {GroupSort<float>(), flat},
      {Householder<float>(), image},
      {Householder<float>(-4), flat},
      {ReLU<float>(), image},
      {Abs<float>(), image},
      {LeakyReLU<float>(0.1F), image},
      {LeakyReLU<float>(-2), flat},
      {Tanh<float>(), image},
      {Sigmoid<float>(), image},
      {ELU<float>(), image},
      {ELU<float>(-1.5F), flat},
      {Softplus<float>(3), image},
      {Scaling<float>(-0.7F), image},
      {Normalization<float>({0.1F, 0.2F, 0.3F, 0.4F}, {2, -3, 4, 0.5F}), image},
      {InvertibleDownsampling<float>({3, 5}), image},
      {AveragePooling2D<float>({.pool = {3, 2}, .stride = 2, .padding = Padding::same}), image},
      {AveragePooling2D<float>({.pool = 3, .stride = 2, .padding = Padding::same},
                               Averaging::scaled),
       image},
      {AveragePooling2D<float>({.pool = 0}), image},
      {MaxPooling2D<float>({.pool = 2, .stride = 1}), image},
      {MaxPooling2D<float>({.pool = 0}), image},
      {L2Pooling2D<float>({.pool = 3, .stride = 2, .padding = Padding::same}), image},
      {L2Pooling2D<float>(0), image},
      {ChannelAffine<float>(), image},
      {ChannelAffine<float>({.bias = false}), flat},
      {ChannelAffine<float>({.gain = false}), image},
      {Chain<float>(std::vector<AnyLayer<float>>{Dense<float>(6), MinMax<float>()}), image},
      {Residual<float>({.body = {Conv2D<float>({.filters = 4, .kernel = 3})}}), image},
      {Residual<float>({.body = {MinMax<float>(), Dense<float>(12)}}), flat},
      {Parallel<float>({.branches = {Chain<float>(), Dense<float>(12)}}), flat},
      {Parallel<float>({.branches = {Chain<float>(), Conv2D<float>({.filters = 2, .kernel = 3})},
                        .join = Join::concatenate}),
       image}};
}

enum class Slip {
  none,
  shape,
  batch,
  tape,
  gradient,
  weight,
  bound,
  in_double,
  lipschitz_slope,
  rounding,
  description
};

/// y = a x, with one slip.
template <std::floating_point Scalar>
struct Slipping {
  static constexpr const char* type = "slipping";
  static Slipping from(DescribedOptions& options) {
    return Slipping(static_cast<Slip>(options.number("slip")));
  }

  Slip slip = Slip::none;
  Parameter<Scalar> factor{.name = "factor", .value = Matrix<Scalar>::Constant(1, 1, Scalar(0.75))};

  Slipping() = default;
  explicit Slipping(Slip which) : slip(which) {}

  [[nodiscard]] std::vector<Parameter<Scalar>*> parameters() { return {&factor}; }
  [[nodiscard]] Shape output_shape(Shape input) const {
    return slip == Slip::shape ? Shape::flat(input.size()) : input;
  }
  [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, const Pass<Scalar>& pass) const {
    pass.keep(x);
    if (slip == Slip::tape) pass.keep(x);
    if (slip == Slip::batch && x.batch() > 1) x.matrix().col(1) *= Scalar(0.9);
    x.matrix() *= factor.value(0);
    if (slip == Slip::in_double && std::same_as<Scalar, double>) x.matrix() *= Scalar(0.99);
    return x;
  }
  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, const BackwardPass<Scalar>& pass) const {
    const Tensor<Scalar> x = pass.tape.pop();
    if (!pass.gradients.empty()) {
      const Scalar slope = x.matrix().cwiseProduct(dy.matrix()).sum();
      if (slip == Slip::weight)
        pass.gradients[0](0) = slope;  // replaces what it should add to
      else
        pass.gradients[0](0) += slope;
    }
    dy.matrix() *= slip == Slip::gradient ? -factor.value(0) : factor.value(0);
    return dy;
  }
  [[nodiscard]] Scalar lipschitz() const { return std::abs(factor.value(0)); }
  void lipschitz_backward(Scalar g, std::span<GradientView<Scalar>> gradients) const {
    const Scalar sign = factor.value(0) < 0 ? Scalar(-1) : Scalar(1);
    gradients[0](0) += slip == Slip::lipschitz_slope ? 2 * g * sign : g * sign;
  }
  [[nodiscard]] double lipschitz_upper_bound() const {
    const auto norm = static_cast<double>(lipschitz());
    return slip == Slip::bound ? 0.99 * norm : norm;
  }
  [[nodiscard]] RoundingBound rounding() const {
    const double unit = static_cast<double>(std::numeric_limits<Scalar>::epsilon());
    return {slip == Slip::rounding ? unit / 1024 : unit, 1e-30};
  }
  [[nodiscard]] Description describe() const {
    if (slip == Slip::description) return {type, {{"slips", Index{1}}}};
    return {type, {{"slip", static_cast<Index>(slip)}}};
  }
  template <std::floating_point Other>
  [[nodiscard]] Slipping<Other> cast() const {
    Slipping<Other> other(slip);
    other.factor.value = factor.value.template cast<Other>();
    return other;
  }
};

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + '\n';
  return text;
}

}  // namespace

TEST_CASE("The library's own layers pass the check that a user's layer is given") {
  std::vector<std::string> seen;
  for (const auto& [layer, input] : ours()) {
    const auto report = testing::check_layer(layer, input);
    AnyLayer<float> placed = layer;
    placed.place(input);
    seen.push_back(placed.describe().type);
    INFO(seen.back() << " on " << input << ":\n" << joined(report.faults));
    CHECK(report.faults.empty());
    CHECK(report.absent.empty());
    CHECK(report.checked.size() == 6);
  }
  for (const std::string& type : Catalogue::ours().types()) {
    INFO(type << " is in the catalogue and not in this test");
    CHECK(std::find(seen.begin(), seen.end(), type) != seen.end());
  }
}

TEST_CASE("A layer's slip is found and said") {
  const auto faults = [](Slip slip) {
    return joined(testing::check_layer(
                      Slipping<float>(slip), {2, 3, 2},
                      {.catalogue = Catalogue::ours().with<Slipping<float>, Slipping<double>>()})
                      .faults);
  };
  CHECK(faults(Slip::none).empty());
  CHECK_THAT(faults(Slip::shape), ContainsText("output_shape says 1x1x12"));
  CHECK_THAT(faults(Slip::batch), ContainsText("sample 1 of a batch"));
  CHECK_THAT(faults(Slip::tape), ContainsText("leaves on the tape"));
  CHECK_THAT(faults(Slip::gradient), ContainsText("the gradient of the input at"));
  CHECK_THAT(faults(Slip::weight), ContainsText("the gradient of factor at"));
  CHECK_THAT(faults(Slip::bound), ContainsText("the bound of"));
  CHECK_THAT(faults(Slip::in_double), ContainsText("off double"));
  CHECK_THAT(faults(Slip::lipschitz_slope), ContainsText("lipschitz() by factor"));
  CHECK_THAT(faults(Slip::rounding), ContainsText("where rounding() promises"));
  CHECK_THAT(faults(Slip::description), ContainsText("does not lead back"));
}

TEST_CASE("What a layer leaves out is named, and the rest checked") {
  const auto report = testing::check_layer(own::Squash<float>(), Shape::flat(6));
  INFO(joined(report.faults));
  CHECK(report.faults.empty());
  CHECK_THAT(joined(report.absent), ContainsText("cast<double>()"));
  CHECK_THAT(joined(report.absent), ContainsText("describe()"));
}
