// The real data sets. Those that scripts/test does not fetch are hidden cases, which ctest knows where
// the data are.

#include "gloro/data/load.hpp"

#include <filesystem>
#include <string>
#include <vector>

#include "catch.hpp"
#include "real_data.hpp"

using namespace gloro;

namespace {

std::vector<int> label_counts(const data::Dataset& set) {
  std::vector<int> counts(static_cast<std::size_t>(set.classes()), 0);
  for (const int label : set.labels()) ++counts[static_cast<std::size_t>(label)];
  return counts;
}

// The mean pixel of each channel.
std::vector<double> channel_means(const data::Dataset& set) {
  const auto channels = static_cast<std::size_t>(set.shape().channels);
  std::vector<double> sums(channels, 0.0);
  for (Index n = 0; n < set.size(); ++n) {
    const auto image = set.image<double>(n);
    for (Index i = 0; i < image.size(); ++i)
      sums[static_cast<std::size_t>(i) % channels] += image.data()[i];
  }
  for (double& sum : sums)
    sum /= static_cast<double>(set.size() * set.shape().height * set.shape().width);
  return sums;
}

}  // namespace

TEST_CASE("an unknown data set is refused by name") {
  REQUIRE_THROWS_WITH(
      data::load("imagenet", "."),
      ContainsText("imagenet") &&
          ContainsText("expected mnist, fashion-mnist, cifar-10, cifar-100 or mapped"));
  CHECK_THROWS_AS(data::benchmark(""), ArgumentError);
  REQUIRE_THROWS_AS(data::load("cifar10", "no/such/directory"), FileError);
}

TEST_CASE("a benchmark is found by each spelling of its name") {
  CHECK(&data::benchmark("fashion-mnist") == &data::fashion_mnist);
  CHECK(&data::benchmark("fashion_mnist") == &data::fashion_mnist);
  CHECK(&data::benchmark("cifar-10") == &data::cifar10);
  CHECK(&data::benchmark("cifar10") == &data::cifar10);
  CHECK(&data::benchmark("cifar100") == &data::cifar100);
  CHECK(&data::benchmark("mnist") == &data::mnist);
}

TEST_CASE("a benchmark's data sets know their classes and the radii that papers quote") {
  const data::Benchmark two{.name = "two",
                            .read =
                                [](const std::filesystem::path&) {
                                  const data::Dataset some("some", Shape::flat(1),
                                                           std::vector<float>(10), {}, 10);
                                  return data::Split{some.head(6), some.head(4)};
                                },
                            .classes = data::cifar10.classes,
                            .radii = data::cifar10.radii};
  const auto [train, test] = two(".");
  CHECK(train.size() == 6);
  CHECK(test.class_names()[6] == "frog");
  CHECK(train.class_names() == test.class_names());
  CHECK(test.radii() == std::vector<double>{36.0 / 255, 72.0 / 255, 108.0 / 255, 1.0});
  CHECK(data::fashion_mnist.classes[9] == "ankle boot");
  CHECK(data::mnist.classes.empty());
  CHECK(data::mnist.radii.size() == 5);
}

TEST_CASE("MNIST has its published counts and mean") {
  const auto directory = real_data("mnist");
  const auto [train, test] = data::load("mnist", directory);
  CHECK(train.size() == 60000);
  CHECK(train.shape() == Shape{28, 28, 1});
  CHECK(label_counts(test) ==
        std::vector<int>{980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009});
  CHECK(channel_means(train)[0] == Approx(0.1307).margin(5e-5));
}

TEST_CASE("Fashion-MNIST has its published counts and mean", "[.fashion-mnist]") {
  const auto directory = real_data("fashion-mnist");
  const auto [train, test] = data::load("fashion_mnist", directory);
  CHECK(label_counts(train) == std::vector<int>(10, 6000));
  CHECK(label_counts(test) == std::vector<int>(10, 1000));
  CHECK(channel_means(train)[0] == Approx(0.2860).margin(5e-5));
}

TEST_CASE("CIFAR-10 has its published counts and means", "[.cifar-10]") {
  const auto directory = real_data("cifar-10");
  const auto [train, test] = data::load("cifar10", directory);
  CHECK(label_counts(train) == std::vector<int>(10, 5000));
  CHECK(label_counts(test) == std::vector<int>(10, 1000));
  const auto means = channel_means(train);
  CHECK(means[0] == Approx(0.4914).margin(5e-5));
  CHECK(means[1] == Approx(0.4822).margin(5e-5));
  CHECK(means[2] == Approx(0.4465).margin(5e-5));
}
