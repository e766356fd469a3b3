// A second opinion on the evidence that `gloro certify --evidence` writes, by a program that shares nothing with
// it: no header of the library, no Eigen, no floating-point arithmetic (docs/evidence.md).
//   gloro-check model.safetensors evidence.json data/mnist/t10k-images-idx3-ubyte
//   gloro-check model.safetensors evidence.json data/cifar-10/test_batch.bin
// Exit codes: 0 every claim holds, 1 one does not, 2 this program cannot tell, or was not told what to read.
#include "checking.hpp"

#include <iostream>

int main(int argc, char** argv) {
  if (argc == 4) return check::check_evidence(argv[1], argv[2], argv[3], std::cout);
  std::cerr << "usage: gloro-check MODEL.safetensors EVIDENCE.json IMAGES\n";
  return check::cannot_tell;
}
