// Where a report comes from, in words: the command, when, by which version, of which model, on which data.
#pragma once

#include <gloro/core/detail/checksum.hpp>
#include <gloro/core/error.hpp>
#include <gloro/core/input_file.hpp>
#include <gloro/core/number.hpp>
#include <gloro/data/dataset.hpp>
#include <gloro/version.hpp>

#include "command_line.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The command as a shell would take it again.
[[nodiscard]] inline std::string command_text(const command_line::Command& command,
                                              const command_line::Arguments& arguments) {
  std::string text = command.name();
  for (int i = 2; i < arguments.argc; ++i) {  // the program and the command come before
    std::string word = arguments.argv[i];
    const bool is_plain =
        !word.empty() && word.find_first_of(" \t\n\"'\\$&|;<>()*?[]#~`!{}") == std::string::npos;
    if (!is_plain) {
      for (std::size_t at = 0; (at = word.find('\'', at)) != std::string::npos; at += 4)
        word.replace(at, 1, "'\\''");
      word = '\'' + word + '\'';
    }
    text += ' ' + word;
  }
  return text;
}

[[nodiscard]] inline std::string hexadecimal(std::uint64_t number) {
  std::string text(16, '0');
  for (std::size_t i = text.size(); i-- > 0; number >>= 4)
    text[i] = "0123456789abcdef"[number & 15];
  return text;
}

[[nodiscard]] inline std::string checksum_of_file(const std::string& path) {
  std::ifstream file = gloro::open_to_read(path);
  gloro::Checksum sum;
  std::array<char, 65536> bytes;
  while (file.read(bytes.data(), bytes.size()) || file.gcount() > 0)
    sum.add(bytes.data(), static_cast<std::size_t>(file.gcount()));
  return hexadecimal(sum.value());
}

/// `models`: their files; the first is the report's own.
[[nodiscard]] inline std::vector<std::pair<std::string, std::string>> origin(
    const std::string& command, const std::vector<std::string>& models,
    const gloro::data::Dataset& images) {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  char date[32] = "";
  if (const std::tm* utc = std::gmtime(&now))
    std::strftime(date, sizeof date, "%Y-%m-%d %H:%M UTC", utc);
  std::vector<std::pair<std::string, std::string>> rows{
      {"command", command}, {"date", date}, {"version", "gloro " GLORO_VERSION}};
  for (const std::string& model : models)
    rows.emplace_back("model", model + ", checksum " + checksum_of_file(model));
  const auto range = images.range();
  rows.emplace_back("data", gloro::message(images.size(), " images of ", images.name(),
                                           ", checksum ", hexadecimal(images.checksum())));
  rows.emplace_back("unit", "distances in 2-norm; pixels from " + gloro::number_text(range.least) +
                                " to " + gloro::number_text(range.most));
  return rows;
}
