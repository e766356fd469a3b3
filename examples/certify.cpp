// Certifies images with a saved network: what is proved about each, and in sum.
//   certify model.safetensors --dataset mnist --data data/mnist --epsilon 0.1 0.3 --csv radii.csv
//   certify model.safetensors --images mine.npy --labels labels.npy --report mine.html
//   certify model.safetensors --dataset cifar-10 --top-k 3, or --affinity sets.json
// Exit codes: 0 done, 1 a file or a model that cannot be used, 2 a wrong command line.
#include "certify.hpp"

int main(int argc, char** argv) { return certify(argc, argv, gloro::Catalogue::ours()); }
