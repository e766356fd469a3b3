// An image inside the page: a 24-bit BMP in base64, which every browser shows and which takes no
// compressor and no checksum to write.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "gloro/core/shape.hpp"
#include "gloro/core/tensor.hpp"

namespace gloro::report {

[[nodiscard]] inline std::string base64(const std::vector<std::uint8_t>& bytes) {
  static constexpr char digits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t three = 0;
    for (std::size_t k = 0; k < 3; ++k)
      three = three << 8 | (i + k < bytes.size() ? bytes[i + k] : 0U);
    for (std::size_t k = 0; k < 4; ++k)
      text += i + k > bytes.size() ? '=' : digits[three >> (18 - 6 * k) & 63U];
  }
  return text;
}

/// Whether a sample of this shape can be looked at.
[[nodiscard]] inline bool is_picture(const Shape& shape) {
  return shape.height > 1 && shape.width > 1 && shape.height <= 4096 && shape.width <= 4096;
}

/// The first sample of `image` as a `data:` address: three channels or more as red, green and blue,
/// fewer as the grey of the first. Pixels outside [0, 1] are brought in by the image's own range.
template <std::floating_point Scalar>
[[nodiscard]] std::string picture(const Tensor<Scalar>& image) {
  const Shape& shape = image.shape();
  const Scalar* pixels = image.sample(0);
  const auto [least, most] = std::minmax_element(pixels, pixels + shape.size());
  const bool fits = *least >= 0 && *most <= 1;
  const Scalar low = fits ? Scalar(0) : *least;
  // Halves: the range of the largest numbers would overflow.
  const Scalar half_range = fits ? Scalar(0.5) : std::max(*most / 2 - *least / 2, Scalar(1e-30));

  const Index row = (3 * shape.width + 3) / 4 * 4;  // rows are padded to four bytes
  std::vector<std::uint8_t> bytes{'B', 'M'};
  const auto put = [&](Index value, int count) {
    for (int byte = 0; byte < count; ++byte)
      bytes.push_back(static_cast<std::uint8_t>(value >> (8 * byte) & 255));
  };
  constexpr Index header = 54;
  for (const Index field :
       {header + row * shape.height, Index{0}, header, Index{40}, shape.width, shape.height})
    put(field, 4);
  put(1, 2);   // planes
  put(24, 2);  // bits a pixel
  for (const Index field :
       {Index{0}, row * shape.height, Index{2835}, Index{2835}, Index{0}, Index{0}})
    put(field, 4);
  for (Index y = shape.height; y-- > 0;) {  // from the bottom row up
    for (Index x = 0; x < shape.width; ++x)
      for (Index colour = 2; colour >= 0; --colour) {
        const Index channel = shape.channels >= 3 ? colour : 0;
        const Scalar pixel = pixels[(y * shape.width + x) * shape.channels + channel];
        const Scalar grey = std::clamp((pixel / 2 - low / 2) / half_range, Scalar(0), Scalar(1));
        put(static_cast<Index>(std::lround(255 * grey)), 1);
      }
    put(0, static_cast<int>(row - 3 * shape.width));
  }
  return "data:image/bmp;base64," + base64(bytes);
}

}  // namespace gloro::report
