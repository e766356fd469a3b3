// Attacks a saved model and prints the paper's columns: clean accuracy, accuracy under PGD, and
// verified-robust accuracy (VRA) by sound certificates; with --tightness, how far its Lipschitz
// bounds lie above what is found from below; with --radii, certified radii against nearest
// adversarials.
//   attack model.safetensors --dataset mnist --epsilon 0.3 --steps 50 --restarts 3
#include "attack.hpp"

int main(int argc, char** argv) { return attack(argc, argv, gloro::Catalogue::ours()); }
