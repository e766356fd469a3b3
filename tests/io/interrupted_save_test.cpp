// A program that is killed while it saves leaves the old model or the new one.
#include "gloro/io/model_file.hpp"

#include "catch.hpp"
#include "data/files.hpp"
#include "gloro/core/random.hpp"
#include "gloro/layers/dense.hpp"
#include "gloro/layers/minmax.hpp"
#include "io/networks.hpp"

#if __has_include(<unistd.h>) && __has_include(<sys/wait.h>)
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

using namespace gloro;

namespace {

/// Large enough that writing its file takes a while.
GloroModel<float> network(std::uint64_t seed) {
  return {{16, 16, 1}, {Dense<float>(200), MinMax<float>(), Dense<float>(10)}, seed};
}

/// Microseconds that a save takes on this disk.
double save_time(const std::filesystem::path& path, const GloroModel<float>& model) {
  constexpr int times = 5;
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < times; ++i) save_model(path, model);
  const std::chrono::duration<double, std::micro> time = std::chrono::steady_clock::now() - start;
  return time.count() / times;
}

}  // namespace

TEST_CASE("A kill at any moment of a save leaves the old model or the new one") {
  const files::TemporaryDirectory directory;
  const auto path = directory / "m.safetensors";
  const GloroModel<float> models[] = {network(1), network(2)};
  const double longest_wait = 4 * save_time(path, models[0]) + 1000;
  Random random(11);
  std::size_t holds = 0;  // the model that is in the file
  int changes = 0;
  for (int round = 0; round < 60; ++round) {
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      try {
        for (std::size_t i = holds + 1;; ++i) save_model(path, models[i % 2]);
      } catch (...) {
        _exit(1);  // a save that fails shows below as a child that was not killed
      }
    }
    usleep(static_cast<useconds_t>(random.uniform(0, longest_wait)));
    kill(child, SIGKILL);
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));

    const LoadedModel<float> loaded = load_model<float>(path);  // throws if the file is damaged
    const std::size_t found = networks::same_parameters(loaded.model, models[0]) ? 0 : 1;
    REQUIRE(networks::same_parameters(loaded.model, models[found]));
    changes += found != holds;
    holds = found;
  }
  CHECK(changes > 0);  // else no save ever came to its end, and nothing was tested
}

#endif
