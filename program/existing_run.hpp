// What an earlier run left where a new one would write: hours of work are not replaced without a word.
#pragma once

#include <gloro/core/error.hpp>
#include <gloro/core/input_file.hpp>

#include "command_line.hpp"
#include "outputs.hpp"

#include <filesystem>
#include <initializer_list>
#include <string>

/// A mistake of the command line where one of the files is there and holds something. Streams never do.
inline void require_nothing_there(std::initializer_list<const Output*> outputs) {
  for (const Output* output : outputs) {
    if (!*output || (*output)->is_stream()) continue;
    const std::filesystem::path& path = (*output)->path();
    if (!gloro::is_there(path) || gloro::size_of_file(path) == 0) continue;
    throw command_line::Mistake(
        gloro::message(path.string(),
                       " is there already: --resume goes on with the run of that "
                       "--save, --overwrite begins anew"));
  }
}
