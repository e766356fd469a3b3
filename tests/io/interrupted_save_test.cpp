// A program that is killed while it saves leaves the old model or the new one.
#include "gloro/io/model_file.hpp"

#include "catch.hpp"
#include "data/files.hpp"
#include "io/networks.hpp"

#if __has_include(<unistd.h>) && __has_include(<sys/wait.h>)
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace gloro;

TEST_CASE("A kill at any moment of a save leaves the old model or the new one") {
  const files::TemporaryDirectory directory;
  const auto path = directory / "m.safetensors";
  const GloroModel<float> models[] = {networks::small(1), networks::small(2)};
  save_model(path, models[0]);
  Random random(11);
  int found[] = {0, 0};
  for (int round = 0; round < 60; ++round) {
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      try {
        for (std::size_t i = 0;; ++i) save_model(path, models[(i + 1) % 2]);
      } catch (...) {
        _exit(1);  // a save that fails shows below as a child that was not killed
      }
    }
    usleep(static_cast<useconds_t>(500 + random.below(8000)));
    kill(child, SIGKILL);
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));

    const LoadedModel<float> loaded = load_model<float>(path);  // throws where the file is damaged
    const bool first = networks::same_parameters(loaded.model, models[0]);
    REQUIRE((first || networks::same_parameters(loaded.model, models[1])));
    ++found[first ? 0 : 1];
  }
  CHECK(found[0] > 0);  // else nothing was ever interrupted between two saves
  CHECK(found[1] > 0);
}

#endif
