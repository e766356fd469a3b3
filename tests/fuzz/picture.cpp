// Fuzzes pictures (PNG, JPEG, PGM) as a folder of pictures reads them.
#include <gloro/core/error.hpp>
#include <gloro/data/picture_file.hpp>

#include <cstddef>
#include <cstdint>

#include "fuzzed_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gloro;
  const fuzz::FuzzedFile file(fuzz::as_text(data, size));
  try {
    const data::Picture picture = data::read_picture(file.path());
    fuzz::require(picture.shape.channels == 1 || picture.shape.channels == 3,
                  "a picture is grey or coloured");
    fuzz::require(picture.bytes.size() == static_cast<std::size_t>(picture.shape.size()),
                  "a picture has all of its values");
    fuzz::require(picture.with_channels(3).shape.channels == 3, "any picture becomes coloured");
  } catch (const Error&) {
  }
  return 0;
}
