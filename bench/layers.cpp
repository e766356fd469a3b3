// Every layer type on a chunk of 32 images: forward as in inference, forward and backward as in
// training, in images a second. A layer may work in place: the copy of its input is measured too.
#include <benchmark/benchmark.h>

#include <string>
#include <utility>
#include <vector>

#include "gloro/layers/average_pooling2d.hpp"
#include "gloro/layers/downsampling.hpp"
#include "gloro/layers/max_pooling2d.hpp"
#include "gloro/layers/normalization.hpp"
#include "gloro/layers/relu.hpp"
#include "gloro/layers/scaling.hpp"
#include "networks.hpp"

namespace {

using namespace gloro;

constexpr Index chunk = 32;

Tensor<float> values(Shape shape) {
  Tensor<float> all(shape, chunk);
  Random random(1);
  for (Index i = 0; i < all.size(); ++i) all.data()[i] = static_cast<float>(random.normal());
  return all;
}

void forward(benchmark::State& state, AnyLayer<float> layer, Shape input) {
  Random random(2);
  build(layer, input, random);
  Tensor<float> x = values(input);
  for (auto _ : state) benchmark::DoNotOptimize(layer.forward(x, {}).data());
  state.SetItemsProcessed(state.iterations() * chunk);
}

void forward_and_backward(benchmark::State& state, AnyLayer<float> layer, Shape input) {
  Random random(2);
  build(layer, input, random);
  const Tensor<float> x = values(input), dy = values(layer.output_shape(input));
  Gradients<float> gradients(std::as_const(layer).parameters());
  Tape<float> tape;
  for (auto _ : state) {
    (void)layer.forward(x, {.tape = &tape});
    const auto dx = layer.backward(dy, {.tape = tape, .gradients = gradients.views()});
    benchmark::DoNotOptimize(dx.data());
  }
  state.SetItemsProcessed(state.iterations() * chunk);
}

}  // namespace

int main(int argc, char** argv) {
  const Shape image{16, 16, 32};
  const std::vector<std::pair<std::string, AnyLayer<float>>> layers{
      {"Conv2D 3x3", Conv2D<float>({.filters = 32, .kernel = 3})},
      {"Conv2D 4x4 stride 2", Conv2D<float>({.filters = 64, .kernel = 4, .stride = 2})},
      {"Conv2D 1x1", Conv2D<float>({.filters = 32, .kernel = 1})},
      {"Dense", Dense<float>(512)},
      {"MinMax", MinMax<float>()},
      {"ReLU", ReLU<float>()},
      {"Scaling", Scaling<float>()},
      {"InvertibleDownsampling", InvertibleDownsampling<float>(2)},
      {"AveragePooling2D", AveragePooling2D<float>({.pool = 2, .stride = 2})},
      {"MaxPooling2D", MaxPooling2D<float>({.pool = 2, .stride = 2})}};
  for (const auto& [name, layer] : layers) {
    benchmark::RegisterBenchmark((name + "/forward").c_str(), forward, layer, image)
        ->Unit(benchmark::kMicrosecond);
    benchmark::RegisterBenchmark((name + "/forward and backward").c_str(), forward_and_backward,
                                 layer, image)
        ->Unit(benchmark::kMicrosecond);
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
