// The program `gloro`: from images to a certified network and its report.
//   gloro train --dataset mnist --epsilon 0.3 --save model.safetensors
//   gloro certify model.safetensors --dataset mnist --epsilon 0.1 0.3
//   gloro COMMAND --help
#include "commands.hpp"

int main(int argc, char** argv) {
  return run_commands("gloro", argc, argv, gloro::Catalogue::ours());
}
