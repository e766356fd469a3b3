// One pool lent to one certifier by many: threads at once, loops of the pool itself, a child of fork.
// Every answer is that of a caller by himself.
#include "catch.hpp"

#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

#include "gloro/certify/certifier.hpp"
#include "networks.hpp"

#if defined(__unix__) || defined(__APPLE__)
#include <sys/wait.h>
#include <unistd.h>
#endif

using namespace gloro;

namespace {

constexpr std::size_t images = 8;

/// A network large enough for its layers to be shared out, images, and their answers.
struct Service {
  GloroModel<float> model{
      {10, 10, 16},
      {Conv2D<float>({.filters = 32, .kernel = 3}), MinMax<float>(),
       Conv2D<float>({.filters = 32, .kernel = 3}), MinMax<float>(),
       Conv2D<float>({.filters = 64, .kernel = 3}), MinMax<float>(), Dense<float>(4)},
      3};
  Certifier<float> certifier{model};
  Tensor<float> batch = networks::random_batch<float>(model.input_shape(), 40, Random(1));
  std::vector<Tensor<float>> image;
  Certificates best, at_zero;

  Service() {
    for (std::size_t n = 0; n < images; ++n) {
      image.emplace_back(batch.shape(), 1);
      std::copy_n(batch.sample(static_cast<Index>(n)), batch.shape().size(), image[n].data());
    }
    Workers one(1);
    best = certifier.certify(batch, {.workers = &one});
    at_zero = certifier.certify(batch, {.epsilon = 0, .workers = &one});
  }

  /// How many of the answers about image n are not what they would be without others.
  [[nodiscard]] int wrong_about(std::size_t n, Workers& workers) const {
    return int(!(certifier.certify_image(image[n], {.workers = &workers}) == best.answers[n])) +
           int(!(certifier.certify_image(image[n], {.epsilon = 0, .workers = &workers}) ==
                 at_zero.answers[n]));
  }
  [[nodiscard]] int wrong_in_batch(Workers& workers) const {
    return int(certifier.certify(batch, {.workers = &workers}).answers != best.answers) +
           int(certifier.certify(batch, {.epsilon = 0, .workers = &workers}).answers !=
               at_zero.answers);
  }
};

const Service& service() {
  static const Service one;
  return one;
}

}  // namespace

TEST_CASE("threads that lend one pool to one certifier get the answers of one alone") {
  (void)service();
  Workers workers(2);
  std::atomic<int> ready = 0, wrong = 0;
  const auto ask = [&](std::size_t thread) {
    ++ready;
    while (ready < 3) std::this_thread::yield();
    for (std::size_t k = 0; k < 4 * images; ++k)
      wrong += service().wrong_about((k * 3 + thread) % images, workers);
    wrong += service().wrong_in_batch(workers);
  };
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 3; ++t) threads.emplace_back(ask, t);
  for (auto& thread : threads) thread.join();
  CHECK(wrong == 0);
}

TEST_CASE("a pool may be lent from within a loop of its own") {
  Workers workers(2);
  std::atomic<int> wrong = 0;
  workers.for_each(images, [&](Index n) {
    wrong += service().wrong_about(static_cast<std::size_t>(n), workers);
  });
  workers.for_each(2, [&](Index) { wrong += service().wrong_in_batch(workers); });
  CHECK(wrong == 0);
}

#if defined(__unix__) || defined(__APPLE__)
TEST_CASE("a child of fork certifies with the pool of its parent") {
  Workers workers(2);
  CHECK(service().wrong_about(0, workers) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(60);
    ::_exit(service().wrong_about(1, workers) + service().wrong_in_batch(workers) == 0 ? 7 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 7));
}
#endif
