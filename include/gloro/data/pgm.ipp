// The bodies of pgm.hpp.
#pragma once

#include "gloro/data/pgm.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "gloro/core/compiled.hpp"
#include "gloro/core/detail/endian.hpp"
#include "gloro/core/input_file.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/data/detail/byte_reader.hpp"

namespace gloro::data {

namespace detail {

/// The header of a PGM file, a byte at a time.
class PgmHeader {
 public:
  explicit PgmHeader(ByteReader& file) : file_(file) {
    if (next() != 'P') file_.fail("not a PGM picture: it must begin with P5");
    const char kind = next();
    if (kind == '2') file_.fail("a PGM picture in plain text (P2), expected the binary kind (P5)");
    if (kind == '3' || kind == '6')
      file_.fail("a picture in colour (PPM), expected a grey one (P5)");
    if (kind != '5') file_.fail("not a PGM picture: it must begin with P5");
    next();
    if (!is_space(last_) && last_ != '#')
      file_.fail("damaged PGM header: white space must follow P5");
    width = number("width");
    height = number("height");
    white = number("value of white");
    if (white > 65535) file_.fail("white is ", white, ", expected at most 65535");
    if (!is_space(last_))
      file_.fail("damaged PGM header: white space must follow the value of white");
  }

  Index width = 0, height = 0, white = 0;

 private:
  [[nodiscard]] static bool is_space(char byte) {
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
  }
  [[nodiscard]] static bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }

  char next() {
    std::uint8_t byte = 0;
    file_.read({&byte, 1});
    return last_ = static_cast<char>(byte);
  }

  /// White space and comments, then digits; leaves the byte after them in last_.
  [[nodiscard]] Index number(const char* what) {
    while (is_space(last_) || last_ == '#') {
      if (last_ == '#')
        while (last_ != '\n' && last_ != '\r') next();
      next();
    }
    std::int64_t value = 0;
    if (!is_digit(last_)) file_.fail("damaged PGM header: no ", what);
    for (; is_digit(last_); next()) {
      value = 10 * value + (last_ - '0');
      if (value > 1 << 30) file_.fail("its ", what, " is beyond 2^30");
    }
    if (value == 0) file_.fail("its ", what, " is 0");
    return static_cast<Index>(value);
  }

  ByteReader& file_;
  char last_ = ' ';
};

}  // namespace detail

GLORO_INLINE Dataset pgm_image(const std::filesystem::path& path) {
  return within_memory(path, [&] {
    ByteReader file(path);
    const detail::PgmHeader header(file);
    if (header.height > std::numeric_limits<Index>::max() / header.width)
      file.fail("is truncated: no file can hold its ", header.height, " x ", header.width,
                " pixels");
    const Shape shape{header.height, header.width, 1};
    const auto count = static_cast<std::size_t>(shape.size());
    const std::size_t width = header.white > 255 ? 2 : 1;
    file.expect_room(width * count);
    std::vector<std::uint8_t> bytes(width * count);
    file.read(bytes);
    file.expect_end();
    const std::string name = path.filename().string();
    if (header.white == 255) return Dataset(name, shape, std::move(bytes));
    std::vector<float> pixels(count);
    for (std::size_t i = 0; i < count; ++i) {
      const int value =
          width == 1 ? bytes[i] : gloro::detail::from_big_endian<std::uint16_t>(&bytes[2 * i]);
      if (value > header.white)
        file.fail("pixel ", i, " is ", value, ", and white is ", header.white);
      pixels[i] = static_cast<float>(value) / static_cast<float>(header.white);
    }
    return Dataset(name, shape, std::move(pixels));
  });
}

}  // namespace gloro::data
