// What the claims are about: the weights of a safetensors file, each an integer and a power of two, and
// the images of IDX and CIFAR-10 files, each pixel likewise.
#pragma once

#include "numbers.hpp"
#include "reading.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace check {

/// The number that an IEEE 754 pattern stands for: `fraction` bits after the point of its significand.
inline Dyadic dyadic_of(std::uint64_t pattern, int fraction, int exponent_bits) {
  const auto most = (1L << exponent_bits) - 1;
  const auto exponent = static_cast<long>(pattern >> fraction) & most;
  auto m = static_cast<int64_t>(pattern & ((std::uint64_t{1} << fraction) - 1));
  expect(exponent < most, "a weight that is infinite or not a number");
  if (exponent > 0) m |= int64_t{1} << fraction;
  const bool is_negative = ((pattern >> (fraction + exponent_bits)) & 1U) != 0;
  return {is_negative ? -m : m, std::max(exponent, 1L) - most / 2 - fraction};
}

/// The tensors and the texts of a safetensors file.
struct Model {
  std::map<std::string, std::vector<int64_t>> extents;
  std::map<std::string, std::vector<Dyadic>> values;
  Json metadata;

  Model(Json says, std::map<std::string, std::vector<Dyadic>> tensors)
      : values(std::move(tensors)), metadata(std::move(says)) {}

  explicit Model(const Bytes& file) {
    const auto little = [&](size_t at, size_t bytes) {
      std::uint64_t n = 0;
      for (size_t i = 0; i < bytes; ++i) n |= std::uint64_t{file[at + i]} << (8 * i);
      return n;
    };
    expect(file.size() >= 8 && little(0, 8) <= file.size() - 8, "the model is no safetensors file");
    const size_t data = 8 + little(0, 8);
    const Json header =
        JsonReader::read({file.begin() + 8, file.begin() + static_cast<long>(data)});
    std::set<std::string> types;
    for (const auto& [name, entry] : header.as(Json::object, "the header").fields) {
      if (name == "__metadata__") {
        metadata = entry.as(Json::object, name);
        continue;
      }
      if (name.starts_with("test.")) continue;  // answers of the program that wrote the file
      const std::string type = entry["dtype"].as(Json::text, "a dtype").string;
      expect(
          types.insert(type).second ? types.size() == 1 && (type == "F32" || type == "F64") : true,
          "weights other than F32 alone or F64 alone");
      const size_t bytes = type == "F32" ? 4 : 8;
      size_t count = 1;
      for (const Json& extent : entry["shape"].as(Json::list, "a shape").items) {
        expect(extent.kind == Json::whole && extent.number >= 0 && extent.number < (1 << 24) &&
                   (count *= static_cast<size_t>(extent.number)) < (1U << 30U),
               name + ": a shape that is no shape");
        extents[name].push_back(extent.number);
      }
      const auto& place = entry["data_offsets"].as(Json::list, "data_offsets").items;
      expect(place.size() == 2 && place[0].number >= 0 && place[0].number <= place[1].number &&
                 static_cast<size_t>(place[1].number) <= file.size() - data &&
                 static_cast<size_t>(place[1].number - place[0].number) == count * bytes,
             name + ": its place in the file is wrong");
      for (size_t i = 0; i < count; ++i) {
        const auto pattern = little(data + static_cast<size_t>(place[0].number) + i * bytes, bytes);
        values[name].push_back(bytes == 4 ? dyadic_of(pattern, 23, 8) : dyadic_of(pattern, 52, 11));
      }
    }
  }
};

/// Images of bytes, pixel by pixel, channels fastest.
struct Images {
  size_t height = 0, width = 0, channels = 0, count = 0;
  Bytes bytes;

  /// An IDX file of three extents (MNIST), or else CIFAR-10's: a label, then a plane for each of red, green, blue.
  explicit Images(const Bytes& file) {
    if (file.size() >= 16 && file[0] == 0 && file[1] == 0 && file[2] == 8 && file[3] == 3) {
      const auto big = [&](size_t at) {
        return size_t{file[at]} << 24U | size_t{file[at + 1]} << 16U | size_t{file[at + 2]} << 8U |
               file[at + 3];
      };
      count = big(4), height = big(8), width = big(12), channels = 1;
      bytes.assign(file.begin() + 16, file.end());
      expect(height < 4096 && width < 4096 && bytes.size() == count * height * width,
             "the images are not as many as their file says");
      return;
    }
    expect(!file.empty() && file.size() % 3073 == 0,
           "the images are neither an IDX nor a CIFAR-10 file");
    count = file.size() / 3073, height = width = 32, channels = 3;
    for (size_t n = 0; n < count; ++n)
      for (size_t pixel = 0; pixel < 1024; ++pixel)
        for (size_t c = 0; c < 3; ++c) bytes.push_back(file[3073 * n + 1 + 1024 * c + pixel]);
  }

  [[nodiscard]] size_t size() const { return height * width * channels; }
};

/// A byte stands for the float32 nearest to byte / 255: its significand of 24 bits and its exponent. No byte
/// lies half way between two floats, for 255 is odd.
inline Dyadic pixel_of(unsigned byte) {
  if (byte == 0) return {};
  long shift = 0;
  while ((static_cast<int64_t>(byte) << shift) < (int64_t{255} << 23U)) ++shift;
  const int64_t m = ((static_cast<int64_t>(byte) << (shift + 1)) + 255) / (2 * 255);
  return {m, -shift};
}

/// SHA-256 of the image's pixels as float32, little-endian.
inline std::string image_sha256(const unsigned char* image, size_t size) {
  Bytes floats;
  for (size_t i = 0; i < size; ++i) {
    const Dyadic pixel = pixel_of(image[i]);
    const auto pattern = pixel.m == 0 ? 0
                                      : static_cast<std::uint32_t>(pixel.m & 0x7FFFFF) |
                                            static_cast<std::uint32_t>(pixel.e + 150) << 23U;
    for (unsigned shift = 0; shift < 32; shift += 8)
      floats.push_back(static_cast<unsigned char>(pattern >> shift));
  }
  return sha256(std::move(floats));
}

}  // namespace check
