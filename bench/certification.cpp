// Certified inference, in batches and on one image, beside the plain forward pass: the price of a
// proof.
#include <benchmark/benchmark.h>

#include <map>
#include <string>
#include <utility>

#include "forward_pass.hpp"
#include "gloro/certify/certifier.hpp"
#include "training_step.hpp"

namespace {

using namespace gloro;

constexpr double epsilon = 1e-3;  // so small that float settles nearly all: see "in double"

/// Made once for all benchmarks of a network.
const Certifier<float>& certifier_of(const bench::Network& network) {
  static std::map<std::string, Certifier<float>> made;
  const auto found = made.find(network.name);
  if (found != made.end()) return found->second;
  return made.try_emplace(network.name, bench::briefly_trained(network)).first->second;
}

void forward(benchmark::State& state, const bench::Network& network, Index batch) {
  const GloroModel<float>& model = certifier_of(network).model();
  const Tensor<float> images = network.dataset(batch).images(0, batch);
  Workers workers;
  for (auto _ : state) bench::forward_pass(model, images, workers);
  state.SetItemsProcessed(state.iterations() * batch);
}

/// With `radius` the best radius of each image is sought, in double.
void certify(benchmark::State& state, const bench::Network& network, Index batch, bool radius) {
  const Certifier<float>& certifier = certifier_of(network);
  const Tensor<float> images = network.dataset(batch).images(0, batch);
  Workers workers;
  Index doubled = 0;
  for (auto _ : state) {
    const Certificates answers =
        radius ? certifier.certify(images, {.workers = &workers})
               : certifier.certify(images, {.epsilon = epsilon, .workers = &workers});
    doubled = answers.needed_double;
  }
  state.SetItemsProcessed(state.iterations() * batch);
  state.counters["in double"] = static_cast<double>(doubled);
}

void certify_one(benchmark::State& state, const bench::Network& network, bool radius) {
  const Certifier<float>& certifier = certifier_of(network);
  const Tensor<float> image = network.dataset(1).images(0, 1);
  for (auto _ : state)
    benchmark::DoNotOptimize(radius ? certifier.certify_image(image).radius
                                    : certifier.certify_image(image, {.epsilon = epsilon}).radius);
}

}  // namespace

int main(int argc, char** argv) {
  for (const bench::Network& network : bench::networks()) {
    const auto add = [&](const std::string& name, auto function, auto... more) {
      benchmark::RegisterBenchmark((network.name + "/" + name).c_str(), function, network, more...)
          ->Unit(benchmark::kMicrosecond)
          ->UseRealTime();
    };
    add("forward/batch:512", forward, Index{512});
    add("certify_at/batch:512", certify, Index{512}, false);
    add("certify/batch:512", certify, Index{512}, true);
    add("certify_at/one", certify_one, false);
    add("certify/one", certify_one, true);
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
