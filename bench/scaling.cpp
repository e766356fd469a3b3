// The cost of a training step on one or several processes, in its parts (docs/scaling.md):
//   mpirun -np 2 --bind-to none bench_scaling [ARCHITECTURE [BATCH [THREADS [STEPS [IMAGES [PRODUCTS]]]]]]
// IMAGES: mnist (28x28x1, 10 classes) or tiny-imagenet (64x64x3, 200 classes), of made-up pixels.
// PRODUCTS: float, bfloat16 or auto.
#include <gloro/parallel/mpi_processes.hpp>
#include <gloro/train/trainer.hpp>
#include <gloro/wording/architecture.hpp>
#include <gloro/wording/products.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <numeric>
#include <string>
#include <vector>

namespace {

using namespace gloro;

struct Options {
  std::string architecture = "4C3F", images = "mnist", products = "float";
  Index batch = 512;
  int threads = 1, steps = 20;
};

data::Dataset made_up(const std::string& images, Index samples) {
  const bool is_tiny = images == "tiny-imagenet";
  const Shape shape = is_tiny ? Shape{64, 64, 3} : Shape{28, 28, 1};
  const int classes = is_tiny ? 200 : 10;
  Random random(1);
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(samples * shape.size()));
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random.below(256));
  std::vector<int> labels(static_cast<std::size_t>(samples));
  for (auto& label : labels)
    label = static_cast<int>(random.below(static_cast<std::uint64_t>(classes)));
  return {images, shape, std::move(bytes), std::move(labels), classes};
}

/// Milliseconds of one call: the median of `repetitions`, after one that is not counted.
template <typename Work>
double milliseconds(int repetitions, Work&& work) {
  std::vector<double> times;
  for (int i = 0; i <= repetitions; ++i) {
    const auto start = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double, std::milli> taken =
        std::chrono::steady_clock::now() - start;
    times.push_back(taken.count());
  }
  std::sort(times.begin() + 1, times.end());
  return times[1 + static_cast<std::size_t>(repetitions) / 2];
}

int measure(const Options& o, Processes& processes) {
  const auto dataset = made_up(o.images, o.batch);
  GloroModel<float> model(dataset.shape(),
                          read_architecture<float>(o.architecture, dataset.classes()), 1);
  Trainer<float> trainer(model, {.epochs = 1,
                                 .batch_size = o.batch,
                                 .products = read_products(o.products),
                                 .threads = o.threads,
                                 .processes = &processes});
  std::vector<Index> which(static_cast<std::size_t>(o.batch));
  std::iota(which.begin(), which.end(), Index{0});

  SharedRefresh<float> refresh_layers(model, processes);
  const double refresh = milliseconds(o.steps, [&] { refresh_layers(5, trainer.workers()); });

  // What is not divided among processes: every one does it for itself.
  Gradients<float> gradients(model.parameters(), model.classes() * model.classes() + 1);
  const auto constants = model.layer_lipschitz();
  const LipschitzTerms<float> terms = model.lipschitz_terms(constants);
  const LipschitzSlopes<float> slope{terms.network, terms.margin_constants};
  const double backward = milliseconds(o.steps, [&] {
    model.lipschitz_backward(slope, model.layer_lipschitz(), gradients.views(), trainer.workers());
  });
  gradients.set_zero();  // steps along it leave the weights where they are
  Optimizer<float> optimizer(Adam{}, model.parameters());
  const auto parameters = model.parameters();
  const auto segment = Segments(sizes_of(parameters), 0, processes).own();
  const double optimize = milliseconds(
      o.steps, [&] { optimizer.step(parameters, gradients, 1e-3, trainer.workers(), segment); });

  double talking = 0, bytes = 0;
  Processes::Traffic before = processes.traffic();
  int counted = -1;  // the first step warms up
  std::vector<double> waits;
  const double step = milliseconds(o.steps, [&] {
    (void)trainer.step(dataset, which, 0);
    const Processes::Traffic& now = processes.traffic();
    if (++counted > 0) {
      waits.push_back(1e3 * (now.seconds - before.seconds));
      bytes = static_cast<double>(now.bytes - before.bytes);
    }
    before = now;
  });
  std::sort(waits.begin(), waits.end());
  talking = waits[waits.size() / 2];

  // The sum of gradients and the gathering of weights by themselves, and of next to nothing:
  // bandwidth and latency.
  std::vector<Gradients<float>> shards(
      static_cast<std::size_t>((8 + processes.count() - 1) / processes.count()), gradients);
  std::vector<float*> own;
  for (auto& shard : shards) own.push_back(shard.flat().data());
  const auto summing = [&](Index size) {
    ShardSum<float> sum(Segments({size}, 0, processes));
    const std::span<float> values(own.front(), static_cast<std::size_t>(size));
    return milliseconds(o.steps, [&] {
      sum.compute(8, own, 1, trainer.workers());
      sum.segments().gather<float>(0, std::span(&values, 1));
    });
  };
  const double adding = summing(gradients.size()), latency = summing(64);
  if (processes.is_first())
    std::cout << "scaling architecture=" << o.architecture << " images=" << o.images
              << " batch=" << o.batch << " processes=" << processes.count()
              << " threads=" << o.threads << " products=" << o.products
              << " values=" << gradients.size() << " step_ms=" << step
              << " images_per_second=" << 1e3 * static_cast<double>(o.batch) / step
              << " refresh_ms=" << refresh << " lipschitz_backward_ms=" << backward
              << " optimizer_ms=" << optimize << " gradient_sum_ms=" << adding
              << " small_sum_ms=" << latency << " talking_ms=" << talking << " bytes_sent=" << bytes
              << std::endl;
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options o;
  if (argc > 1) o.architecture = argv[1];
  if (argc > 2) o.batch = std::atoi(argv[2]);
  if (argc > 3) o.threads = std::atoi(argv[3]);
  if (argc > 4) o.steps = std::max(1, std::atoi(argv[4]));
  if (argc > 5) o.images = argv[5];
  if (argc > 6) o.products = argv[6];
  return gloro::mpi::run(argc, argv,
                         [&](gloro::Processes& processes) { return measure(o, processes); });
}
