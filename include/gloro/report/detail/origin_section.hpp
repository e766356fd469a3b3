// Where a report came from: the command, the version, the model, the data.
#pragma once

#include <string>

#include "gloro/report/detail/page.hpp"
#include "gloro/report/detail/text.hpp"

namespace gloro::report {

[[nodiscard]] inline std::string origin_section(const Page& page) {
  if (page.input.origin.empty()) return "";
  std::string out = "<section id=\"origin\">\n<h2>Where it came from</h2>\n<dl class=\"origin\">\n";
  for (const auto& [name, what] : page.input.origin)
    out += joined("<dt>", escaped(name), "</dt><dd>", escaped(what), "</dd>\n");
  return out + "</dl>\n</section>\n";
}

}  // namespace gloro::report
