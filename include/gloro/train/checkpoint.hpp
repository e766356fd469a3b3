// Checkpoint: the exact state of a training run in one file, for the same program on the same kind of
// machine. Models that travel are safetensors files (io/safetensors.hpp); this is the run, not the
// model: weights, singular vectors, the optimizer's state, and which run they belong to.
//
//   "gloro-run-1\n" | fingerprint | epochs | steps | scalar size | parts: count, then each size and values |
//   64-bit checksum of all before it. Integers are 64-bit, in the machine's byte order.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gloro/core/output_file.hpp"
#include "gloro/core/checksum.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/input_file.hpp"
#include "gloro/core/shape.hpp"

namespace gloro {

namespace detail {

inline constexpr std::string_view checkpoint_magic = "gloro-run-1\n";

}  // namespace detail

/// How far a run has come.
struct RunPosition {
  Index epochs = 0;  ///< done
  Index steps = 0;   ///< of the optimizer, in all
};

/// Writes `parts` atomically. `fingerprint` names the run's options.
template <typename Scalar>
void write_checkpoint(const std::filesystem::path& path, const std::string& fingerprint,
                      RunPosition position, const std::vector<std::span<Scalar>>& parts) {
  OutputFile file(path);
  Checksum hash;
  const auto put = [&](const void* data, std::size_t bytes) {
    file.write(data, bytes);
    hash.add(data, bytes);
  };
  const auto put_number = [&](std::uint64_t number) { put(&number, sizeof number); };
  put(detail::checkpoint_magic.data(), detail::checkpoint_magic.size());
  put_number(fingerprint.size());
  put(fingerprint.data(), fingerprint.size());
  put_number(static_cast<std::uint64_t>(position.epochs));
  put_number(static_cast<std::uint64_t>(position.steps));
  put_number(sizeof(Scalar));
  put_number(parts.size());
  for (const auto& part : parts) {
    put_number(part.size());
    put(part.data(), part.size_bytes());
  }
  const std::uint64_t sum = hash.value();
  file.write(&sum, sizeof sum);
  file.commit();
}

/// Reads what write_checkpoint wrote into `parts`, whose sizes must agree.
/// Throws FileError, with `parts` untouched, if the file is damaged or of another run.
template <typename Scalar>
[[nodiscard]] RunPosition read_checkpoint(const std::filesystem::path& path,
                                          const std::string& fingerprint,
                                          const std::vector<std::span<Scalar>>& parts) {
  const auto refuse = [&](const auto&... what) {
    throw FileError(message(path.string(), ": ", what...));
  };
  std::ifstream in = open_to_read(path);
  Checksum hash;
  const auto get = [&](void* data, std::size_t bytes) {
    if (!in.read(static_cast<char*>(data), static_cast<std::streamsize>(bytes)))
      refuse("ends too early for a checkpoint of this run");
    hash.add(data, bytes);
  };
  const auto get_number = [&] {
    std::uint64_t number = 0;
    get(&number, sizeof number);
    return number;
  };
  std::string magic(detail::checkpoint_magic.size(), '\0');
  get(magic.data(), magic.size());
  if (magic != detail::checkpoint_magic) refuse("is no checkpoint of a gloro training run");
  const std::uint64_t length = get_number();
  if (length > 1 << 16) refuse("is damaged");
  std::string found(static_cast<std::size_t>(length), '\0');
  get(found.data(), found.size());
  if (found != fingerprint)
    refuse("is of a run with other options\n  there: ", found, "\n  here:  ", fingerprint);
  RunPosition position;
  position.epochs = static_cast<Index>(get_number());
  position.steps = static_cast<Index>(get_number());
  if (position.epochs < 0 || position.steps < 0) refuse("is damaged");
  if (get_number() != sizeof(Scalar)) refuse("is of a run in another precision");
  if (get_number() != parts.size()) refuse("is of another network or optimizer");
  std::vector<std::vector<Scalar>> values;
  for (const auto& part : parts) {
    if (get_number() != part.size()) refuse("is of another network or optimizer");
    get(values.emplace_back(part.size()).data(), part.size_bytes());
  }
  const std::uint64_t expected = hash.value();
  if (get_number() != expected) refuse("is damaged: its checksum does not fit");
  if (in.peek() != std::ifstream::traits_type::eof())
    refuse("is damaged: something follows its end");
  for (std::size_t i = 0; i < parts.size(); ++i)
    std::copy(values[i].begin(), values[i].end(), parts[i].begin());
  return position;
}

}  // namespace gloro
