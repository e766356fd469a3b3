// The header of NumPy's .npy files (numpy.lib.format, versions 1 to 3): the type of the values, their
// order and the array's extents, as the text of a Python dictionary.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gloro/core/detail/endian.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/data/detail/byte_reader.hpp"

namespace gloro::data::detail {

/// What the header of a .npy file says.
struct NpyHeader {
  std::string type;      // such as '<f4'
  bool fortran = false;  // the first index runs fastest, not the last
  std::vector<Index> extents;
};

/// Reads the header's text, a Python dictionary of exactly three keys in any order and spacing, like
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
        if (accept('['))
          file_.fail("an array of records: save the images alone, as numbers (images['name'])");
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
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
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
    (void)accept('L');  // of Python 2
    return value;
  }

  const ByteReader& file_;
  std::string_view rest_;
};

inline NpyHeader read_npy_header(ByteReader& file) {
  std::array<std::uint8_t, 8> start{};
  file.read(start);
  constexpr std::array<std::uint8_t, 6> magic{0x93, 'N', 'U', 'M', 'P', 'Y'};
  if (start[0] == 'P' && start[1] == 'K')
    file.fail("an archive of arrays (.npz): save the images alone by numpy.save");
  if (!std::equal(magic.begin(), magic.end(), start.begin())) file.fail("not a .npy file");
  if (start[6] < 1 || start[6] > 3)
    file.fail(".npy version ", int{start[6]}, ", expected 1, 2 or 3");
  std::array<std::uint8_t, 4> length{};  // little-endian, two bytes in version 1
  file.read(std::span(length).first(start[6] == 1 ? 2 : 4));
  const std::size_t size = gloro::detail::from_little_endian<std::uint32_t>(length.data());
  file.expect_room(size);
  constexpr std::size_t longest = 65536;  // far beyond what three keys need
  if (size > longest) file.fail("a .npy header of ", size, " bytes");
  std::vector<std::uint8_t> text(size);
  file.read(text);
  return NpyHeaderText(file, {reinterpret_cast<const char*>(text.data()), size}).parse();
}

}  // namespace gloro::data::detail
