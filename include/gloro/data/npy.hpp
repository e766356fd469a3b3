// NumPy's .npy files (numpy.lib.format, versions 1 to 3): a user's own images as an array of
// uint8, float32 or float64, samples first: N x H x W x C, N x H x W (one channel) or N x D (flat).
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/data/byte_reader.hpp"
#include "gloro/data/dataset.hpp"

namespace gloro::data {
namespace detail {

/// What the header of a .npy file says.
struct NpyHeader {
  std::string type;  // '|u1', '<f4' or '<f8'
  bool fortran = false;
  std::vector<Index> extents;
};

/// Reads the header's text, a Python dictionary of exactly three keys in any order, like
/// {'descr': '<f4', 'fortran_order': False, 'shape': (10, 28, 28), }
class NpyHeaderText {
 public:
  NpyHeaderText(const ByteReader& file, std::string_view text) : file_(file), rest_(text) {}

  [[nodiscard]] NpyHeader parse() {
    NpyHeader header;
    bool type = false, order = false, shape = false;
    expect('{');
    while (!accept('}')) {
      const std::string key = quoted();
      expect(':');
      if (key == "descr" && !type) {
        header.type = quoted();
        type = true;
      } else if (key == "fortran_order" && !order) {
        header.fortran = truth();
        order = true;
      } else if (key == "shape" && !shape) {
        header.extents = tuple();
        shape = true;
      } else {
        file_.fail("damaged .npy header: key '", key, "'");
      }
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip_spaces();
    if (!rest_.empty() || !type || !order || !shape) damaged();
    return header;
  }

 private:
  [[noreturn]] void damaged() const { file_.fail("damaged .npy header"); }

  void skip_spaces() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\n'))
      rest_.remove_prefix(1);
  }
  bool accept(char wanted) {
    skip_spaces();
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char wanted) {
    if (!accept(wanted)) damaged();
  }
  bool accept(std::string_view word) {
    skip_spaces();
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  std::string quoted() {
    const char quote = accept('\'') ? '\'' : '"';
    if (quote == '"') expect('"');
    const auto end = rest_.find(quote);
    if (end == std::string_view::npos) damaged();
    std::string text(rest_.substr(0, end));
    rest_.remove_prefix(end + 1);
    return text;
  }
  bool truth() {
    if (accept("False")) return false;
    if (!accept("True")) damaged();
    return true;
  }
  std::vector<Index> tuple() {
    std::vector<Index> extents;
    expect('(');
    while (!accept(')')) {
      extents.push_back(number());
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return extents;
  }
  Index number() {
    skip_spaces();
    Index value = 0;
    std::size_t digits = 0;
    for (; digits < rest_.size() && rest_[digits] >= '0' && rest_[digits] <= '9'; ++digits) {
      const Index digit = rest_[digits] - '0';
      if (value > (std::numeric_limits<Index>::max() - digit) / 10) damaged();
      value = 10 * value + digit;
    }
    if (digits == 0) damaged();
    rest_.remove_prefix(digits);
    return value;
  }

  const ByteReader& file_;
  std::string_view rest_;
};

inline NpyHeader read_npy_header(ByteReader& file) {
  std::array<std::uint8_t, 8> start{};
  file.read(start);
  constexpr std::array<std::uint8_t, 6> magic{0x93, 'N', 'U', 'M', 'P', 'Y'};
  if (!std::equal(magic.begin(), magic.end(), start.begin())) file.fail("not a .npy file");
  if (start[6] < 1 || start[6] > 3)
    file.fail(".npy version ", int{start[6]}, ", expected 1, 2 or 3");
  std::array<std::uint8_t, 4> length{};  // little-endian, two bytes in version 1
  file.read(std::span(length).first(start[6] == 1 ? 2 : 4));
  const std::size_t size = length[0] | std::size_t{length[1]} << 8 | std::size_t{length[2]} << 16 |
                           std::size_t{length[3]} << 24;
  file.expect_room(size);
  constexpr std::size_t longest = 65536;  // far beyond what three keys need
  if (size > longest) file.fail("a .npy header of ", size, " bytes");
  std::vector<std::uint8_t> text(size);
  file.read(text);
  return NpyHeaderText(file, {reinterpret_cast<const char*>(text.data()), size}).parse();
}

/// Little-endian floating-point numbers of the type `From`, each rounded to the nearest float.
template <typename From, typename Word>
std::vector<float> read_npy_floats(ByteReader& file, std::size_t count) {
  static_assert(sizeof(From) == sizeof(Word));
  std::vector<float> values(count);
  std::array<std::uint8_t, 4096 * sizeof(Word)> chunk{};
  for (std::size_t done = 0; done < count;) {
    const std::size_t now = std::min<std::size_t>(4096, count - done);
    file.read(std::span(chunk).first(now * sizeof(Word)));
    for (std::size_t i = 0; i < now; ++i) {
      Word word = 0;
      for (std::size_t byte = sizeof(Word); byte-- > 0;)
        word = static_cast<Word>(word << 8 | chunk[i * sizeof(Word) + byte]);
      const auto value = static_cast<float>(std::bit_cast<From>(word));
      if (!std::isfinite(value)) file.fail("value ", done + i, " is not a finite float");
      values[done + i] = value;
    }
    done += now;
  }
  return values;
}

}  // namespace detail

/// Reads images without labels. uint8 values stand for value / 255; floating-point values are the
/// network's own unit ([0, 1] for networks trained here) and float64 is rounded to float.
/// FileError where the file is damaged, of another type, in Fortran order, or not finite.
[[nodiscard]] inline Dataset npy_images(const std::filesystem::path& path) {
  ByteReader file(path);
  const auto header = detail::read_npy_header(file);
  const std::size_t width = header.type == "|u1"   ? 1
                            : header.type == "<f4" ? 4
                            : header.type == "<f8" ? 8
                                                   : 0;
  if (width == 0)
    file.fail("array of type '", header.type,
              "', expected uint8 ('|u1'), float32 ('<f4') or float64 ('<f8')");
  if (header.fortran) file.fail("array in Fortran order: save numpy.ascontiguousarray of it");

  const auto& extents = header.extents;
  if (extents.size() < 2 || extents.size() > 4)
    file.fail("array of ", extents.size(),
              " dimensions, expected N x H x W x C, N x H x W or N x D");
  const Shape shape = extents.size() == 2
                          ? Shape::flat(extents[1])
                          : Shape{extents[1], extents[2], extents.size() == 4 ? extents[3] : 1};
  Index bytes = static_cast<Index>(width);
  try {
    for (const Index extent : extents) bytes = checked_product(bytes, extent);
  } catch (const ShapeError&) {
    file.fail("its dimensions multiply to more than any file can hold");
  }
  if (bytes == 0) file.fail("one of its dimensions is zero");
  file.expect_room(static_cast<std::uint64_t>(bytes));

  const std::size_t count = static_cast<std::size_t>(bytes) / width;
  const std::string name = path.filename().string();
  if (width == 1) {
    std::vector<std::uint8_t> values(count);
    file.read(values);
    file.expect_end();
    return Dataset(name, shape, std::move(values));
  }
  auto values = width == 4 ? detail::read_npy_floats<float, std::uint32_t>(file, count)
                           : detail::read_npy_floats<double, std::uint64_t>(file, count);
  file.expect_end();
  return Dataset(name, shape, std::move(values));
}

}  // namespace gloro::data
