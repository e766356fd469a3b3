// What a command did, as JSON for other programs.
#pragma once

#include <gloro/core/output_file.hpp>
#include <gloro/io/json.hpp>

#include <nlohmann/json.hpp>

#include "outputs.hpp"

/// Writes it where the command line asked for it.
inline void write_json(Output& output, const gloro::OrderedJson& what) {
  if (!output) return;
  output->write(what.dump(2, ' ', false, gloro::OrderedJson::error_handler_t::replace) + "\n");
  output->commit();
}
