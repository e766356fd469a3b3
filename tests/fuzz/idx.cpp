// Fuzzes IDX images with their labels, plain and gzip. The input: a byte whose bits say which of
// the two files is packed here (1: images, 2: labels, 4: in two members), the length of the images'
// file in two bytes, that file, the labels' file. A file that is gzip already is taken as it is.
#include <gloro/core/error.hpp>
#include <gloro/data/idx.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

#include "fuzzed_file.hpp"
#include "gzip_of.hpp"

namespace {

using namespace gloro;

std::string packed_if(bool wanted, bool in_two, std::string_view file) {
  if (!wanted) return std::string(file);
  if (!in_two) return fuzz::gzip_of(file);
  const auto half = file.size() / 2;
  return fuzz::gzip_of(file.substr(0, half)) + fuzz::gzip_of(file.substr(half));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input = fuzz::as_text(data, size);
  const unsigned packing = fuzz::take_byte(input);
  const std::size_t low = fuzz::take_byte(input);
  const std::string_view first = fuzz::take(input, low | std::size_t{fuzz::take_byte(input)} << 8);
  const fuzz::FuzzedFile images(packed_if(packing & 1, packing & 4, first));
  const fuzz::FuzzedFile labels(packed_if(packing & 2, packing & 4, input));
  try {
    const auto set = data::idx_images("fuzzed", images.path(), labels.path(), 10);
    fuzz::require(set.size() > 0 && set.shape().size() > 0, "a set that loads holds something");
    for (const Index i : {Index{0}, set.size() - 1}) {
      fuzz::require(set.label(i) >= 0 && set.label(i) < 10, "labels lie in their range");
      const auto pixels = set.image<float>(i);
      fuzz::require(pixels.matrix().minCoeff() >= 0 && pixels.matrix().maxCoeff() <= 1,
                    "pixels lie in [0, 1]");
    }
  } catch (const Error&) {
  }
  return 0;
}
