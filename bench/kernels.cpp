// Speed of the kernels on one core, in GFLOP/s and as a share of what independent fused
// multiply-adds reach in the same run: every convolution and product of the published networks.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <string>
#include <vector>

#include "fma_limit.hpp"
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
void report(benchmark::State& state, double flops) {
  const double total = flops * static_cast<double>(state.iterations());
  state.counters["GFLOP/s"] = benchmark::Counter(total / 1e9, benchmark::Counter::kIsRate);
  state.counters["%limit"] =
      benchmark::Counter(100 * total / bench::fma_limit(), benchmark::Counter::kIsRate);
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
  report(state, 2.0 * static_cast<double>(batch * g.output.size() * g.taps()));
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
  report(state, 2.0 * static_cast<double>(batch * outputs * inputs));
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
    Index outputs, inputs;
  };
  const std::vector<Product> products{{"2C2F/dense1", 100, 1568}, {"2C2F/dense2", 10, 100},
                                      {"4C3F/dense1", 512, 3136}, {"4C3F/dense2", 512, 512},
                                      {"4C3F/dense3", 10, 512},   {"6C2F/dense1", 512, 4096}};
  for (const Index batch : {chunk, Index{1}})
    for (const auto operation : {Operation::forward, Operation::transposed, Operation::gradient}) {
      const std::string suffix = std::string("/") + name(operation) + (batch == 1 ? "/single" : "");
      for (const auto& layer : convolutions)
        benchmark::RegisterBenchmark((layer.name + suffix).c_str(), convolution, layer.geometry,
                                     operation, batch)
            ->Unit(benchmark::kMicrosecond);
      for (const auto& layer : products)
        benchmark::RegisterBenchmark((layer.name + suffix).c_str(), product, layer.outputs,
                                     layer.inputs, operation, batch)
            ->Unit(benchmark::kMicrosecond);
    }
  benchmark::RegisterBenchmark("minmax/forward", minmax, Operation::forward);
  benchmark::RegisterBenchmark("minmax/backward", minmax, Operation::gradient);
  benchmark::AddCustomContext("FMA limit, GFLOP/s", std::to_string(bench::fma_limit() / 1e9));
  benchmark::AddCustomContext("vector width", std::to_string(gloro::kernels::vector_width<float>));
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
