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
#include <type_traits>
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

/// The type of a .npy file's values, as its header spells it: '<f4' is f, 4 bytes, the lowest first.
struct NpyType {
  char kind;  // u: unsigned, i: signed, f: floating point; anything else is not read
  std::size_t width;
  bool is_big_endian;

  explicit NpyType(const std::string& text) : kind('?'), width(0), is_big_endian(false) {
    if (text.size() != 3 || text[2] < '1' || text[2] > '8') return;
    const std::size_t bytes = static_cast<std::size_t>(text[2] - '0');
    const bool has_order = text[0] == '<' || text[0] == '>';
    if ((bytes & (bytes - 1)) != 0 || has_order != (bytes > 1)) return;
    if (!has_order && text[0] != '|') return;
    kind = text[1];
    width = bytes;
    is_big_endian = text[0] == '>';
  }
  [[nodiscard]] bool is_byte() const { return kind == 'u' && width == 1; }
  [[nodiscard]] bool is_float() const { return kind == 'f' && width > 1; }
  [[nodiscard]] bool is_whole() const { return kind == 'u' || kind == 'i'; }
};

/// Reads `count` words and makes of each, the i-th, the number that `value_of(word, i)` says.
template <typename Word, typename ValueOf>
[[nodiscard]] auto read_npy_words(ByteReader& file, std::size_t count, bool is_big_endian,
                                  ValueOf value_of) {
  std::vector<decltype(value_of(Word{}, std::size_t{}))> values(count);
  std::array<std::uint8_t, 4096 * sizeof(Word)> chunk{};
  for (std::size_t done = 0; done < count;) {
    const std::size_t now = std::min<std::size_t>(4096, count - done);
    file.read(std::span(chunk).first(now * sizeof(Word)));
    for (std::size_t i = 0; i < now; ++i) {
      const std::uint8_t* const bytes = &chunk[i * sizeof(Word)];
      values[done + i] = value_of(is_big_endian ? gloro::detail::from_big_endian<Word>(bytes)
                                                : gloro::detail::from_little_endian<Word>(bytes),
                                  done + i);
    }
    done += now;
  }
  return values;
}

/// The same for numbers, which must be finite.
template <typename Word, typename ValueOf>
[[nodiscard]] auto read_npy_numbers(ByteReader& file, std::size_t count, bool is_big_endian,
                                    ValueOf value_of) {
  return read_npy_words<Word>(file, count, is_big_endian, [&](Word word, std::size_t i) {
    const auto value = value_of(word);
    if (!std::isfinite(value)) file.fail("value ", i, " is not finite");
    return value;
  });
}

/// Values in a file's order, brought into that of a Dataset: the last index fastest, channels last.
template <typename Value>
[[nodiscard]] std::vector<Value> in_order_of_samples(const std::vector<Value>& values,
                                                     std::span<const Index> extents,
                                                     bool is_fortran, Channels channels) {
  const std::size_t dimensions = extents.size();
  std::vector<Index> strides(dimensions), at(dimensions, 0);  // strides: of the places to go to
  Index step = 1;
  for (std::size_t d = dimensions; d-- > 0; step *= extents[d]) strides[d] = step;
  if (channels == Channels::first && dimensions == 4) {
    strides[1] = 1;
    strides[3] = extents[1];
    strides[2] = extents[3] * strides[3];
  }
  std::vector<Value> ordered(values.size());
  Index place = 0;
  for (const Value value : values) {
    ordered[static_cast<std::size_t>(place)] = value;
    for (std::size_t k = 0; k < dimensions; ++k) {  // from the fastest index to the slowest
      const std::size_t d = is_fortran ? k : dimensions - 1 - k;
      place += strides[d];
      if (++at[d] < extents[d]) break;
      place -= strides[d] * extents[d];
      at[d] = 0;
    }
  }
  return ordered;
}

/// What is said of images in a type that is not read, with the way out.
[[noreturn]] inline void refuse_npy_type(const ByteReader& file, const std::string& type) {
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

GLORO_INLINE Dataset npy_images(const std::filesystem::path& path, Channels channels) {
  return within_memory(path, [&] {
    ByteReader file(path);
    const auto header = detail::read_npy_header(file);
    const detail::NpyType type(header.type);
    if (!type.is_byte() && !type.is_float()) detail::refuse_npy_type(file, header.type);
    const auto& extents = header.extents;
    if (extents.size() < 2 || extents.size() > 4)
      file.fail("array of ", extents.size(),
                " dimensions, expected N x H x W x C, N x C x H x W, N x H x W or N x D: save "
                "image[None] for one image");
    const bool is_planar = channels == Channels::first && extents.size() == 4;
    const Shape shape = extents.size() == 2 ? Shape::flat(extents[1])
                        : is_planar
                            ? Shape{extents[2], extents[3], extents[1]}
                            : Shape{extents[1], extents[2], extents.size() == 4 ? extents[3] : 1};
    Index bytes = static_cast<Index>(type.width);
    try {
      for (const Index extent : extents) bytes = checked_product(bytes, extent);
    } catch (const ShapeError&) {
      file.fail("its dimensions multiply to more than any file can hold");
    }
    if (bytes == 0) file.fail("an array of ", extents[0], " images of ", shape, " holds nothing");
    file.expect_room(static_cast<std::uint64_t>(bytes));

    const std::size_t count = static_cast<std::size_t>(bytes) / type.width;
    const bool big = type.is_big_endian;
    const auto dataset_of = [&](auto values) {
      file.expect_end();
      if (header.fortran || is_planar)
        values = detail::in_order_of_samples(values, extents, header.fortran, channels);
      return Dataset(path.filename().string(), shape, std::move(values));
    };
    if (type.width == 1) {
      std::vector<std::uint8_t> values(count);
      file.read(values);
      return dataset_of(std::move(values));
    }
    if (type.width == 2)
      return dataset_of(
          detail::read_npy_numbers<std::uint16_t>(file, count, big, detail::half_value));
    if (type.width == 4)
      return dataset_of(detail::read_npy_numbers<std::uint32_t>(
          file, count, big,
          [](std::uint32_t word) { return gloro::detail::bit_cast<float>(word); }));
    return dataset_of(detail::read_npy_numbers<std::uint64_t>(
        file, count, big,
        [](std::uint64_t word) { return gloro::detail::bit_cast<double>(word); }));
  });
}

GLORO_INLINE std::vector<int> npy_labels(const std::filesystem::path& path) {
  constexpr std::int64_t most = (std::int64_t{1} << 30) - 1;
  return within_memory(path, [&] {
    ByteReader file(path);
    const auto header = detail::read_npy_header(file);
    const detail::NpyType type(header.type);
    if (!type.is_whole())
      file.fail("labels of type '", header.type,
                "', expected whole numbers: save labels.astype('int64')");
    if (header.extents.size() != 1)
      file.fail("labels of ", header.extents.size(),
                " dimensions, expected one: save labels.ravel(), or onehot.argmax(1)");
    if (header.extents[0] == 0) file.fail("holds no labels");
    if (header.extents[0] > std::numeric_limits<Index>::max() / 8)
      file.fail("more labels than any file can hold");
    const auto count = static_cast<std::size_t>(header.extents[0]);
    file.expect_room(count * type.width);
    const auto labels_of = [&](auto word, auto number) {
      using Word = decltype(word);
      using Number = decltype(number);
      auto labels = detail::read_npy_words<Word>(
          file, count, type.is_big_endian, [&](Word bits, std::size_t i) {
            const auto label = static_cast<Number>(bits);
            if (std::cmp_less(label, 0) || std::cmp_greater(label, most))
              file.fail("label ", +label, " of image ", i, " lies outside 0..", most);
            return static_cast<int>(label);
          });
      file.expect_end();
      return labels;
    };
    const bool is_signed = type.kind == 'i';
    const auto labels_of_width = [&](auto word) {
      using Word = decltype(word);
      return is_signed ? labels_of(word, std::make_signed_t<Word>{}) : labels_of(word, word);
    };
    return type.width == 1   ? labels_of_width(std::uint8_t{})
           : type.width == 2 ? labels_of_width(std::uint16_t{})
           : type.width == 4 ? labels_of_width(std::uint32_t{})
                             : labels_of_width(std::uint64_t{});
  });
}

}  // namespace gloro::data
