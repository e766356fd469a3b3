// The published networks as the benchmarks run them: models, images, and what a sample costs.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gloro/data/dataset.hpp"
#include "gloro/layers/conv2d.hpp"
#include "gloro/model/gloro_model.hpp"
#include "gloro/wording/architecture.hpp"
#include "images.hpp"

namespace bench {

using gloro::Index;

struct Network {
  std::string name;
  gloro::Shape input;
  double epsilon;        ///< radius that the papers train for
  Index training_batch;  ///< samples of a step
  Index head = classes;  ///< logits; the images show the first classes only

  [[nodiscard]] gloro::GloroModel<float> model() const {
    return {input, gloro::read_architecture<float>(name, head), /*seed=*/1};
  }
  [[nodiscard]] gloro::data::Dataset dataset(Index count) const {
    auto [bytes, labels] = images(static_cast<int>(count), static_cast<int>(input.height),
                                  static_cast<int>(input.channels));
    return {"bars", input, std::move(bytes), std::move(labels), classes};
  }
};

/// Those of the paper.
inline const std::vector<Network>& networks() {
  static const std::vector<Network> all{{"2C2F", {28, 28, 1}, 0.3, 512},
                                        {"4C3F", {28, 28, 1}, 1.58, 512},
                                        {"6C2F", {32, 32, 3}, 36.0 / 255, 256}};
  return all;
}

/// And larger ones, on images of CIFAR-10's and Tiny-ImageNet's extents.
inline const std::vector<Network>& networks_to_train() {
  static const std::vector<Network> all = [] {
    std::vector<Network> more = networks();
    more.push_back({"LiResNet-S", {32, 32, 3}, 36.0 / 255, 256});
    more.push_back({"8C2F", {64, 64, 3}, 36.0 / 255, 256, 200});
    return more;
  }();
  return all;
}

/// Throws ArgumentError for a name that is not there.
inline const Network& network(std::string_view name) {
  for (const Network& known : networks_to_train())
    if (known.name == name) return known;
  throw gloro::ArgumentError(gloro::message("no network is called ", name));
}

/// Floating-point operations of one sample in a convolution or a product; other layers: 0.
inline double forward_flops(const gloro::AnyLayer<float>& layer) {
  if (const auto* conv = layer.as<gloro::Conv2D<float>>())
    return 2.0 *
           static_cast<double>(conv->convolution().output.size() * conv->convolution().taps());
  if (const auto* dense = layer.as<gloro::Dense<float>>())
    return 2.0 * static_cast<double>(dense->weight().size());
  return 0;
}

inline double forward_flops(const gloro::GloroModel<float>& model) {
  double sum = 0;
  for (const auto& layer : model.layers()) sum += forward_flops(layer);
  return sum;
}

/// Forward, backward to the inputs (not to the images) and to the weights. What the Lipschitz
/// constants and the optimizer add is not counted: it is overhead.
inline double training_flops(const gloro::GloroModel<float>& model) {
  return 3 * forward_flops(model) - forward_flops(model.layers().front());
}

}  // namespace bench
