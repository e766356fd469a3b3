#include "commands.hpp"

int run_commands(const std::string& name, int argc, char** argv,
                 const gloro::Catalogue& catalogue) {
  command_line::Program program(name,
                                "Trains globally-robust networks and certifies their answers.");
  add_train(program, catalogue);
  add_certify(program, catalogue);
  add_attack(program, catalogue);
  add_report(program, catalogue);
  add_export(program, catalogue);
  add_data(program);
  add_completion(program);
  add_version(program);
  return program.run(argc, argv);
}
