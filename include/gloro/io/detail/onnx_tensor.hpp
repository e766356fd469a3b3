// OnnxTensor: a constant of an ONNX file, its numbers in double, each claim about its size checked
// against the bytes that are there before anything is taken for it.
#pragma once

#include <onnx/onnx_pb.h>

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gloro/core/detail/endian.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/input_file.hpp"
#include "gloro/core/number.hpp"
#include "gloro/core/shape.hpp"

namespace gloro::detail {

/// More than any network has; a file that claims them is damaged.
inline constexpr std::size_t most_axes = 16;

struct OnnxTensor {
  std::vector<Index> extents;
  std::vector<double> values;  ///< row by row; NaN among integers: the batch, which is free
  bool is_integer = false;
  bool is_double = false;  ///< its numbers were not floats in the file

  /// Throws ShapeError where the extents do not multiply to a size.
  [[nodiscard]] static Index size_of(const std::vector<Index>& extents) {
    Index size = 1;
    for (const Index extent : extents) size = checked_product(size, extent);
    return size;
  }
};

/// Reads a tensor of the file; throws Error that says what is wrong.
class OnnxTensorReader {
 public:
  /// `folder`: where values lie that the file keeps in others.
  explicit OnnxTensorReader(std::filesystem::path folder) : folder_(std::move(folder)) {}

  [[nodiscard]] OnnxTensor operator()(const onnx::TensorProto& proto) const {
    if (static_cast<std::size_t>(proto.dims_size()) > most_axes)
      throw Error(message("it has ", proto.dims_size(), " axes, expected at most ", most_axes));
    OnnxTensor tensor;
    for (const std::int64_t extent : proto.dims())
      tensor.extents.push_back(static_cast<Index>(extent));
    const auto size = static_cast<std::size_t>(OnnxTensor::size_of(tensor.extents));
    if (proto.has_segment()) throw Error("it is in segments, which no program writes");
    switch (proto.data_type()) {
      case onnx::TensorProto::FLOAT:
        fill<std::uint32_t>(tensor, proto, proto.float_data(), size, as_float);
        break;
      case onnx::TensorProto::DOUBLE:
        tensor.is_double = true;
        fill<std::uint64_t>(tensor, proto, proto.double_data(), size, as_double);
        break;
      case onnx::TensorProto::INT64:
        tensor.is_integer = true;
        fill<std::uint64_t>(tensor, proto, proto.int64_data(), size, as_int64);
        break;
      case onnx::TensorProto::INT32:
        tensor.is_integer = true;
        fill<std::uint32_t>(tensor, proto, proto.int32_data(), size, as_int32);
        break;
      case onnx::TensorProto::BOOL:
        tensor.is_integer = true;
        fill<std::uint8_t>(tensor, proto, proto.int32_data(), size, as_byte);
        break;
      default:
        throw Error(message("its numbers are of ONNX's type ", proto.data_type(),
                            ", expected float (1), int32 (6), int64 (7), bool (9) or double (11)"));
    }
    return tensor;
  }

 private:
  static double as_float(std::uint32_t word) { return double{std::bit_cast<float>(word)}; }
  static double as_double(std::uint64_t word) { return std::bit_cast<double>(word); }
  static double as_int64(std::uint64_t word) {
    return static_cast<double>(std::bit_cast<std::int64_t>(word));
  }
  static double as_int32(std::uint32_t word) { return std::bit_cast<std::int32_t>(word); }
  static double as_byte(std::uint8_t byte) { return byte; }

  /// From the list of numbers, or from bytes, in the file or beside it.
  template <typename Word, typename Numbers>
  void fill(OnnxTensor& tensor, const onnx::TensorProto& proto, const Numbers& numbers,
            std::size_t size, double (*number_of)(Word)) const {
    const bool is_beside = proto.data_location() == onnx::TensorProto::EXTERNAL;
    if (!is_beside && !proto.has_raw_data()) {
      if (static_cast<std::size_t>(numbers.size()) != size)
        throw Error(message("it has ", numbers.size(), " numbers, expected ", size));
      tensor.values.assign(numbers.begin(), numbers.end());
      return;
    }
    const std::string beside = is_beside ? bytes_beside(proto, size, sizeof(Word)) : "";
    const std::string& bytes = is_beside ? beside : proto.raw_data();
    if (bytes.size() % sizeof(Word) != 0 || bytes.size() / sizeof(Word) != size)
      throw Error(
          message("it has ", bytes.size(), " bytes, expected ", size, " times ", sizeof(Word)));
    tensor.values.resize(size);
    for (std::size_t i = 0; i < size; ++i)
      tensor.values[i] = number_of(from_little_endian<Word>(bytes.data() + i * sizeof(Word)));
  }

  /// Of a file in the same folder: its name is no path, so that a graph reads nothing from elsewhere.
  [[nodiscard]] std::string bytes_beside(const onnx::TensorProto& proto, std::size_t size,
                                         std::size_t width) const {
    std::string location;
    std::uint64_t offset = 0, length = 0;
    bool has_length = false;
    for (const auto& entry : proto.external_data()) {
      const auto number = [&] {
        const auto given = to_whole<std::uint64_t>(entry.value());
        if (!given) throw Error(message("its ", entry.key(), " is '", entry.value(), "'"));
        return *given;
      };
      if (entry.key() == "location") location = entry.value();
      if (entry.key() == "offset") offset = number();
      if (entry.key() == "length") length = number(), has_length = true;
    }
    if (location.empty() || location == "." || location == ".." ||
        location.find_first_of(std::string_view("/\\\0", 3)) != std::string::npos)
      throw Error(message("its numbers are said to lie in '", location,
                          "', expected the name of a file in the folder of this one"));
    const std::filesystem::path path = folder_ / location;
    const std::uintmax_t there = size_of_file(path);
    const std::uintmax_t wanted = std::uintmax_t{size} * width;
    if (size > there || (has_length && length != wanted) || offset > there ||
        wanted > there - offset)
      throw Error(message("its ", size, " numbers of ", width, " bytes, from byte ", offset,
                          " on, do not lie in ", path.string(), ", which has ", there, " bytes"));
    std::ifstream in = open_to_read(path);
    std::string bytes(static_cast<std::size_t>(wanted), '\0');
    in.seekg(static_cast<std::streamoff>(offset));
    if (!in.read(bytes.data(), static_cast<std::streamsize>(bytes.size())))
      throw Error(message(path.string(), " cannot be read"));
    return bytes;
  }

  std::filesystem::path folder_;
};

}  // namespace gloro::detail
