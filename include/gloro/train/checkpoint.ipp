// The bodies of checkpoint.hpp.
#pragma once

#include "gloro/train/checkpoint.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "gloro/core/compiled.hpp"
#include "gloro/core/detail/checksum.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/input_file.hpp"
#include "gloro/core/output_file.hpp"

namespace gloro {

namespace detail {

inline constexpr std::string_view checkpoint_magic = "gloro-run-2\n";

/// Writes values one after the other, and sums them up.
class CheckpointWriter {
 public:
  explicit CheckpointWriter(OutputFile file) : file_(std::move(file)) {}
  void put(const void* data, std::size_t bytes) {
    file_.write(data, bytes);
    hash_.add(data, bytes);
  }
  template <typename Value>
  void put(const Value& value) {
    static_assert(std::is_trivially_copyable_v<Value> && sizeof(Value) % 8 == 0);
    put(&value, sizeof value);
  }
  void put_size(std::size_t size) { put(std::uint64_t{size}); }
  template <typename List>
  void put_list(const List& list) {
    put_size(list.size());
    put(list.data(), list.size() * sizeof(*list.data()));
  }
  void finish() {
    put(hash_.value());
    file_.commit();
  }

 private:
  OutputFile file_;
  Checksum hash_;
};

/// Reads them back. Throws FileError where the file is at its end.
class CheckpointReader {
 public:
  explicit CheckpointReader(const std::filesystem::path& path)
      : path_(path), in_(open_to_read(path)) {}

  template <typename... Parts>
  [[noreturn]] void refuse(const Parts&... what) const {
    throw FileError(message(path_.string(), ": ", what...));
  }
  void get(void* data, std::size_t bytes) {
    if (!in_.read(static_cast<char*>(data), static_cast<std::streamsize>(bytes)))
      refuse("ends too early for a checkpoint of this run");
    hash_.add(data, bytes);
  }
  template <typename Value>
  [[nodiscard]] Value get() {
    Value value{};
    get(&value, sizeof value);
    return value;
  }
  /// Of at most `most` bytes: a damaged length must not ask for its weight in memory.
  [[nodiscard]] std::size_t get_size(std::size_t most) {
    const auto size = get<std::uint64_t>();
    if (size > most) refuse("is damaged");
    return static_cast<std::size_t>(size);
  }
  template <typename List>
  [[nodiscard]] List get_list(std::size_t most) {
    List list;
    list.resize(get_size(most));
    get(list.data(), list.size() * sizeof(*list.data()));
    return list;
  }
  void finish() {
    const std::uint64_t expected = hash_.value();
    if (get<std::uint64_t>() != expected) refuse("is damaged: its checksum does not fit");
    if (in_.peek() != std::ifstream::traits_type::eof())
      refuse("is damaged: something follows its end");
  }

 private:
  std::filesystem::path path_;
  std::ifstream in_;
  Checksum hash_;
};

}  // namespace detail

template <typename Scalar>
void write_checkpoint(OutputFile file, const std::vector<Statement>& identity,
                      const RunPosition& position, const std::vector<EpochReport>& reports,
                      const std::vector<std::span<Scalar>>& parts) {
  detail::CheckpointWriter to(std::move(file));
  to.put(detail::checkpoint_magic.data(), detail::checkpoint_magic.size());
  to.put_size(identity.size());
  for (const auto& [what, value] : identity) {
    to.put_list(what);
    to.put_list(value);
  }
  to.put(position);
  to.put_size(reports.size());
  for (const auto& [last, test, seconds, seconds_left, lipschitz] : reports) {
    to.put(last);
    to.put(test);
    to.put(seconds);
    to.put(seconds_left);
    to.put_list(lipschitz);
  }
  to.put_size(sizeof(Scalar));
  to.put_size(parts.size());
  for (const auto& part : parts) to.put_list(part);
  to.finish();
}

namespace detail {

inline constexpr std::size_t longest_list = 1 << 16;  // of what is no weight
/// Of a statement: layers name all their numbers.
inline constexpr std::size_t longest_text = 1 << 24;

[[nodiscard]] inline std::vector<Statement> read_identity(CheckpointReader& from) {
  std::string magic(checkpoint_magic.size(), '\0');
  from.get(magic.data(), magic.size());
  if (magic == "gloro-run-1\n")
    from.refuse(
        "is the state of a run in format 1, which does not say what it is of: this version "
        "goes on from format 2 only, and that run must begin anew");
  if (magic != checkpoint_magic) from.refuse("is no checkpoint of a gloro training run");
  std::vector<Statement> found(from.get_size(longest_list));
  for (auto& [what, value] : found) {
    what = from.get_list<std::string>(longest_list);
    value = from.get_list<std::string>(longest_text);
  }
  return found;
}

}  // namespace detail

GLORO_INLINE std::vector<Statement> checkpoint_identity(const std::filesystem::path& path) {
  detail::CheckpointReader from(path);
  return detail::read_identity(from);
}

template <typename Scalar>
RunPosition read_checkpoint(const std::filesystem::path& path,
                            const std::vector<Statement>& identity, Index most_epochs,
                            std::vector<EpochReport>& reports,
                            const std::vector<std::span<Scalar>>& parts) {
  detail::CheckpointReader from(path);
  const std::vector<Statement> found = detail::read_identity(from);
  if (const std::string difference = first_difference(found, identity); !difference.empty())
    from.refuse("is of another run: ", difference);
  const auto position = from.get<RunPosition>();
  if (position.epochs < 0 || position.steps < 0 || position.current.step < 0)
    from.refuse("is damaged");
  std::vector<EpochReport> history;
  for (std::size_t count = from.get_size(std::size_t{1} << 40); count > 0; --count) {
    auto& [last, test, seconds, seconds_left, lipschitz] = history.emplace_back();
    last = from.get<StepReport>();
    test = from.get<Metrics>();
    seconds = from.get<double>();
    seconds_left = from.get<double>();
    lipschitz = from.get_list<std::vector<double>>(detail::longest_list);
  }
  if (history.size() != static_cast<std::size_t>(position.epochs)) from.refuse("is damaged");
  if (from.get_size(detail::longest_list) != sizeof(Scalar))
    from.refuse("is of a run in another precision");
  const auto check_size = [&](std::size_t expected) {
    if (from.get<std::uint64_t>() != expected) from.refuse("is of another network or optimizer");
  };
  check_size(parts.size());
  std::vector<std::vector<Scalar>> values;
  for (const auto& part : parts) {
    check_size(part.size());
    from.get(values.emplace_back(part.size()).data(), part.size_bytes());
  }
  from.finish();
  if (position.epochs > most_epochs)
    throw ArgumentError(message(path.string(), ": is of a run after ", position.epochs,
                                " epochs, more than the ", most_epochs, " asked for"));
  for (std::size_t i = 0; i < parts.size(); ++i)
    std::copy(values[i].begin(), values[i].end(), parts[i].begin());
  reports = std::move(history);
  return position;
}

#ifdef GLORO_COMPILING
template void write_checkpoint<float>(OutputFile, const std::vector<Statement>&, const RunPosition&,
                                      const std::vector<EpochReport>&,
                                      const std::vector<std::span<float>>&);
template void write_checkpoint<double>(OutputFile, const std::vector<Statement>&,
                                       const RunPosition&, const std::vector<EpochReport>&,
                                       const std::vector<std::span<double>>&);
template RunPosition read_checkpoint<float>(const std::filesystem::path&,
                                            const std::vector<Statement>&, Index,
                                            std::vector<EpochReport>&,
                                            const std::vector<std::span<float>>&);
template RunPosition read_checkpoint<double>(const std::filesystem::path&,
                                             const std::vector<Statement>&, Index,
                                             std::vector<EpochReport>&,
                                             const std::vector<std::span<double>>&);
#endif

}  // namespace gloro
