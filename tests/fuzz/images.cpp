// Fuzzes image files, of bytes and of floats, as they are mapped: by the file's word, and read through.
#include <gloro/core/error.hpp>
#include <gloro/data/image_file.hpp>

#include <cstddef>
#include <cstdint>

#include "fuzzed_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gloro;
  const fuzz::FuzzedFile file(fuzz::as_text(data, size));
  for (const auto verify : {data::Verify::no, data::Verify::yes}) {
    try {
      const data::Dataset images = data::map_images("fuzzed", file.path(), verify);
      fuzz::require(images.size() > 0 && images.shape().size() > 0, "a file that maps has values");
      for (Index i = 0; i < images.size(); ++i) {
        fuzz::require(images.image(i).size() == images.shape().size(), "images are of their shape");
        fuzz::require(images.label(i) >= 0 && images.label(i) < images.classes(),
                      "labels are of its classes");
      }
    } catch (const Error&) {
    }
  }
  return 0;
}
