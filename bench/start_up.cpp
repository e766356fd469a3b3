// From a model file to the first certificate: drawing a new network, reading one, preparing a
// Certifier, and all of it up to the first answer.
#include <benchmark/benchmark.h>

#include <filesystem>
#include <string>

#include "gloro/certify/certifier.hpp"
#include "gloro/io/model_file.hpp"
#include "networks.hpp"

namespace {

using namespace gloro;

std::filesystem::path saved(const bench::Network& network) {
  const auto path =
      std::filesystem::temp_directory_path() / ("bench-" + network.name + ".safetensors");
  save_model(path, network.model());
  return path;
}

void draw(benchmark::State& state, const bench::Network& network) {
  for (auto _ : state) benchmark::DoNotOptimize(network.model().classes());
}

void load(benchmark::State& state, const bench::Network& network) {
  const auto path = saved(network);
  for (auto _ : state) benchmark::DoNotOptimize(load_model<float>(path).model.classes());
  std::filesystem::remove(path);
}

void prepare(benchmark::State& state, const bench::Network& network) {
  const GloroModel<float> model = network.model();
  for (auto _ : state) benchmark::DoNotOptimize(Certifier<float>(model).margin_constants().data());
}

void first_answer(benchmark::State& state, const bench::Network& network) {
  const auto path = saved(network);
  const Tensor<float> image = network.dataset(1).images(0, 1);
  for (auto _ : state) {
    const Certifier<float> certifier(load_model<float>(path).model);
    benchmark::DoNotOptimize(certifier.certify_image(image).radius);
  }
  std::filesystem::remove(path);
}

}  // namespace

int main(int argc, char** argv) {
  for (const bench::Network& network : bench::networks()) {
    const auto add = [&](const std::string& name, auto function) {
      benchmark::RegisterBenchmark((network.name + "/" + name).c_str(), function, network)
          ->Unit(benchmark::kMillisecond);
    };
    add("draw", draw);
    add("load", load);
    add("prepare a certifier", prepare);
    add("load, prepare, answer", first_answer);
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
