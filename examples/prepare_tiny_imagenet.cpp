// Decodes Tiny-ImageNet's archive, once it is unpacked, into the files that training maps.
//   prepare_tiny_imagenet tiny-imagenet-200 data/tiny-imagenet
//   train --dataset mapped --data data/tiny-imagenet --architecture 8C2F --epsilon 0.1411764706 ...
#include <gloro/data/tiny_imagenet.hpp>

#include <CLI/CLI.hpp>

#include <iostream>
#include <string>

int main(int argc, char** argv) try {
  std::string archive, to = "data/tiny-imagenet";
  CLI::App app("Decodes Tiny-ImageNet into image files for train, certify and attack, each with "
               "--dataset mapped.");
  app.add_option("archive", archive, "the folder that tiny-imagenet-200.zip makes")->required();
  app.add_option("to", to, "folder for train.images, test.images and classes.txt")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  gloro::data::write_tiny_imagenet(archive, to, [](gloro::Index done, gloro::Index all) {
    if (done % 1000 == 0 || done == all)
      std::cerr << "\rdecoded " << done << " of " << all << (done == all ? "\n" : "") << std::flush;
  });
  const auto [train, test] = gloro::data::mapped_split(to);
  std::cout << to << ": " << train.size() << " images to train on, " << test.size() << " to test, "
            << train.shape() << ", " << train.classes() << " classes\n";
  return 0;
} catch (const std::exception& error) {
  std::cerr << "prepare_tiny_imagenet: " << error.what() << '\n';
  return 1;
}
