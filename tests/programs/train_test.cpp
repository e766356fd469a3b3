// The program `train`, and what `certify` makes of its file.
#include "programs/run.hpp"

#include <algorithm>

using programs::Folder;

TEST_CASE("A trained network is saved and certified") {
  const Folder folder;
  programs::train_small_model(folder);
  const auto certified =
      folder.run("gloro certify model.st --dataset mnist --data small --csv radii.csv");
  CHECK(certified.code == 0);
  const std::string rows = programs::read(folder / "radii.csv");
  CHECK(std::count(rows.begin(), rows.end(), '\n') == 51);
}
