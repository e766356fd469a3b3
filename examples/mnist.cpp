// Trains the paper's 2C2F network on MNIST for eps = 0.3 and certifies the test images.
//   mnist DIRECTORY [EPOCHS]
#include <gloro/gloro.hpp>

#include <chrono>
#include <cstdlib>
#include <iomanip>
#include <iostream>
#include <string>

int main(int argc, char** argv) try {
  using namespace gloro;
  const std::string directory = argc > 1 ? argv[1] : "data/mnist";
  const Index epochs = argc > 2 ? std::atoi(argv[2]) : 60;
  const double epsilon = 0.3;
  const auto [train, test] = data::mnist(directory);

  GloroModel<float> model({28, 28, 1}, {
      Conv2D<float>({.filters = 16, .kernel = 4, .stride = 2}), MinMax<float>(),
      Conv2D<float>({.filters = 32, .kernel = 4, .stride = 2}), MinMax<float>(),
      Dense<float>(100), MinMax<float>(), Dense<float>(10)}, /*seed=*/1);

  Trainer<float> trainer(model, {.epochs = epochs, .batch_size = 512,
                                 .epsilon = Schedule("[0.01]-log-[50%:1.1]") * epsilon,
                                 .loss = Trades{.lambda = 1.5},
                                 .learning_rate = Schedule("decay_after_half_to_0.000001") * 1e-3,
                                 .seed = 1});
  const auto start = std::chrono::steady_clock::now();
  trainer.fit(train, test, ProgressBar{});
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  std::cout << "train seconds " << seconds.count() << '\n';
} catch (const std::exception& error) {
  std::cerr << "mnist: " << error.what() << '\n';
  return 1;
}
