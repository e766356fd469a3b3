// Lipschitz constants: five power iterations of every layer, as each training step takes them, and
// the rigorous bounds of a certifier, layer by layer.
#include <benchmark/benchmark.h>

#include <string>

#include "networks.hpp"

namespace {

using namespace gloro;

void refresh(benchmark::State& state, const bench::Network& network, int threads) {
  GloroModel<float> model = network.model();
  Workers workers(threads);
  for (auto _ : state) model.refresh_lipschitz(5, workers);
}

void refresh_layer(benchmark::State& state, AnyLayer<float> layer) {
  for (auto _ : state) layer.refresh_lipschitz(5);
}

void upper_bound(benchmark::State& state, const AnyLayer<float>& layer) {
  double bound = 0;
  for (auto _ : state) benchmark::DoNotOptimize(bound = layer.lipschitz_upper_bound());
  state.counters["bound"] = bound;
}

}  // namespace

int main(int argc, char** argv) {
  for (const bench::Network& network : bench::networks()) {
    for (const int threads : {1, 2})
      benchmark::RegisterBenchmark(
          (network.name + "/refresh/threads:" + std::to_string(threads)).c_str(), refresh, network,
          threads)
          ->Unit(benchmark::kMicrosecond)
          ->UseRealTime();
    const GloroModel<float> model = network.model();
    for (std::size_t l = 0; l < model.layers().size(); ++l) {
      if (model.layers()[l].parameters().empty()) continue;
      const std::string layer = network.name + "/layer " + std::to_string(l);
      benchmark::RegisterBenchmark((layer + "/refresh").c_str(), refresh_layer, model.layers()[l])
          ->Unit(benchmark::kMicrosecond);
      benchmark::RegisterBenchmark((layer + "/upper bound").c_str(), upper_bound, model.layers()[l])
          ->Unit(benchmark::kMillisecond);
    }
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
