// What the programs share about what they write: outputs that are tried before the work begins, and
// that no input may be among, and a stream for people that keeps out of the way of data.
#pragma once

#include <gloro/core/error.hpp>
#include <gloro/core/input_file.hpp>
#include <gloro/core/output_file.hpp>
#include <gloro/data/image_file.hpp>

#include <filesystem>
#include <initializer_list>
#include <iostream>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "command_line.hpp"

/// An output that a command line may name or not. Made, and so tried, before the work begins.
using Output = std::optional<gloro::OutputFile>;

inline Output output(const std::string& path) {
  return path.empty() ? Output() : Output(std::in_place, path);
}

/// Where words for people go: the standard output, unless it takes an output's data.
inline std::ostream& people(std::initializer_list<const Output*> outputs) {
  for (const Output* output : outputs)
    if (*output && (*output)->is_standard_output()) return std::cerr;
  return std::cout;
}

/// The files in `folder` that data::load could read.
inline std::vector<std::filesystem::path> data_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.find("-ubyte") != std::string::npos || name.ends_with(".bin") ||
        name.ends_with(".images") || name == "classes.txt")
      files.push_back(entry.path());
  }
  return files;
}

/// Whether `file` is there and lies in a folder of `folder`: one of its pictures, where it is of pictures.
inline bool is_picture_of(const std::filesystem::path& folder, const std::filesystem::path& file) {
  std::error_code ignored;
  if (folder.empty() || !std::filesystem::is_directory(folder, ignored) ||
      gloro::data::holds_image_files(folder) || !gloro::is_there(file))
    return false;
  const auto inside = std::filesystem::weakly_canonical(file, ignored)
                          .lexically_relative(std::filesystem::weakly_canonical(folder, ignored));
  return inside.has_parent_path() && *inside.begin() != "..";
}

/// It is a mistake of the command line where two outputs are one file, or one is read too.
inline void require_apart(std::initializer_list<const Output*> outputs,
                          std::vector<std::filesystem::path> inputs,
                          const std::filesystem::path& data) {
  std::vector<const gloro::OutputFile*> named;
  for (const Output* output : outputs) {
    if (!*output) continue;
    named.push_back(&**output);
    for (const auto& input : inputs)
      if (is_picture_of(input, (*output)->path()))
        throw command_line::Mistake(
            gloro::message((*output)->path().string(), " is read, as it lies in ", input.string()));
  }
  for (auto& file : data_files(data)) inputs.push_back(std::move(file));
  command_line::checked([&] { gloro::require_apart(named, inputs); });
}
