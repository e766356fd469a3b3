// Speed of the kernels on one core, in GFLOP/s and as a share of what independent fused
// multiply-adds, or blocks in cache for those in bfloat16, reach in the same run: every convolution and
// product of the published networks.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "bfloat16_limit.hpp"
#include "fma_limit.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/kernels/bfloat16/convolution.hpp"
#include "gloro/kernels/bfloat16/convolution_gradients.hpp"
#include "gloro/kernels/bfloat16/patches.hpp"
#include "gloro/kernels/convolution.hpp"
#include "gloro/kernels/minmax.hpp"
#include "gloro/kernels/product.hpp"
#include "gloro/kernels/product_gradients.hpp"

namespace {

using gloro::Buffer;
using gloro::Index;
using gloro::Shape;
using gloro::kernels::ConvolutionGeometry;

constexpr Index chunk = 32;  // images that one thread takes at a time

// Values between -1 and 1, all normal, the same in every run.
Buffer<float> values(Index count) {
  Buffer<float> result(static_cast<std::size_t>(count));
  unsigned state = 1;
  for (std::size_t i = 0; i < result.size(); ++i) {
    state = state * 1664525U + 1013904223U;
    result.data()[i] = static_cast<float>(state >> 8) / 8388608.0F - 1;
  }
  return result;
}

// The limit is measured anew each time: a processor changes its clock.
void report(benchmark::State& state, double flops, double limit) {
  const double total = flops * static_cast<double>(state.iterations());
  state.counters["GFLOP/s"] = benchmark::Counter(total / 1e9, benchmark::Counter::kIsRate);
  state.counters["%limit"] = benchmark::Counter(100 * total / limit, benchmark::Counter::kIsRate);
}

enum class Operation { forward, transposed, gradient };

void convolution(benchmark::State& state, ConvolutionGeometry g, Operation operation, Index batch) {
  const auto x = values(batch * g.input.size()), filters = values(g.taps() * g.output.channels);
  const auto bias = values(g.output.channels), dy = values(batch * g.output.size());
  auto y = values(batch * g.output.size()), dx = values(batch * g.input.size());
  auto dfilters = values(g.taps() * g.output.channels);
  for (auto _ : state) {
    if (operation == Operation::forward)
      gloro::kernels::convolve<float>({.geometry = g,
                                       .filters = filters.data(),
                                       .bias = bias.data(),
                                       .x = x.data(),
                                       .y = y.data(),
                                       .batch = batch});
    else if (operation == Operation::transposed)
      gloro::kernels::convolve_transposed<float>({.geometry = g,
                                                  .filters = filters.data(),
                                                  .dy = dy.data(),
                                                  .dx = dx.data(),
                                                  .batch = batch});
    else
      gloro::kernels::correlate_filters<float>({.geometry = g,
                                                .x = x.data(),
                                                .dy = dy.data(),
                                                .dfilters = dfilters.data(),
                                                .batch = batch});
    benchmark::ClobberMemory();
  }
  report(state, 2.0 * static_cast<double>(batch * g.output.size() * g.taps()), bench::fma_limit());
}

void product(benchmark::State& state, Index outputs, Index inputs, Operation operation,
             Index batch) {
  const auto weights = values(outputs * inputs), bias = values(outputs);
  const auto x = values(batch * inputs), dy = values(batch * outputs);
  auto y = values(batch * outputs), dx = values(batch * inputs), dw = values(outputs * inputs);
  for (auto _ : state) {
    if (operation == Operation::forward)
      gloro::kernels::multiply<float>({.outputs = outputs,
                                       .inputs = inputs,
                                       .batch = batch,
                                       .weights = weights.data(),
                                       .bias = bias.data(),
                                       .x = x.data(),
                                       .y = y.data()});
    else if (operation == Operation::transposed)
      gloro::kernels::multiply_transposed<float>({.outputs = outputs,
                                                  .inputs = inputs,
                                                  .batch = batch,
                                                  .weights = weights.data(),
                                                  .dy = dy.data(),
                                                  .dx = dx.data()});
    else
      gloro::kernels::outer_add<float>({.outputs = outputs,
                                        .inputs = inputs,
                                        .batch = batch,
                                        .x = x.data(),
                                        .dy = dy.data(),
                                        .dweights = dw.data()});
    benchmark::ClobberMemory();
  }
  report(state, 2.0 * static_cast<double>(batch * outputs * inputs), bench::fma_limit());
}

// The same operations on a chunk in bfloat16, as a training pass takes them: forward with MinMax, the
// filters' gradient with the way back through it.
void bfloat16_convolution(benchmark::State& state, ConvolutionGeometry g, Operation operation) {
  namespace bf = gloro::kernels::bfloat16;
  const bf::Operations& unit = bf::operations(bf::best_unit());
  const auto weights = values(g.taps() * g.output.channels), bias = values(g.output.channels);
  const auto tensor = [](Shape shape, bool as_gradient) {
    gloro::Tensor<float> result(shape, chunk);
    const auto numbers = values(result.size());
    std::copy_n(numbers.data(), result.size(), result.data());
    if (as_gradient) result.matrix() *= 1e-3F;
    return result;
  };
  const auto images = tensor(g.input, false);
  const bool is_of_patches = bf::takes_patches(g);
  const ConvolutionGeometry multiplied = is_of_patches ? bf::of_patches(g) : g;
  bf::Filters filters(multiplied);
  for (Index strip = 0; strip < filters.strips(); ++strip)
    filters.round(unit, weights.data(), strip);
  filters.set_bias(bias.data());
  const bf::Activations x = is_of_patches ? bf::patches_of(unit, g, images) : bf::rounded(images);
  bf::Activations y(g.output, chunk), dx(multiplied.input, chunk);
  bf::Activations dy = bf::rounded(tensor(g.output, true));
  gloro::Buffer<std::uint16_t> swapped(
      static_cast<std::size_t>(y.pixels() * filters.output_blocks() * bf::side));
  bf::convolve(unit, filters, x, y, swapped.data());
  auto dfilters = values(g.taps() * g.output.channels), dbias = values(g.output.channels);
  for (auto _ : state) {
    if (operation == Operation::forward)
      bf::convolve(unit, filters, x, y, swapped.data());
    else if (operation == Operation::transposed)
      bf::convolve_transposed(unit, filters, dy, dx);
    else
      bf::correlate_filters(unit, multiplied, x, dy, swapped.data(), dfilters.data(), dbias.data());
    benchmark::ClobberMemory();
  }
  report(state, 2.0 * static_cast<double>(chunk * g.output.size() * g.taps()),
         bench::bfloat16_limit(bf::best_unit()));
}

// MinMax on an image of 28 x 28 x 32, in place forward; bytes are those read and written.
void minmax(benchmark::State& state, Operation operation) {
  const Index size = 28 * 28 * 32;
  const auto x = values(size);
  auto y = values(size);
  for (auto _ : state) {
    if (operation == Operation::forward)
      gloro::kernels::minmax<float>({.size = size, .x = y.data(), .y = y.data()});
    else
      gloro::kernels::minmax_backward<float>({.size = size, .x = x.data(), .dy = y.data()});
    benchmark::ClobberMemory();
  }
  const Index arrays = operation == Operation::forward ? 2 : 3;
  state.SetBytesProcessed(state.iterations() * arrays * size * Index{sizeof(float)});
}

// Stride 1 or 2, padded to "same": sizes halve exactly in all these networks.
ConvolutionGeometry same(Shape input, Index filters, Index kernel, Index stride) {
  return {input,  {input.height / stride, input.width / stride, filters},
          kernel, kernel,
          stride, stride,
          1,      1};
}

const char* name(Operation operation) {
  return operation == Operation::forward      ? "forward"
         : operation == Operation::transposed ? "transposed"
                                              : "gradient";
}

}  // namespace

int main(int argc, char** argv) {
  struct Convolution {
    std::string name;
    ConvolutionGeometry geometry;
  };
  const std::vector<Convolution> convolutions{
      {"2C2F/conv1", same({28, 28, 1}, 16, 4, 2)},  {"2C2F/conv2", same({14, 14, 16}, 32, 4, 2)},
      {"4C3F/conv1", same({28, 28, 1}, 32, 3, 1)},  {"4C3F/conv2", same({28, 28, 32}, 32, 4, 2)},
      {"4C3F/conv3", same({14, 14, 32}, 64, 3, 1)}, {"4C3F/conv4", same({14, 14, 64}, 64, 4, 2)},
      {"6C2F/conv1", same({32, 32, 3}, 32, 3, 1)},  {"6C2F/conv2", same({32, 32, 32}, 32, 3, 1)},
      {"6C2F/conv3", same({32, 32, 32}, 32, 4, 2)}, {"6C2F/conv4", same({16, 16, 32}, 64, 3, 1)},
      {"6C2F/conv5", same({16, 16, 64}, 64, 3, 1)}, {"6C2F/conv6", same({16, 16, 64}, 64, 4, 2)}};
  struct Product {
    std::string name;
    Index outputs;
    Shape input;
  };
  const std::vector<Product> products{
      {"2C2F/dense1", 100, {7, 7, 32}}, {"2C2F/dense2", 10, {1, 1, 100}},
      {"4C3F/dense1", 512, {7, 7, 64}}, {"4C3F/dense2", 512, {1, 1, 512}},
      {"4C3F/dense3", 10, {1, 1, 512}}, {"6C2F/dense1", 512, {8, 8, 64}}};
  for (const Index batch : {chunk, Index{1}})
    for (const auto operation : {Operation::forward, Operation::transposed, Operation::gradient}) {
      const std::string suffix = std::string("/") + name(operation) + (batch == 1 ? "/single" : "");
      for (const auto& layer : convolutions)
        benchmark::RegisterBenchmark((layer.name + suffix).c_str(), convolution, layer.geometry,
                                     operation, batch)
            ->Unit(benchmark::kMicrosecond);
      for (const auto& layer : products)
        benchmark::RegisterBenchmark((layer.name + suffix).c_str(), product, layer.outputs,
                                     layer.input.size(), operation, batch)
            ->Unit(benchmark::kMicrosecond);
    }
  for (const auto operation : {Operation::forward, Operation::transposed, Operation::gradient}) {
    const std::string suffix = std::string("/") + name(operation) + "/bfloat16";
    const auto add = [&](const std::string& layer, const ConvolutionGeometry& geometry) {
      // Images have no gradient in training, and the head stays in float.
      const bool is_of_patches = gloro::kernels::bfloat16::takes_patches(geometry);
      if ((is_of_patches && operation == Operation::transposed) || geometry.output.channels == 10)
        return;
      benchmark::RegisterBenchmark((layer + suffix).c_str(), bfloat16_convolution, geometry,
                                   operation)
          ->Unit(benchmark::kMicrosecond);
    };
    for (const auto& layer : convolutions) add(layer.name, layer.geometry);
    for (const auto& layer : products)
      add(layer.name, {.input = layer.input,
                       .output = Shape::flat(layer.outputs),
                       .kernel_height = layer.input.height,
                       .kernel_width = layer.input.width});
  }
  benchmark::RegisterBenchmark("minmax/forward", minmax, Operation::forward);
  benchmark::RegisterBenchmark("minmax/backward", minmax, Operation::gradient);
  benchmark::AddCustomContext("FMA limit, GFLOP/s", std::to_string(bench::fma_limit() / 1e9));
  const auto unit = gloro::kernels::bfloat16::best_unit();
  benchmark::AddCustomContext("bfloat16 by", name_of(unit));
  benchmark::AddCustomContext("its limit, GFLOP/s",
                              std::to_string(bench::bfloat16_limit(unit) / 1e9));
  benchmark::AddCustomContext("vector width", std::to_string(gloro::kernels::vector_width<float>));
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
