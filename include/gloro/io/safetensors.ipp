// The bodies of safetensors.hpp.
#pragma once

#include "gloro/io/safetensors.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <limits>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "gloro/core/compiled.hpp"
#include "gloro/core/detail/bit_cast.hpp"
#include "gloro/core/detail/endian.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/input_file.hpp"
#include "gloro/io/json.hpp"

namespace gloro {

namespace detail {

/// Number of values of a tensor; throws Error if it overflows or an extent is negative.
[[nodiscard]] inline Index value_count(const std::vector<Index>& extents) {
  Index count = 1;
  for (const Index extent : extents) count = checked_product(count, extent);
  return count;
}

template <typename Value>
using WordOf = std::conditional_t<sizeof(Value) == 4, std::uint32_t, std::uint64_t>;

/// Appends values as little-endian words, on any machine.
template <typename Value>
void append_values(std::string& bytes, const std::vector<Value>& values) {
  for (const Value value : values) {
    const auto word = gloro::detail::bit_cast<WordOf<Value>>(value);
    for (const std::uint8_t byte : little_endian(word)) bytes.push_back(static_cast<char>(byte));
  }
}

template <typename Value>
[[nodiscard]] std::vector<Value> values_from(std::string_view bytes) {
  std::vector<Value> values(bytes.size() / sizeof(Value));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto word = from_little_endian<WordOf<Value>>(bytes.data() + i * sizeof(Value));
    values[i] = gloro::detail::bit_cast<Value>(word);
  }
  return values;
}

/// Makes sense of a file's bytes; throws Error without the file's name.
class SafetensorsReader {
 public:
  explicit SafetensorsReader(std::string_view file) : file_(file) {}

  [[nodiscard]] Safetensors read() {
    if (file_.size() < 8) refuse("too short for a safetensors file: ", file_.size(), " bytes");
    const auto length = from_little_endian<std::uint64_t>(file_.data());
    if (length > file_.size() - 8)
      refuse("its header claims ", length, " bytes, but only ", file_.size() - 8, " follow");
    constexpr std::uint64_t longest = 100'000'000;  // what the format's own reader takes
    if (length > longest) refuse("its header has ", length, " bytes, safetensors allow ", longest);
    const std::string_view text = file_.substr(8, static_cast<std::size_t>(length));
    if (!text.starts_with('{')) refuse("its header does not begin with '{'");
    data_ = file_.substr(8 + text.size());

    const Json header = parse_json(text);
    for (const auto& [name, entry] : header.items())
      if (name == "__metadata__")
        take_metadata(entry);
      else
        entries_.push_back(entry_of(name, entry));
    std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
      return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
    });
    std::size_t end = 0;
    for (const Entry& entry : entries_) {
      if (entry.begin != end)
        refuse("tensor '", entry.name, "' begins at byte ", entry.begin, ", expected ", end,
               ": tensors must neither overlap nor leave gaps");
      end = entry.end;
      take_tensor(entry);
    }
    if (end != data_.size())
      refuse("its tensors end at byte ", end, " of ", data_.size(), " bytes of data");
    return std::move(result_);
  }

 private:
  struct Entry {
    std::string name, type;
    std::vector<Index> extents;
    std::size_t begin, end;
  };

  template <typename... Parts>
  [[noreturn]] static void refuse(const Parts&... defect) {
    throw Error(message(defect...));
  }

  void take_metadata(const Json& entry) {
    if (!entry.is_object()) refuse("its __metadata__ is not an object");
    for (const auto& [key, value] : entry.items()) {
      if (!value.is_string()) refuse("its metadata '", key, "' is not a string");
      result_.metadata[key] = value.get<std::string>();
    }
  }

  [[nodiscard]] Entry entry_of(const std::string& name, const Json& entry) const {
    const auto wrong = [&](const auto&... what) { refuse("tensor '", name, "': ", what...); };
    if (!entry.is_object() || entry.size() != 3 || !entry.contains("dtype") ||
        !entry.contains("shape") || !entry.contains("data_offsets"))
      wrong("expected exactly dtype, shape and data_offsets");
    const Json& type = entry["dtype"];
    const Json& shape = entry["shape"];
    const Json& offsets = entry["data_offsets"];
    if (type != "F32" && type != "F64") wrong("type ", type.dump(), ", expected F32 or F64");

    Entry read{name, type.get<std::string>(), {}, 0, 0};
    if (!shape.is_array()) wrong("its shape is not a list");
    for (const Json& extent : shape) read.extents.push_back(number(extent, wrong));
    if (!offsets.is_array() || offsets.size() != 2) wrong("data_offsets is not a pair");
    read.begin = static_cast<std::size_t>(number(offsets[0], wrong));
    read.end = static_cast<std::size_t>(number(offsets[1], wrong));
    if (read.begin > read.end || read.end > data_.size())
      wrong("bytes ", read.begin, " to ", read.end, " of ", data_.size());

    Index bytes = 0;
    try {
      bytes = checked_product(value_count(read.extents), read.type == "F32" ? 4 : 8);
    } catch (const ShapeError&) {
      wrong("its extents multiply to more than any file can hold");
    }
    if (static_cast<std::size_t>(bytes) != read.end - read.begin)
      wrong("its shape needs ", bytes, " bytes, data_offsets give it ", read.end - read.begin);
    return read;
  }

  template <typename Wrong>
  [[nodiscard]] static Index number(const Json& value, const Wrong& wrong) {
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<Index>::max());
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > most)
      wrong("expected a whole number >= 0, got ", value.dump());
    return static_cast<Index>(value.get<std::uint64_t>());
  }

  void take_tensor(const Entry& entry) {
    const auto bytes = data_.substr(entry.begin, entry.end - entry.begin);
    NamedTensor tensor{entry.name, entry.extents, {}};
    if (entry.type == "F32")
      tensor.values = values_from<float>(bytes);
    else
      tensor.values = values_from<double>(bytes);
    result_.tensors.push_back(std::move(tensor));
  }

  std::string_view file_, data_;
  std::vector<Entry> entries_;
  Safetensors result_;
};

}  // namespace detail

GLORO_INLINE Safetensors read_safetensors(const std::filesystem::path& path) {
  std::ifstream in = open_to_read(path);
  const std::uintmax_t size = size_of_file(path);
  return within_memory(path, [&] {
    try {
      std::string bytes(static_cast<std::size_t>(size), '\0');
      if (!in.read(bytes.data(), static_cast<std::streamsize>(size))) throw Error("cannot be read");
      return detail::SafetensorsReader(bytes).read();
    } catch (const Error& error) {
      throw FileError(message(path.string(), ": ", error.what()));
    }
  });
}

GLORO_INLINE void write_safetensors(OutputFile file, const Safetensors& content) {
  Json header = Json::object();
  if (!content.metadata.empty()) header["__metadata__"] = content.metadata;
  std::string data;
  for (const NamedTensor& tensor : content.tensors) {
    if (tensor.name == "__metadata__" || header.contains(tensor.name))
      throw ArgumentError(message("two tensors, or metadata, are called '", tensor.name, "'"));
    const std::size_t begin = data.size();
    std::visit(
        [&](const auto& values) {
          if (static_cast<std::size_t>(detail::value_count(tensor.extents)) != values.size())
            throw ArgumentError(message("tensor '", tensor.name, "' has ", values.size(),
                                        " values, which is not what its extents say"));
          detail::append_values(data, values);
        },
        tensor.values);
    header[tensor.name] = {{"dtype", tensor.values.index() == 0 ? "F32" : "F64"},
                           {"shape", tensor.extents},
                           {"data_offsets", {begin, data.size()}}};
  }
  std::string text = print_json(header);
  text.append((8 - text.size() % 8) % 8, ' ');  // the data begin at a multiple of eight bytes
  std::string start;
  for (const std::uint8_t byte : detail::little_endian(std::uint64_t{text.size()}))
    start.push_back(static_cast<char>(byte));

  for (const std::string& part : {start, text, data}) file.write(part.data(), part.size());
  file.commit();
}

}  // namespace gloro
