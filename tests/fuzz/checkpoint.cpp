// Fuzzes training checkpoints against a run of three parts. The input: a byte whose bits say float
// or double (1) and whether a right checksum is to be added (2), then the file.
#include <gloro/core/error.hpp>
#include <gloro/train/checkpoint.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "fuzzed_file.hpp"

namespace {

using namespace gloro;

const std::vector<Statement> identity{{"run", "of"}};
constexpr std::array<std::size_t, 3> sizes{3, 0, 2};

std::string with_checksum(std::string_view body) {
  Checksum sum;
  sum.add(body.data(), body.size());
  const std::uint64_t value = sum.value();
  return std::string(body) + std::string(reinterpret_cast<const char*>(&value), sizeof value);
}

template <typename Scalar>
void read(std::string_view body, bool add_checksum) {
  const fuzz::FuzzedFile file(add_checksum ? with_checksum(body) : std::string(body));
  constexpr Scalar untouched = -7;
  std::vector<Scalar> values(5, untouched);
  const std::vector<std::span<Scalar>> parts{std::span(values).first(sizes[0]),
                                             std::span(values).subspan(sizes[0], 0),
                                             std::span(values).last(sizes[2])};
  std::vector<EpochReport> reports;
  try {
    const RunPosition position = read_checkpoint(file.path(), identity, 1000, reports, parts);
    fuzz::require(position.epochs >= 0 && position.steps >= 0, "a position is not negative");
  } catch (const Error&) {
    fuzz::require(reports.empty(), "a file that is refused leaves the run as it is");
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
