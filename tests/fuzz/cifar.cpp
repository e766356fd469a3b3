// Fuzzes CIFAR-10 batches. The input: a byte with the number of images that each file must hold
// (modulo 4), the length of the first file in two bytes, that file, the second file.
#include <gloro/core/error.hpp>
#include <gloro/data/cifar10.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>

#include "fuzzed_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gloro;
  std::string_view input = fuzz::as_text(data, size);
  const Index records = fuzz::take_byte(input) % 4;
  const std::size_t low = fuzz::take_byte(input);
  const fuzz::FuzzedFile first(fuzz::take(input, low | std::size_t{fuzz::take_byte(input)} << 8));
  const fuzz::FuzzedFile second(input);
  try {
    const std::array paths{first.path(), second.path()};
    const auto set = data::cifar10_batches("fuzzed", paths, records);
    fuzz::require(set.size() == 2 * records, "every record is an image");
    for (Index i = 0; i < set.size(); ++i)
      fuzz::require(
          set.label(i) >= 0 && set.label(i) < 10 && set.image<float>(i).matrix().maxCoeff() <= 1,
          "labels and pixels lie in their range");
  } catch (const Error&) {
  }
  return 0;
}
