// The bodies of jpeg.hpp.
// libjpeg leaves its depths by a long jump where it meets a defect. The functions here that set the
// place to land on own nothing, so that nothing is jumped over that should have been destroyed.
#pragma once

#include "gloro/data/jpeg.hpp"

#include <array>
#include <csetjmp>
#include <cstddef>
#include <cstdio>  // before jpeglib.h, which needs it
#include <span>

#include <jpeglib.h>

#include "gloro/core/compiled.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/input_file.hpp"
#include "gloro/data/detail/mapped_file.hpp"
#include "gloro/data/detail/picture_size.hpp"

namespace gloro::data {

namespace detail {

/// libjpeg's decoder of one image, which stays at its place: libjpeg keeps pointers into it.
class JpegDecoder {
 public:
  JpegDecoder() {
    info_.err = jpeg_std_error(&errors_);
    info_.client_data = this;
    errors_.error_exit = [](j_common_ptr info) { land(info); };
    // Below 0 it warns of damage that it would paint over: an image cut short would end in grey.
    errors_.emit_message = [](j_common_ptr info, int level) {
      if (level < 0) land(info);
    };
  }
  JpegDecoder(const JpegDecoder&) = delete;
  JpegDecoder& operator=(const JpegDecoder&) = delete;
  ~JpegDecoder() { jpeg_destroy_decompress(&info_); }

  /// Reads the header; false if there is none. The bytes must stay until the last call.
  [[nodiscard]] bool open(std::span<const std::uint8_t> bytes) {
    if (setjmp(landing_) != 0) return false;
    jpeg_create_decompress(&info_);
    jpeg_mem_src(&info_, bytes.data(), static_cast<unsigned long>(bytes.size()));
    jpeg_read_header(&info_, TRUE);
    return true;
  }
  [[nodiscard]] Index height() const { return static_cast<Index>(info_.image_height); }
  [[nodiscard]] Index width() const { return static_cast<Index>(info_.image_width); }
  /// What its colours are where they are not to be had as RGB; null where they are.
  [[nodiscard]] const char* other_colours() const {
    if (info_.jpeg_color_space == JCS_CMYK || info_.jpeg_color_space == JCS_YCCK) return "CMYK";
    return info_.jpeg_color_space == JCS_UNKNOWN ? "of an unknown kind" : nullptr;
  }

  [[nodiscard]] bool is_grey() const { return info_.jpeg_color_space == JCS_GRAYSCALE; }

  /// Decodes to height x width x 3 (RGB, of grey images too) or, those that are grey, x 1; false if they
  /// are damaged.
  [[nodiscard]] bool read(std::uint8_t* to, int channels) {
    if (setjmp(landing_) != 0) return false;
    info_.out_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_start_decompress(&info_);
    while (info_.output_scanline < info_.output_height) {
      JSAMPROW row =
          to + static_cast<std::size_t>(channels) * info_.output_width * info_.output_scanline;
      jpeg_read_scanlines(&info_, &row, 1);
    }
    jpeg_finish_decompress(&info_);
    return true;
  }

  /// What was wrong after one of them said false.
  [[nodiscard]] const char* complaint() const { return complaint_.data(); }

 private:
  [[noreturn]] static void land(j_common_ptr info) {
    auto* const decoder = static_cast<JpegDecoder*>(info->client_data);
    info->err->format_message(info, decoder->complaint_.data());
    std::longjmp(decoder->landing_, 1);
  }

  jpeg_decompress_struct info_{};
  jpeg_error_mgr errors_{};
  std::jmp_buf landing_;
  std::array<char, JMSG_LENGTH_MAX> complaint_{};
};

}  // namespace detail

namespace detail {

/// Throws FileError unless `decoder` has the header of an image whose colours are to be had.
inline void open_jpeg(JpegDecoder& decoder, const MappedFile& file,
                      const std::filesystem::path& path) {
  if (!decoder.open(file.bytes()))
    throw FileError(message(path.string(), ": is damaged or no JPEG (", decoder.complaint(), ")"));
  if (const char* const colours = decoder.other_colours())
    throw FileError(message(path.string(), ": its colours are ", colours,
                            ", expected RGB or grey: convert it"));
}

[[nodiscard]] inline Picture decode_jpeg(JpegDecoder& decoder, const MappedFile& file,
                                         const std::filesystem::path& path, int channels) {
  Picture picture{{decoder.height(), decoder.width(), channels}, {}};
  require_pixels(path, file.bytes().size(), picture.shape,
                 8 * 512);  // an eighth of a bit a block of 64
  picture.bytes.resize(static_cast<std::size_t>(picture.shape.size()));
  if (!decoder.read(picture.bytes.data(), channels))
    throw FileError(message(path.string(), ": is damaged (", decoder.complaint(), ")"));
  return picture;
}

}  // namespace detail

GLORO_INLINE std::vector<std::uint8_t> read_jpeg(const std::filesystem::path& path, Index height,
                                                 Index width) {
  const MappedFile file(path);
  detail::JpegDecoder decoder;
  detail::open_jpeg(decoder, file, path);
  if (decoder.height() != height || decoder.width() != width)
    throw FileError(message(path.string(), ": has ", decoder.height(), " x ", decoder.width(),
                            " pixels, expected ", height, " x ", width));
  return within_memory(path, [&] { return detail::decode_jpeg(decoder, file, path, 3).bytes; });
}

GLORO_INLINE Picture read_jpeg(const std::filesystem::path& path) {
  const MappedFile file(path);
  detail::JpegDecoder decoder;
  detail::open_jpeg(decoder, file, path);
  return within_memory(
      path, [&] { return detail::decode_jpeg(decoder, file, path, decoder.is_grey() ? 1 : 3); });
}

}  // namespace gloro::data
