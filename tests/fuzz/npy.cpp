// Fuzzes NumPy's .npy files, plain and (behind a first byte 'z', packed here) gzip.
#include <gloro/core/error.hpp>
#include <gloro/data/npy.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

#include "fuzzed_file.hpp"
#include "gzip_of.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gloro;
  const std::string_view input = fuzz::as_text(data, size);
  const fuzz::FuzzedFile file(input.starts_with('z') ? fuzz::gzip_of(input.substr(1))
                                                     : std::string(input));
  try {
    const auto images = data::npy_images(file.path());
    fuzz::require(images.size() > 0 && images.shape().size() > 0, "an array that loads has values");
    for (Index i = 0; i < images.size(); ++i)
      fuzz::require(images.image<double>(i).matrix().allFinite(), "values are finite");
  } catch (const Error&) {
  }
  return 0;
}
