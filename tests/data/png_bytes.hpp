// PNG files written by hand (ISO/IEC 15948), with nothing packed: what libpng makes of them is compared
// with what went in.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "data/files.hpp"

namespace files {

struct Png {
  std::uint32_t width = 0, height = 0;
  std::uint8_t bits = 8;    ///< a value
  std::uint8_t colour = 2;  ///< 0: grey, 2: RGB, 3: palette, 4: grey and alpha, 6: RGB and alpha
  Bytes rows = {};          ///< the values, row after row, each of a whole number of bytes
  Bytes palette = {};
  Bytes transparency = {};
};

namespace png {

inline Bytes word(std::uint32_t value) {
  Bytes bytes;
  for (int shift = 24; shift >= 0; shift -= 8)
    bytes.push_back(static_cast<std::uint8_t>(value >> shift));
  return bytes;
}

inline std::uint32_t crc(const Bytes& bytes) {
  std::uint32_t sum = 0xffffffffU;
  for (const std::uint8_t byte : bytes) {
    sum ^= byte;
    for (int bit = 0; bit < 8; ++bit) sum = (sum >> 1) ^ ((sum & 1U) != 0 ? 0xedb88320U : 0U);
  }
  return ~sum;
}

inline Bytes chunk(const std::string& type, const Bytes& content) {
  const Bytes named = text(type) + content;
  return word(static_cast<std::uint32_t>(content.size())) + named + word(crc(named));
}

/// A zlib stream of one block that is stored as it is.
inline Bytes stored(const Bytes& plain) {
  std::uint32_t a = 1, b = 0;  // Adler-32
  for (const std::uint8_t byte : plain) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  const auto size = static_cast<std::uint16_t>(plain.size());
  const auto low = [](unsigned value) { return static_cast<std::uint8_t>(value & 255U); };
  const unsigned flipped = ~unsigned{size};
  return Bytes{0x78, 0x01, 0x01, low(size), low(size >> 8U), low(flipped), low(flipped >> 8U)} +
         plain + word(b << 16U | a);
}

}  // namespace png

inline Bytes png_bytes(const Png& image) {
  const std::size_t row = image.rows.size() / image.height;
  Bytes filtered;
  for (std::size_t y = 0; y < image.height; ++y) {
    filtered.push_back(0);  // no filter
    filtered.insert(filtered.end(), image.rows.begin() + static_cast<std::ptrdiff_t>(y * row),
                    image.rows.begin() + static_cast<std::ptrdiff_t>((y + 1) * row));
  }
  Bytes bytes = Bytes{0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'} +
                png::chunk("IHDR", png::word(image.width) + png::word(image.height) +
                                       Bytes{image.bits, image.colour, 0, 0, 0});
  if (!image.palette.empty()) bytes = bytes + png::chunk("PLTE", image.palette);
  if (!image.transparency.empty()) bytes = bytes + png::chunk("tRNS", image.transparency);
  return bytes + png::chunk("IDAT", png::stored(filtered)) + png::chunk("IEND", {});
}

}  // namespace files
