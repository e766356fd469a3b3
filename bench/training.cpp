// A training step of the published networks: images a second and share of the FMA limit, with the
// GloRo loss and as the same network without Lipschitz constants, on one thread and on all; and in
// bfloat16, where the processor multiplies it (its share is of the FMA limit too).
#include <benchmark/benchmark.h>

#include <string>
#include <thread>

#include "fma_limit.hpp"
#include "training_step.hpp"

namespace {

using bench::Index;

void train(benchmark::State& state, const bench::Network& network, bench::TrainingLoss loss,
           Index batch, int threads, gloro::Products products) {
  bench::TrainingStep step(network, loss, batch, threads, 2 * batch, products);
  (void)step();  // fills the threads' stores of buffers
  for (auto _ : state) benchmark::DoNotOptimize(step());
  const auto images = static_cast<double>(state.iterations() * batch);
  state.counters["images/s"] = benchmark::Counter(images, benchmark::Counter::kIsRate);
  state.counters["%limit"] = benchmark::Counter(
      100 * images * bench::training_flops(step.model()) / (bench::fma_limit() * threads),
      benchmark::Counter::kIsRate);
}

}  // namespace

int main(int argc, char** argv) {
  const int cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  const auto add = [](const bench::Network& network, bench::TrainingLoss loss, Index batch,
                      int threads, gloro::Products products = gloro::Products::scalar) {
    const std::string name =
        network.name + (products == gloro::Products::scalar ? "" : "/bfloat16") +
        (loss == bench::TrainingLoss::gloro ? "/gloro" : "/standard") +
        "/batch:" + std::to_string(batch) + "/threads:" + std::to_string(threads);
    benchmark::RegisterBenchmark(name.c_str(), train, network, loss, batch, threads, products)
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime();
  };
  for (const bench::Network& network : bench::networks()) {
    for (const auto loss : {bench::TrainingLoss::gloro, bench::TrainingLoss::standard})
      add(network, loss, network.training_batch, cores);
    if (cores > 1) add(network, bench::TrainingLoss::gloro, network.training_batch, 1);
    for (const Index batch : {64, 4096}) add(network, bench::TrainingLoss::gloro, batch, cores);
  }
  const bool has_unit = gloro::unit_of(gloro::Products::automatic).has_value();
  for (const bench::Network& network : bench::networks_to_train())
    for (const Index batch : {Index{64}, network.training_batch})
      if (has_unit)
        add(network, bench::TrainingLoss::gloro, batch, cores, gloro::Products::bfloat16);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
