// The price of a certificate beside randomized smoothing, the sampling method of Cohen, Rosenfeld and
// Kolter ("Certified Adversarial Robustness via Randomized Smoothing", ICML 2019): their CERTIFY on
// the same network, the same images and the same threads as the Certifier.
//   bench_smoothing model.safetensors --dataset mnist --images 10 --sigma 0.25
// The network was trained without noise, so only the times compare, not what is certified.
#include <gloro/certify/certifier.hpp>
#include <gloro/data/load.hpp>
#include <gloro/io/model_file.hpp>

#include <CLI/CLI.hpp>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/normal.hpp>

#include <algorithm>
#include <chrono>
#include <functional>
#include <iostream>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace {

using gloro::Index;

struct Options {
  std::string model, dataset = "mnist", data;
  Index images = 10, selection = 100, samples = 100'000;
  double sigma = 0.25, alpha = 0.001;
  int threads = 0;
};

void add_options(CLI::App& app, Options& o) {
  app.add_option("model", o.model, "a .safetensors file")->required();
  app.add_option("--dataset", o.dataset)->capture_default_str();
  app.add_option("--data", o.data, "directory of its files; default data/DATASET");
  app.add_option("--images", o.images, "the first so many of the test set")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--selection", o.selection, "noisy passes that choose the class")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--samples", o.samples, "noisy passes that bound its probability")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--sigma", o.sigma, "of the noise, in pixel units")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--alpha", o.alpha, "probability that an answer is wrong")
      ->check(CLI::Range(1e-12, 0.5))
      ->capture_default_str();
  app.add_option("--threads", o.threads, "0: one a core")->check(CLI::NonNegativeNumber);
}

/// Seconds since it was made.
class Clock {
 public:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// A network under Gaussian noise: which class it prefers, and how far that is certain.
class Smoothed {
 public:
  Smoothed(const gloro::GloroModel<float>& model, const Options& options, gloro::Workers& workers)
      : model_(model), options_(options), workers_(workers) {}

  /// CERTIFY of the paper: the radius sigma * Phi^-1(p) around `image`, where p bounds the class's
  /// probability from below (Clopper and Pearson); 0 where the answer is to abstain.
  double certify(const gloro::Tensor<float>& image) {
    const std::vector<Index> few = counts(image, options_.selection);
    const auto top = std::max_element(few.begin(), few.end()) - few.begin();
    const Index hits = counts(image, options_.samples)[static_cast<std::size_t>(top)];
    const double p = boost::math::binomial::find_lower_bound_on_p(
        static_cast<double>(options_.samples), static_cast<double>(hits), options_.alpha);
    return p > 0.5 ? options_.sigma * boost::math::quantile(boost::math::normal(), p) : 0;
  }

  /// Thread seconds spent on noise and on forward passes so far.
  [[nodiscard]] double noise_seconds() const { return noise_seconds_; }
  [[nodiscard]] double pass_seconds() const { return pass_seconds_; }

 private:
  /// How often each class wins among `passes` noisy copies.
  std::vector<Index> counts(const gloro::Tensor<float>& image, Index passes) {
    constexpr Index chunk = gloro::Certifier<float>::chunk;
    const Index chunks = (passes + chunk - 1) / chunk;
    const Index parts = std::min<Index>(workers_.threads(), chunks);
    struct Part {
      std::vector<Index> counts;
      double noise = 0, passes = 0;
    };
    std::vector<Part> all(static_cast<std::size_t>(parts));
    workers_.for_each(parts, [&](Index part) {
      Part& own = all[static_cast<std::size_t>(part)];
      own.counts.assign(static_cast<std::size_t>(model_.classes()), 0);
      std::mt19937 generator(static_cast<unsigned>(passes + part));
      std::normal_distribution<float> noise(0, static_cast<float>(options_.sigma));
      for (Index c = chunks * part / parts; c < chunks * (part + 1) / parts; ++c) {
        const Index count = std::min(chunk, passes - c * chunk);
        const Clock start;
        gloro::Tensor<float> noisy(image.shape(), count);
        for (Index n = 0; n < count; ++n)
          for (Index i = 0; i < image.size(); ++i)
            noisy.data()[n * image.size() + i] = image.data()[i] + noise(generator);
        own.noise += start.seconds();
        const Clock pass;
        const auto logits = model_.logits(std::move(noisy));
        for (Index n = 0; n < count; ++n) {
          Index top = 0;
          (void)logits.matrix().col(n).maxCoeff(&top);
          ++own.counts[static_cast<std::size_t>(top)];
        }
        own.passes += pass.seconds();
      }
    });
    std::vector<Index> sum(static_cast<std::size_t>(model_.classes()), 0);
    for (const Part& part : all) {
      std::transform(sum.begin(), sum.end(), part.counts.begin(), sum.begin(), std::plus<>());
      noise_seconds_ += part.noise;
      pass_seconds_ += part.passes;
    }
    return sum;
  }

  const gloro::GloroModel<float>& model_;
  const Options& options_;
  gloro::Workers& workers_;
  double noise_seconds_ = 0, pass_seconds_ = 0;
};

void print(const std::string& method, double seconds, Index images, Index certified) {
  std::cout << method << ' ' << 1e3 * seconds / static_cast<double>(images) << " ms an image, "
            << certified << " of " << images << " certified\n";
}

}  // namespace

int main(int argc, char** argv) try {
  using namespace gloro;
  Options o;
  CLI::App app("Times certificates beside those of randomized smoothing.");
  add_options(app, o);
  CLI11_PARSE(app, argc, argv);
  if (o.data.empty()) o.data = "data/" + o.dataset;

  const auto [model, metadata] = load_model<float>(o.model);
  const data::Dataset test = data::load(o.dataset, o.data).test;
  const Index count = std::min(o.images, test.size());
  Workers workers(o.threads);

  // The whole test set, as it is used; then a few images by themselves.
  const Certifier<float> certifier(model, Guarantee::top_1());
  const Tensor<float> all = test.images(0, test.size());
  const auto seconds_for_all = [&](const std::string& title, std::optional<double> epsilon) {
    const CertifyOptions asked{.epsilon = epsilon, .workers = &workers};
    (void)certifier.certify(test.images(0, std::min<Index>(512, test.size())), asked);
    const Clock clock;
    const Certificates answers = certifier.certify(all, asked);
    const double seconds = clock.seconds();
    print("certifier, " + title, seconds, test.size(),
          std::count_if(answers.answers.begin(), answers.answers.end(),
                        [](const Certificate& a) { return !a.abstains(); }));
    return seconds;
  };
  const double best_seconds = seconds_for_all("best radii", {});
  std::optional<double> at_epsilon_seconds;  // where the model names its epsilon
  if (metadata.epsilon) at_epsilon_seconds = seconds_for_all("at epsilon", metadata.epsilon);

  Smoothed smoothed(model, o, workers);
  Index found = 0;
  const Clock sampling;
  for (Index n = 0; n < count; ++n) found += smoothed.certify(test.images(n, 1)) > 0 ? 1 : 0;
  const double seconds = sampling.seconds();
  print("smoothing, " + std::to_string(o.samples) + " passes", seconds, count, found);
  std::cout << "  of which "
            << 100 * smoothed.noise_seconds() / (smoothed.noise_seconds() + smoothed.pass_seconds())
            << " % to draw the noise\n";
  const double all_smoothed =
      seconds / static_cast<double>(count) * static_cast<double>(test.size());
  std::cout << "ratio smoothing-over-certifier-best-radii " << all_smoothed / best_seconds
            << std::endl;
  if (at_epsilon_seconds)
    std::cout << "ratio smoothing-over-certifier-at-epsilon " << all_smoothed / *at_epsilon_seconds
              << std::endl;
} catch (const std::exception& error) {
  std::cerr << "smoothing: " << error.what() << '\n';
  return 1;
}
