// gloro version: what this program was built with, and which kernels it runs here.
#include <gloro/kernels/level.hpp>
#include <gloro/version.hpp>

#include <iostream>
#include <string>
#include <vector>

#include "commands.hpp"
#include "json_output.hpp"

namespace {

std::vector<std::string> components() {
  std::vector<std::string> all{"io"};
#ifdef GLORO_WITH_ZLIB
  all.emplace_back("zlib");
#endif
#ifdef GLORO_WITH_JPEG
  all.emplace_back("jpeg");
#endif
#ifdef GLORO_WITH_PNG
  all.emplace_back("png");
#endif
#ifdef GLORO_WITH_ONNX
  all.emplace_back("onnx");
#endif
#ifdef GLORO_WITH_MPI
  all.emplace_back("mpi");
#endif
  return all;
}

}  // namespace

void add_version(command_line::Program& program) {
  auto& command = program.command("version", "Tells the version, and what it was built with.");
  const auto json = std::make_shared<std::string>();
  command.add("--json", *json, "file to write it to", command_line::File{});
  command.does([json](const command_line::Arguments&) {
    Output file = output(*json);
    std::ostream& people = ::people({&file});
    std::string with;
    for (const std::string& component : components()) with += ' ' + component;
    people << "gloro " GLORO_VERSION "\ncomponents:" << with
           << "\nkernels: " << gloro::kernels::level() << '\n';
    write_json(file, {{"version", GLORO_VERSION},
                      {"components", components()},
                      {"kernels", gloro::kernels::level()}});
    return 0;
  });
}
