// Fuzzes model files: a safetensors file as it is, or, behind a first line "network", one put
// together here, so that the fuzzer can change the network and the tensors still lie where the
// header says. Its lines: input shape, layers, epsilon, then for each tensor its name, extents and,
// if wanted, a factor for its values. A small model that loads is evaluated and certified.
#include <gloro/core/error.hpp>
#include <gloro/io/json.hpp>
#include <gloro/io/model_file.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "fuzzed_file.hpp"
#include "use_network.hpp"

namespace {

using namespace gloro;

constexpr std::size_t most_weights = 4096;

std::string quoted(std::string_view text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// As many values as the numbers in `extents` multiply to, but never too many to hold.
std::size_t count_of(std::string_view extents) {
  std::size_t count = 1, number = 0;
  bool in_number = false;
  for (const char c : extents) {
    const bool digit = c >= '0' && c <= '9';
    if (digit) number = std::min(10 * number + static_cast<std::size_t>(c - '0'), most_weights);
    if (!digit && in_number) count = std::min(count * number, most_weights);
    if (!digit) number = 0;
    in_number = digit;
  }
  return count;
}

void append_little_endian(std::string& bytes, std::uint64_t word, int count) {
  for (int byte = 0; byte < count; ++byte) bytes.push_back(static_cast<char>(word >> 8 * byte));
}

std::string safetensors_of(std::string_view lines) {
  std::string header = R"({"__metadata__":{"format":"gloro","version":"1","input_shape":)";
  header += quoted(fuzz::take_until(lines, '\n'));
  header += R"(,"layers":)" + quoted(fuzz::take_until(lines, '\n'));
  header += R"(,"epsilon":)" + quoted(fuzz::take_until(lines, '\n')) + "}";
  std::string data;
  while (!lines.empty() && data.size() < 4 * most_weights) {
    std::string_view line = fuzz::take_until(lines, '\n');
    const auto name = fuzz::take_until(line, ' ');
    const auto extents = fuzz::take_until(line, ' ');
    const float factor = line.empty() ? 1 : std::strtof(std::string(line).c_str(), nullptr);
    const std::size_t begin = data.size();
    for (std::size_t i = 0; i < count_of(extents); ++i) {
      const auto value = factor * static_cast<float>(static_cast<int>(37 * i % 17) - 8) / 8;
      append_little_endian(data, std::bit_cast<std::uint32_t>(value), 4);
    }
    header += "," + quoted(name) + R"(:{"dtype":"F32","shape":)" + std::string(extents) +
              R"(,"data_offsets":[)" + std::to_string(begin) + "," + std::to_string(data.size()) +
              "]}";
  }
  header += "}";
  std::string file;
  append_little_endian(file, header.size(), 8);
  return file + header + data;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::string_view mark = "network\n";
  std::string_view input = fuzz::as_text(data, size);
  const bool in_lines = input.starts_with(mark);
  if (in_lines) input.remove_prefix(mark.size());
  const fuzz::FuzzedFile file(in_lines ? safetensors_of(input) : std::string(input));
  try {
    fuzz::use(load_model<float>(file.path(), {.most_memory = fuzz::most_memory}).model);
  } catch (const Error&) {
  }
  return 0;
}
