// gloro's side of the comparison:
//   task=limit    threads=T                                          what the processor allows
//   task=train    network=N batch=B threads=T loss=gloro|standard samples=S products=float|bfloat16
//   task=certify  network=N batch=B threads=T [model=FILE] [data=FOLDER] [export=FOLDER]
// Without a model the network is trained for a moment. data is a folder with MNIST, else images are
// those of images.hpp; export writes network.onnx and images.f32 for other engines.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "../allocations.hpp"
#include "../fma_limit.hpp"
#include "../forward_pass.hpp"
#include "../training_step.hpp"
#include "gloro/certify/certifier.hpp"
#include "gloro/data/load.hpp"
#include "gloro/io/model_file.hpp"
#include "gloro/io/onnx.hpp"
#include "gloro/wording/products.hpp"
#include "protocol.hpp"

namespace {

using namespace gloro;
using bench::Arguments, bench::note;

/// Here a sample is one floating-point operation.
void limit(const Arguments& arguments) {
  constexpr Index steps = 2'000'000;
  const auto work = [](Workers& workers) {
    workers.for_each(workers.threads(),
                     [](Index) { (void)bench::chained_flops(bench::many_chains, steps); });
    return 2.0 * bench::many_chains.size() * static_cast<double>(steps * workers.threads()) *
           kernels::vector_width<float>;
  };
  Workers alone(1), workers(arguments.number("threads"));
  note("vector_width", kernels::vector_width<float>);
  note("two_wide_units", bench::has_two_wide_units());
  bench::serve({{"one", [&] { return work(alone); }}, {"all", [&] { return work(workers); }}});
}

void train(const Arguments& arguments) {
  const bench::Network& network = bench::network(arguments.text("network"));
  const auto loss = arguments.text("loss") == "standard" ? bench::TrainingLoss::standard
                                                         : bench::TrainingLoss::gloro;
  const Products products = read_products(arguments.text("products"));
  bench::TrainingStep step(network, loss, arguments.number("batch"), arguments.number("threads"),
                           arguments.number("samples"), products);
  note("flops", bench::training_flops(step.model()));
  note("unit", text_of(products));
  double last = 0;
  bench::serve({{"step", [&] {
                   last = step();
                   return static_cast<double>(step.batch());
                 }}});
  note("loss", last);
}

/// The radius that a trained model names; for another one, small enough that float settles most.
double radius_for(const Certifier<float>& certifier, const Tensor<float>& images,
                  const ModelMetadata& metadata, Workers& workers) {
  if (metadata.epsilon) return *metadata.epsilon;
  std::vector<double> radii;
  for (const Certificate& answer : certifier.certify(images, {.workers = &workers}).answers)
    radii.push_back(answer.radius);
  const auto middle = radii.begin() + static_cast<std::ptrdiff_t>(radii.size() / 2);
  std::nth_element(radii.begin(), middle, radii.end());
  return *middle / 4;
}

void certify(const Arguments& arguments) {
  const bench::Network& network = bench::network(arguments.text("network"));
  const std::string file = arguments.text("model"), data = arguments.text("data");
  const int threads = arguments.number("threads");
  const LoadedModel<float> loaded =
      file.empty() ? LoadedModel<float>{bench::briefly_trained(network, threads), {}}
                   : load_model<float>(file);
  const GloroModel<float>& model = loaded.model;
  const Index batch = arguments.number("batch");
  Workers workers(threads);
  const bool has_data = !data.empty() && network.input.channels == 1;
  const data::Dataset dataset =
      has_data ? data::mnist(data).test.head(batch) : network.dataset(batch);
  const Tensor<float> images = dataset.images(0, batch);
  const Certifier<float> certifier(model);
  const double epsilon = radius_for(certifier, dataset.images(0, std::min<Index>(64, batch)),
                                    loaded.metadata, workers);

  const Certificates answers = certifier.certify(images, {.epsilon = epsilon, .workers = &workers});
  note("epsilon", epsilon);
  note("needed_double", answers.needed_double);
  note("certified", std::count_if(answers.answers.begin(), answers.answers.end(),
                                  [](const Certificate& a) { return !a.abstains(); }));
  if (const std::filesystem::path folder = arguments.text("export"); !folder.empty()) {
    export_onnx(folder / "network.onnx", certifier, epsilon);
    std::ofstream(folder / "images.f32", std::ios::binary)
        .write(reinterpret_cast<const char*>(images.data()),
               static_cast<std::streamsize>(images.size()) * std::streamsize{sizeof(float)});
  }

  std::vector<Tensor<float>> singles;
  for (Index n = 0; n < batch; ++n)
    if (!answers.answers[static_cast<std::size_t>(n)].abstains())
      singles.push_back(dataset.images(n, 1));
  if (singles.empty()) throw Error("no image is certified: the model does not fit the images");
  (void)certifier.certify_image(singles[0], {.epsilon = epsilon});  // the first call: by float
  (void)certifier.certify_image(singles[0]);                        // and by double
  const long before = bench::allocations();
  for (const auto& image : singles) {
    (void)certifier.certify_image(image, {.epsilon = epsilon});
    (void)certifier.certify_image(image, {.epsilon = epsilon, .workers = &workers});
  }
  note("allocations", bench::allocations() - before);

  std::size_t next = 0;
  // The same images again and again: a batch of another size is no easier.
  const auto batch_of = [&](Index size) {
    Tensor<float> some(images.shape(), size);
    for (Index n = 0; n < size; ++n)
      std::copy_n(images.sample(n % batch), images.shape().size(), some.sample(n));
    return some;
  };
  const Tensor<float> small = batch_of(64), large = batch_of(4096);
  const auto certify_all = [&](const Tensor<float>& some) {
    (void)certifier.certify(some, {.epsilon = epsilon, .workers = &workers});
    return static_cast<double>(some.batch());
  };
  bench::serve({{"certify", [&] { return certify_all(images); }},
                {"certify-64", [&] { return certify_all(small); }},
                {"certify-4096", [&] { return certify_all(large); }},
                {"forward",
                 [&] {
                   bench::forward_pass(model, images, workers);
                   return static_cast<double>(batch);
                 }},
                {"one",
                 [&] {
                   next = (next + 1) % singles.size();
                   (void)certifier.certify_image(singles[next], {.epsilon = epsilon});
                   return 1.0;
                 }},
                {"one-shared", [&] {
                   next = (next + 1) % singles.size();
                   (void)certifier.certify_image(singles[next],
                                                 {.epsilon = epsilon, .workers = &workers});
                   return 1.0;
                 }}});
}

}  // namespace

int main(int argc, char** argv) try {
  const Arguments arguments(argc, argv);
  const std::string task = arguments.text("task");
  if (task == "limit")
    limit(arguments);
  else if (task == "train")
    train(arguments);
  else if (task == "certify")
    certify(arguments);
  else
    throw ArgumentError("task=limit, task=train or task=certify");
} catch (const std::exception& error) {
  std::cerr << "compare_gloro: " << error.what() << '\n';
  return 1;
}
