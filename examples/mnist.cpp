// Trains the paper's 2C2F network on MNIST for certificates of radius 0.3, certifies the test images
// and saves the model:  mnist [DIRECTORY [EPOCHS]]
#include <gloro/core/decimal.hpp>
#include <gloro/gloro.hpp>
#include <gloro/io/model_file.hpp>

#include "../program/command_line.hpp"

#include <chrono>
#include <iostream>
#include <string>
#include <utility>

namespace {

void train_and_certify(const std::string& directory, gloro::Index epochs) {
  using namespace gloro;
  using Clock = std::chrono::steady_clock;
  using Seconds = std::chrono::duration<double>;
  const double epsilon = 0.3;
  OutputFile file("mnist-2C2F.safetensors");  // tried before the work, not after
  const auto [train, test] = data::mnist(directory);

  GloroModel<float> model(
      {28, 28, 1},
      {Conv2D<float>({.filters = 16, .kernel = 4, .stride = 2}), MinMax<float>(),
       Conv2D<float>({.filters = 32, .kernel = 4, .stride = 2}), MinMax<float>(), Dense<float>(100),
       MinMax<float>(), Dense<float>(10)},
      /*seed=*/1);

  // Clean cross-entropy plus 1.5 times a divergence that pulls the bottom logit down, for a radius
  // that rises to 1.1 times the target over the first half of the run; images are moved by up to a
  // pixel, without which so long a run overfits.
  Trainer<float> trainer(
      model, {.epochs = epochs,
              .batch_size = 128,
              .epsilon = Schedule::from(0.01).logarithmic_to(1.1, percent(50)) * epsilon,
              .loss = Trades{.lambda = 1.5},
              .learning_rate =
                  Schedule::from(1).hold_until(percent(50)).exponential_to(absolute(1e-6)) * 1e-3,
              .augmentation = {.crop = 1},
              .seed = 1});
  const auto start = Clock::now();
  trainer.fit(train, test, ProgressBar{});
  const double train_seconds = Seconds(Clock::now() - start).count();
  save_model(std::move(file), model, {.epsilon = epsilon, .input_range = train.range()});

  // Training followed estimates; the certifier proves every answer from rigorous bounds.
  const Certifier<float> certifier(model);
  const auto begin = Clock::now();
  const auto proved = certified_metrics(certifier, test, epsilon, trainer.workers());
  const double certify_seconds = Seconds(Clock::now() - begin).count();

  const Certificate first = certifier.certify_image(test.image(0));
  if (first.abstains())
    std::cout << "test image 0: the network abstains\n";
  else
    std::cout << "test image 0: a " << first.label << ", and so is every image within "
              << decimal_down(first.radius, 5) << '\n';
  std::cout << "result dataset=mnist architecture=2C2F epsilon=" << number_text(epsilon)
            << " clean=" << percent_down(proved.right, proved.samples)
            << " vra=" << percent_down(proved.right_and_certified, proved.samples)
            << " rejected=" << percent_rest(proved.certified, proved.samples)
            << " train_seconds=" << train_seconds
            << " certify_images_per_second=" << static_cast<double>(test.size()) / certify_seconds
            << std::endl;
}

}  // namespace

int main(int argc, char** argv) {
  std::string directory = "data/mnist";
  gloro::Index epochs = 50;
  command_line::Program program("mnist",
                                "Trains the paper's 2C2F network on MNIST for certificates of "
                                "radius 0.3 and saves it as mnist-2C2F.safetensors.");
  program.add("directory", directory, "of the four files of MNIST");
  program.add("epochs", epochs, "passes over the training images", command_line::count_from(1));
  return program.run(argc, argv, [&] { train_and_certify(directory, epochs); });
}
