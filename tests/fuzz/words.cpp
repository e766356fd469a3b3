// Fuzzes what a command line brings: the first letter says what the rest is to be read as, a
// schedule, an architecture, a loss, an augmentation or an optimizer. What is read is also used.
#include <gloro/core/error.hpp>
#include <gloro/core/random.hpp>
#include <gloro/wording/architecture.hpp>
#include <gloro/wording/augmentation.hpp>
#include <gloro/wording/loss.hpp>
#include <gloro/wording/optimizer.hpp>
#include <gloro/wording/schedule.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "fuzzed_file.hpp"

namespace {

using namespace gloro;

void try_schedule(std::string_view text) {
  const Schedule schedule = read_schedule(text);
  fuzz::require(read_schedule(schedule.text()) == schedule, "the text of a schedule is read back");
  for (const Index epochs : {1, 2, 7, 100})
    for (const double part : {0.0, 0.3, 0.5, 1.0, 2.0})
      (void)schedule.at(part * static_cast<double>(epochs), epochs);
}

void try_architecture(std::string_view text) {
  Shape shape{28, 28, 1};
  for (const auto& layer : read_architecture<float>(text, 10)) shape = layer.output_shape(shape);
  fuzz::require(shape == Shape::flat(10), "a network ends with its classes");
}

void try_augmentation(std::string_view text) {
  const auto augmentation = read_augmentation(text);
  std::vector<float> sample(4 * 5 * 3, 0.25F), scratch;
  augmentation.apply<float>(sample, Shape{4, 5, 3}, Random(1), scratch);
}

void read(unsigned kind, std::string_view text) {
  switch (kind) {
    case 's':
      return try_schedule(text);
    case 'a':
      return try_architecture(text);
    case 'l':
      (void)read_loss<float>(text);
      return;
    case 'g':
      return try_augmentation(text);
    case 'o': {
      const std::string all = read_optimizer<float>(text).text();
      fuzz::require(read_optimizer<float>(all).text() == all, "the text of a rule is read back");
      return;
    }
    default:
      return;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input = fuzz::as_text(data, size);
  const unsigned kind = fuzz::take_byte(input);
  try {
    read(kind, input);
  } catch (const Error&) {
  }
  return 0;
}
