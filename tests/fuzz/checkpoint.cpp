// Fuzzes training checkpoints against a run of three parts. The input: a byte whose bits say float
// or double (1) and whether a right checksum is to be added (2), then the file.
#include <gloro/train/checkpoint.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include "fuzzed_file.hpp"

namespace {

using namespace gloro;

const std::string fingerprint = "run";
constexpr std::array<std::size_t, 3> sizes{3, 0, 2};

/// The checksum as the reader takes it, piece by piece.
template <typename Scalar>
std::string with_checksum(std::string_view body) {
  Checksum sum;
  std::string_view rest = body;
  const auto add = [&](std::size_t bytes) {
    const auto piece = fuzz::take(rest, bytes);
    sum.add(piece.data(), piece.size());
  };
  for (const std::size_t bytes : {detail::checkpoint_magic.size(), std::size_t{8},
                                  fingerprint.size(), std::size_t{32}})
    add(bytes);
  for (const std::size_t count : sizes) {
    add(8);
    add(count * sizeof(Scalar));
  }
  const std::uint64_t value = sum.value();
  return std::string(body) + std::string(reinterpret_cast<const char*>(&value), sizeof value);
}

template <typename Scalar>
void read(std::string_view body, bool add_checksum) {
  const fuzz::FuzzedFile file(add_checksum ? with_checksum<Scalar>(body) : std::string(body));
  constexpr Scalar untouched = -7;
  std::vector<Scalar> values(5, untouched);
  const std::vector<std::span<Scalar>> parts{std::span(values).first(sizes[0]),
                                             std::span(values).subspan(sizes[0], 0),
                                             std::span(values).last(sizes[2])};
  try {
    const RunPosition position = read_checkpoint(file.path(), fingerprint, parts);
    fuzz::require(position.epochs >= 0 && position.steps >= 0, "a position is not negative");
  } catch (const Error&) {
    for (const Scalar value : values)
      fuzz::require(value == untouched, "a file that is refused leaves the run as it is");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input = fuzz::as_text(data, size);
  const unsigned kind = fuzz::take_byte(input);
  if (kind & 1)
    read<double>(input, kind & 2);
  else
    read<float>(input, kind & 2);
  return 0;
}
