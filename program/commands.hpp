// The commands of `gloro`, for the library's layers or, by a catalogue, a program's own:
//   int main(int argc, char** argv) { return run_commands("mine", argc, argv, catalogue); }
// Each stands in a file of its name, which adds it to a program.
#pragma once

#include <gloro/layers/catalogue.hpp>

#include <string>

#include "command_line.hpp"

void add_train(command_line::Program& program, const gloro::Catalogue& catalogue);
void add_certify(command_line::Program& program, const gloro::Catalogue& catalogue);
void add_attack(command_line::Program& program, const gloro::Catalogue& catalogue);
void add_report(command_line::Program& program, const gloro::Catalogue& catalogue);
void add_export(command_line::Program& program, const gloro::Catalogue& catalogue);
void add_data(command_line::Program& program);
void add_completion(command_line::Program& program);
void add_version(command_line::Program& program);

/// All of them, as the program `name`; returns its exit code.
int run_commands(const std::string& name, int argc, char** argv, const gloro::Catalogue& catalogue);
