// Bfloat16Passes: training passes whose convolutions and dense layers multiply bfloat16, with sums in
// float. Between two of them activations stay in bfloat16, as the matrix units want them; MinMax is taken
// on the way from the sums to memory. Any other layer, and the head, is given float and taken back at its
// borders.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "gloro/kernels/bfloat16/convolution.hpp"
#include "gloro/kernels/bfloat16/convolution_gradients.hpp"
#include "gloro/kernels/bfloat16/patches.hpp"
#include "gloro/kernels/convolution_transposed.hpp"
#include "gloro/layers/detail/in_order.hpp"
#include "gloro/layers/minmax.hpp"
#include "gloro/train/detail/training_pass.hpp"
#include "gloro/train/products.hpp"

namespace gloro {

class Bfloat16Passes final : public TrainingPasses<float> {
 public:
  /// Samples of a pass, at most.
  static constexpr Index most_samples = kernels::bfloat16::side;

  /// `model` must outlive this.
  Bfloat16Passes(const GloroModel<float>& model, kernels::bfloat16::Unit unit)
      : unit_(kernels::bfloat16::operations(unit)) {
    const auto& layers = model.layers();
    for (std::size_t l = 0; l < layers.size(); ++l) {
      const auto geometry = l + 1 < layers.size() ? layers[l].convolution() : std::nullopt;
      if (!geometry) {
        stages_.push_back({.layer = layers[l]});
        continue;
      }
      const bool is_of_patches = kernels::bfloat16::takes_patches(*geometry);
      const auto* minmax = layers[l + 1].as<MinMax<float>>();
      const bool sorts = minmax && minmax->pairs() == MinMaxPairs::adjacent;
      const auto parameters = layers[l].parameters();
      const bool has_bias = parameters.size() > 1 && parameters[1]->value.size() > 0;
      stages_.push_back(
          {.layer = layers[l],
           .product =
               Product{.geometry = *geometry,
                       .weight = parameters[0],
                       .bias = has_bias ? parameters[1] : nullptr,
                       .filters = kernels::bfloat16::Filters(
                           is_of_patches ? kernels::bfloat16::of_patches(*geometry) : *geometry),
                       .is_of_patches = is_of_patches,
                       .sorts = sorts}});
      if (sorts) ++l;
    }
    cut_rounding();
  }

  /// Rounds the weights as they now are.
  void prepare(Workers& workers) override {
    const auto round = [this](Index i) {
      const RoundingWork& work = rounding_[static_cast<std::size_t>(i)];
      Product& product = *stages_[work.stage].product;
      for (Index strip = work.first; strip < work.end; ++strip)
        product.filters.round(unit_, product.weight->value.data(), strip);
      if (work.first == 0)
        product.filters.set_bias(product.bias ? product.bias->value.data() : nullptr);
    };
    workers.for_each(static_cast<Index>(rounding_.size()), std::cref(round));
  }

  [[nodiscard]] std::unique_ptr<TrainingPass<float>> pass() const override {
    return std::make_unique<OwnPass>(*this);
  }

 private:
  using Activations = kernels::bfloat16::Activations;
  /// On its way from layer to layer.
  using Values = std::variant<Tensor<float>, Activations>;

  struct Product {
    kernels::ConvolutionGeometry geometry;  // of the layer
    const Parameter<float>*weight, *bias;   // bias: null where it has none
    kernels::bfloat16::Filters filters;     // of the layer, or of its patches
    bool is_of_patches, sorts;              // sorts: with the MinMax that follows
  };
  struct Stage {
    std::reference_wrapper<const AnyLayer<float>> layer;
    std::optional<Product> product = {};  // none: the layer's own passes, in float
  };
  struct RoundingWork {
    std::size_t stage;
    Index first, end;  // strips
  };

  /// What a product leaves for its way back.
  struct Kept {
    Activations x;
    Buffer<std::uint16_t> swapped;  // empty: not sorted
  };

  [[nodiscard]] static Tensor<float> in_float(Values values) {
    if (auto* own = std::get_if<Tensor<float>>(&values)) return std::move(*own);
    return kernels::bfloat16::in_float(std::get<Activations>(values));
  }
  [[nodiscard]] static Activations in_bfloat16(Values values) {
    if (auto* own = std::get_if<Activations>(&values)) return std::move(*own);
    return kernels::bfloat16::rounded(std::get<Tensor<float>>(values));
  }

  class OwnPass final : public TrainingPass<float> {
   public:
    explicit OwnPass(const Bfloat16Passes& passes) : passes_(passes) {}

    /// Gradients of products are written by the first chunk and not set to zero before: a large dense
    /// layer's are read and written as fast as memory allows, and no faster.
    void begin(std::span<GradientView<float>> gradients) override {
      std::size_t end = gradients.size();
      for (std::size_t s = passes_.stages_.size(); s-- > 0;) {
        const Stage& stage = passes_.stages_[s];
        const auto own = detail::take_back(gradients, end, stage.layer.get());
        for (auto& gradient : own.subspan(stage.product ? 1 : 0)) gradient.setZero();
      }
      is_first_ = true;
      tape_.clear();
      kept_.clear();
    }

    [[nodiscard]] Tensor<float> logits(Tensor<float> x) override {
      if (x.batch() > most_samples)
        throw ArgumentError(message("a pass in bfloat16 takes at most ", most_samples,
                                    " samples, got ", x.batch()));
      Values values = std::move(x);
      for (const Stage& stage : passes_.stages_)
        values = stage.product
                     ? Values(forward(*stage.product, std::move(values)))
                     : stage.layer.get().forward(in_float(std::move(values)), {.tape = &tape_});
      return in_float(std::move(values));
    }

    void backward(Tensor<float> dlogits, std::span<GradientView<float>> gradients) override {
      Values values = std::move(dlogits);
      std::size_t end = gradients.size();
      for (std::size_t s = passes_.stages_.size(); s-- > 0;) {
        const Stage& stage = passes_.stages_[s];
        const auto own = detail::take_back(gradients, end, stage.layer.get());
        const bool goes_on = s > 0;
        if (stage.product)
          values = backward(*stage.product, std::move(values), own, goes_on);
        else
          values = stage.layer.get().backward(
              in_float(std::move(values)),
              {.tape = tape_, .gradients = own, .input_gradient = goes_on});
      }
      is_first_ = false;
    }

   private:
    [[nodiscard]] Activations forward(const Product& product, Values x) {
      Kept kept;
      kept.x = product.is_of_patches ? kernels::bfloat16::patches_of(
                                           passes_.unit_, product.geometry, in_float(std::move(x)))
                                     : in_bfloat16(std::move(x));
      Activations y(product.geometry.output, kept.x.samples);
      if (product.sorts)
        kept.swapped = Buffer<std::uint16_t>(static_cast<std::size_t>(
            y.pixels() * product.filters.output_blocks() * kernels::bfloat16::side));
      kernels::bfloat16::convolve(passes_.unit_, product.filters, kept.x, y, kept.swapped.data());
      kept_.push_back(std::move(kept));
      return y;
    }

    [[nodiscard]] Values backward(const Product& product, Values by_output,
                                  std::span<GradientView<float>> gradients, bool goes_on) {
      const Kept kept = std::move(kept_.back());
      kept_.pop_back();
      Activations dy = in_bfloat16(std::move(by_output));
      kernels::bfloat16::correlate_filters(
          passes_.unit_, product.filters.geometry(), kept.x, dy, kept.swapped.data(),
          gradients[0].data(), product.bias ? gradients[1].data() : nullptr, !is_first_);
      if (!goes_on) return Tensor<float>();
      if (product.is_of_patches) return by_image(product, dy);
      Activations dx(product.geometry.input, dy.samples);
      kernels::bfloat16::convolve_transposed(passes_.unit_, product.filters, dy, dx);
      return dx;
    }

    /// Few channels in the middle of a network: rare, and as the layer itself would.
    [[nodiscard]] static Tensor<float> by_image(const Product& product, const Activations& dy) {
      const Tensor<float> slopes = kernels::bfloat16::in_float(dy);
      Tensor<float> dx(product.geometry.input, dy.samples);
      kernels::convolve_transposed<float>({.geometry = product.geometry,
                                           .filters = product.weight->value.data(),
                                           .dy = slopes.data(),
                                           .dx = dx.data(),
                                           .batch = dy.samples});
      return dx;
    }

    const Bfloat16Passes& passes_;
    Tape<float> tape_;
    std::vector<Kept> kept_;
    bool is_first_ = true;
  };

  /// Pieces of rounding of about the same size, for threads to share out.
  void cut_rounding() {
    constexpr Index blocks = 16;
    for (std::size_t s = 0; s < stages_.size(); ++s) {
      if (!stages_[s].product) continue;
      const kernels::bfloat16::Filters& filters = stages_[s].product->filters;
      const Index strips = std::max<Index>(1, blocks / filters.output_blocks());
      for (Index first = 0; first < filters.strips(); first += strips)
        rounding_.push_back({s, first, std::min(first + strips, filters.strips())});
    }
  }

  const kernels::bfloat16::Operations& unit_;
  std::vector<Stage> stages_;
  std::vector<RoundingWork> rounding_;
};

/// Throws as unit_of() does.
template <std::floating_point Scalar>
[[nodiscard]] std::unique_ptr<TrainingPasses<Scalar>> training_passes(
    const GloroModel<Scalar>& model, Products products) {
  const auto unit = unit_of<Scalar>(products);
  if constexpr (std::same_as<Scalar, float>)
    if (unit) return std::make_unique<Bfloat16Passes>(model, *unit);
  return std::make_unique<ScalarPasses<Scalar>>(model);
}

}  // namespace gloro
