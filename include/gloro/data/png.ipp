// The bodies of png.hpp.
// libpng leaves its depths by a long jump where it meets a defect. The functions here that set the place
// to land on own nothing, so that nothing is jumped over that should have been destroyed.
#pragma once

#include "gloro/data/png.hpp"

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

#include <png.h>

#include "gloro/core/compiled.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/input_file.hpp"
#include "gloro/data/detail/mapped_file.hpp"
#include "gloro/data/detail/picture_size.hpp"

namespace gloro::data {

namespace detail {

/// libpng's decoder of one image, which stays at its place: libpng keeps pointers into it.
class PngDecoder {
 public:
  /// The bytes must stay until the last call.
  explicit PngDecoder(std::span<const std::uint8_t> bytes) : rest_(bytes) {
    png_ =
        png_create_read_struct(PNG_LIBPNG_VER_STRING, this, land, [](png_structp, png_const_charp) {
        });  // a warning is of a chunk that the pixels do not depend on
    info_ = png_ ? png_create_info_struct(png_) : nullptr;
    if (!info_) {
      png_destroy_read_struct(&png_, nullptr, nullptr);
      throw Error("libpng cannot start");
    }
    png_set_read_fn(png_, this, [](png_structp png, png_bytep to, png_size_t size) {
      auto& rest = static_cast<PngDecoder*>(png_get_io_ptr(png))->rest_;
      if (size > rest.size()) png_error(png, "it ends too early");
      std::memcpy(to, rest.data(), size);
      rest = rest.subspan(size);
    });
  }
  PngDecoder(const PngDecoder&) = delete;
  PngDecoder& operator=(const PngDecoder&) = delete;
  ~PngDecoder() { png_destroy_read_struct(&png_, &info_, nullptr); }

  /// Reads what comes before the pixels; false if it is damaged.
  [[nodiscard]] bool open() {
    if (setjmp(landing_) != 0) return false;
    png_read_info(png_, info_);
    return true;
  }
  [[nodiscard]] Shape shape() const {
    return {static_cast<Index>(png_get_image_height(png_, info_)),
            static_cast<Index>(png_get_image_width(png_, info_)), is_colour() ? 3 : 1};
  }
  [[nodiscard]] int bits() const { return png_get_bit_depth(png_, info_); }
  [[nodiscard]] bool is_transparent() const {
    return (png_get_color_type(png_, info_) & PNG_COLOR_MASK_ALPHA) != 0 ||
           png_get_valid(png_, info_, PNG_INFO_tRNS) != 0;
  }

  /// Decodes to the bytes of shape(), `rows` pointing to each of its rows; false if they are damaged.
  [[nodiscard]] bool read(std::span<png_bytep> rows) {
    if (setjmp(landing_) != 0) return false;
    png_set_expand(png_);  // palettes to RGB, fewer bits to bytes
    png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
    png_read_image(png_, rows.data());
    png_read_end(png_, nullptr);
    return true;
  }

  /// What was wrong after one of them said false.
  [[nodiscard]] const char* complaint() const { return complaint_.data(); }

 private:
  [[nodiscard]] bool is_colour() const {
    return (png_get_color_type(png_, info_) & PNG_COLOR_MASK_COLOR) != 0;
  }

  [[noreturn]] static void land(png_structp png, png_const_charp complaint) {
    auto* const decoder = static_cast<PngDecoder*>(png_get_error_ptr(png));
    std::strncpy(decoder->complaint_.data(), complaint, decoder->complaint_.size() - 1);
    std::longjmp(decoder->landing_, 1);
  }

  std::span<const std::uint8_t> rest_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  std::jmp_buf landing_;
  std::array<char, 200> complaint_{};
};

}  // namespace detail

GLORO_INLINE Picture read_png(const std::filesystem::path& path) {
  return within_memory(path, [&] {
    const MappedFile file(path);
    detail::PngDecoder decoder(file.bytes());
    const auto fail = [&](const auto&... what) {
      throw FileError(message(path.string(), ": ", what...));
    };
    if (!decoder.open()) fail("is damaged or no PNG (", decoder.complaint(), ")");
    if (decoder.bits() > 8)
      fail("has ", decoder.bits(), " bits a value, expected 8: save its numbers as .npy");
    if (decoder.is_transparent()) fail("is transparent in part: flatten it onto a background");
    Picture picture{decoder.shape(), {}};
    detail::require_pixels(path, file.bytes().size(), picture.shape,
                           8 * 1032);  // of a bit each, packed as DEFLATE can
    const Index row = picture.shape.width * picture.shape.channels;
    picture.bytes.resize(static_cast<std::size_t>(checked_product(row, picture.shape.height)));
    std::vector<png_bytep> rows;
    for (Index y = 0; y < picture.shape.height; ++y) rows.push_back(picture.bytes.data() + y * row);
    if (!decoder.read(rows)) fail("is damaged (", decoder.complaint(), ")");
    return picture;
  });
}

}  // namespace gloro::data
