// The bodies of npy.hpp.
#pragma once

#include "gloro/data/npy.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "gloro/core/compiled.hpp"
#include "gloro/core/detail/bit_cast.hpp"
#include "gloro/core/detail/endian.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/input_file.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/data/detail/byte_reader.hpp"
#include "gloro/data/detail/npy_header.hpp"

namespace gloro::data {

namespace detail {

/// The number that sixteen bits of IEEE 754 stand for: every one is a float.
[[nodiscard]] inline float half_value(std::uint16_t bits) {
  const int exponent = bits >> 10 & 31, fraction = bits & 1023;
  float size = exponent == 0 ? std::ldexp(static_cast<float>(fraction), -24)
                             : std::ldexp(static_cast<float>(1024 + fraction), exponent - 25);
  if (exponent == 31) size = std::numeric_limits<float>::infinity();  // or NaN
  return (bits & 0x8000) != 0 ? -size : size;
}

/// Reads `count` little-endian words and makes of each the number that `value_of` says.
template <typename Word, typename ValueOf>
[[nodiscard]] auto read_npy_numbers(ByteReader& file, std::size_t count, ValueOf value_of) {
  std::vector<decltype(value_of(Word{}))> values(count);
  std::array<std::uint8_t, 4096 * sizeof(Word)> chunk{};
  for (std::size_t done = 0; done < count;) {
    const std::size_t now = std::min<std::size_t>(4096, count - done);
    file.read(std::span(chunk).first(now * sizeof(Word)));
    for (std::size_t i = 0; i < now; ++i) {
      values[done + i] =
          value_of(gloro::detail::from_little_endian<Word>(&chunk[i * sizeof(Word)]));
      if (!std::isfinite(values[done + i])) file.fail("value ", done + i, " is not finite");
    }
    done += now;
  }
  return values;
}

/// Values of which the first index runs fastest, brought into the order in which the last one does.
template <typename Value>
[[nodiscard]] std::vector<Value> from_fortran(const std::vector<Value>& values,
                                              std::span<const Index> extents) {
  std::vector<Value> ordered(values.size());
  std::vector<Index> at(extents.size(), 0);
  for (const Value value : values) {
    Index place = 0;
    for (std::size_t d = 0; d < at.size(); ++d) place = place * extents[d] + at[d];
    ordered[static_cast<std::size_t>(place)] = value;
    for (std::size_t d = 0; d < at.size() && ++at[d] == extents[d]; ++d) at[d] = 0;
  }
  return ordered;
}

/// Bytes of one value; FileError, with the way out, for a type that is not read.
[[nodiscard]] inline std::size_t npy_width(const ByteReader& file, const std::string& type) {
  if (type == "|u1") return 1;
  if (type == "<f2") return 2;
  if (type == "<f4") return 4;
  if (type == "<f8") return 8;
  const char kind = type.size() > 1 ? type[1] : '?';
  const char* const way_out =
      kind == 'f'   ? ": save images.astype('<f8')"
      : kind == 'O' ? ": images of one size are stacked to numbers by numpy.stack(images)"
      : kind == 'i' || kind == 'u' || kind == 'b'
          ? ": save images.astype('uint8') if white is 255, else images.astype('<f8') in the "
            "network's unit"
          : "";
  file.fail("array of type '", type,
            "', expected uint8 ('|u1') or float16, float32 or float64 ('<f2', '<f4', '<f8')",
            way_out);
}

}  // namespace detail

GLORO_INLINE Dataset npy_images(const std::filesystem::path& path) {
  return within_memory(path, [&] {
    ByteReader file(path);
    const auto header = detail::read_npy_header(file);
    const std::size_t width = detail::npy_width(file, header.type);
    const auto& extents = header.extents;
    if (extents.size() < 2 || extents.size() > 4)
      file.fail("array of ", extents.size(),
                " dimensions, expected N x H x W x C, N x H x W or N x D: save image[None] for one "
                "image");
    const Shape shape = extents.size() == 2
                            ? Shape::flat(extents[1])
                            : Shape{extents[1], extents[2], extents.size() == 4 ? extents[3] : 1};
    Index bytes = static_cast<Index>(width);
    try {
      for (const Index extent : extents) bytes = checked_product(bytes, extent);
    } catch (const ShapeError&) {
      file.fail("its dimensions multiply to more than any file can hold");
    }
    if (bytes == 0) file.fail("an array of ", extents[0], " images of ", shape, " holds nothing");
    file.expect_room(static_cast<std::uint64_t>(bytes));

    const std::size_t count = static_cast<std::size_t>(bytes) / width;
    const auto dataset_of = [&](auto values) {
      file.expect_end();
      if (header.fortran) values = detail::from_fortran(values, extents);
      return Dataset(path.filename().string(), shape, std::move(values));
    };
    if (width == 1) {
      std::vector<std::uint8_t> values(count);
      file.read(values);
      return dataset_of(std::move(values));
    }
    if (width == 2)
      return dataset_of(detail::read_npy_numbers<std::uint16_t>(file, count, detail::half_value));
    if (width == 4)
      return dataset_of(detail::read_npy_numbers<std::uint32_t>(
          file, count, [](std::uint32_t word) { return gloro::detail::bit_cast<float>(word); }));
    return dataset_of(detail::read_npy_numbers<std::uint64_t>(
        file, count, [](std::uint64_t word) { return gloro::detail::bit_cast<double>(word); }));
  });
}

}  // namespace gloro::data
