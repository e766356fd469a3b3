// Decodes Tiny-ImageNet's archive, once it is unpacked, into the files that training maps.
//   prepare_tiny_imagenet tiny-imagenet-200 data/tiny-imagenet
//   train --dataset mapped --data data/tiny-imagenet --architecture 8C2F --epsilon 0.1411764706 ...
#include <gloro/core/error.hpp>
#include <gloro/core/terminal.hpp>
#include <gloro/data/image_file.hpp>
#include <gloro/data/tiny_imagenet.hpp>

#include "command_line.hpp"
#include "interruption.hpp"

#include <iostream>
#include <string>

namespace {

struct Stopped {};  // by a signal

}  // namespace

int main(int argc, char** argv) {
  std::string archive, to = "data/tiny-imagenet";
  command_line::Program program(
      "prepare_tiny_imagenet",
      "Decodes Tiny-ImageNet into image files for train, certify and attack, "
      "each with --dataset mapped.");
  program.add("archive", archive, "the folder that tiny-imagenet-200.zip makes")->required();
  program.add("to", to, "folder for train.images, test.images and classes.txt");
  return program.run(argc, argv, [&] {
    gloro::StatusLine status(std::cerr, [] { return gloro::terminal_columns(2); });
    try {
      const Interruption interruption;
      gloro::data::write_tiny_imagenet(archive, to, [&](gloro::Index done, gloro::Index all) {
        if (Interruption::signal() != 0) throw Stopped();
        if (done % 100 == 0 || done == all)
          status.show({{gloro::message("decoded ", done, " of ", all), 0}},
                      static_cast<double>(done), static_cast<double>(all));
      });
      status.clear();
    } catch (const Stopped&) {
      status.clear();
      std::cerr << "prepare_tiny_imagenet: stopped, and no file is left half done\n";
      return 128 + Interruption::signal();
    }
    const auto [train, test] = gloro::data::mapped_split(to);
    std::cout << to << ": " << train.size() << " images to train on, " << test.size()
              << " to test, " << train.shape() << ", " << train.classes() << " classes\n";
    return 0;
  });
}
