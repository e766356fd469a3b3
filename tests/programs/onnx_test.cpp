// Networks in ONNX files on the command line: what was exported is certified and attacked as what it was
// exported from, and a file that cannot be taken ends the program in one line.
#include <string>

#include "run.hpp"

#if defined(GLORO_WITH_ONNX) && GLORO_WITH_ONNX

using programs::Folder;

namespace {

/// From the table of `certify` on: the same for both files, since the weights are.
std::string figures(const std::string& out) {
  const std::size_t begin = out.find("50 images of "), end = out.find("bounds in");
  return begin < end && end < out.size() ? out.substr(begin, end - begin) : "no figures in " + out;
}

}  // namespace

TEST_CASE("An ONNX file is certified and attacked as the model file that it was made of") {
  const Folder folder;
  programs::write_small_data(folder / "data" / "mnist", {.height = 28, .width = 28});
  const std::string model = "'" GLORO_SOURCE "/examples/models/mnist-2C2F.safetensors'";
  REQUIRE(folder.run("gloro export " + model + " m.onnx").code == 0);
  for (const std::string rest : {" --dataset mnist", " --dataset mnist --double"}) {
    const auto before = folder.run("gloro certify " + model + " --epsilon 0.1 0.3 --dataset mnist");
    const auto after = folder.run("gloro certify m.onnx --epsilon 0.1 0.3" + rest);
    REQUIRE(after.code == 0);
    CHECK(after.out.find("logits differ from those of the file's operators in double by at most") !=
          std::string::npos);
    CHECK(figures(after.out) == figures(before.out));
  }
  const std::string options = " --dataset mnist --epsilon 0.3 --steps 2";
  const auto attacked = folder.run("gloro attack m.onnx" + options);
  REQUIRE(attacked.code == 0);
  CHECK(attacked.out.substr(attacked.out.find("result ")) ==
        folder.run("gloro attack " + model + options).out);
}

TEST_CASE("An ONNX file that is damaged or not there is said in one line") {
  const Folder folder;
  programs::write_small_data(folder / "data" / "mnist");
  programs::write(folder / "m.onnx", "no ONNX");
  for (const std::string command :
       {"gloro certify m.onnx --dataset mnist", "gloro attack m.onnx --epsilon 1"}) {
    const auto damaged = folder.run(command);
    CHECK(damaged.code == 1);
    CHECK(damaged.err.find("m.onnx: it is no ONNX file, or a damaged one\n") != std::string::npos);
  }
  const auto missing = folder.run("gloro certify none.onnx --dataset mnist");
  CHECK(missing.code == 1);
  CHECK(missing.err.find("none.onnx") != std::string::npos);
}
#endif
