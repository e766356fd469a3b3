// Writes a data set as image files, which train, certify and attack map and do not read, so that it may be
// larger than memory: --dataset mapped.
//   prepare_data data/mine --images pictures/train --test_images pictures/test
//   train --dataset mapped --data data/mine ...
#include <gloro/core/error.hpp>
#include <gloro/core/input_file.hpp>
#include <gloro/core/output_file.hpp>
#include <gloro/core/terminal.hpp>
#include <gloro/data/image_file.hpp>
#include <gloro/data/picture_folder.hpp>

#include "command_line.hpp"
#include "image_options.hpp"
#include "interruption.hpp"

#include <filesystem>
#include <iostream>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace {

using namespace gloro;

struct Stopped {};  // by a signal

/// Shows how many pictures are done, and stops where a signal came.
class Progress {
 public:
  explicit Progress(Index all) : all_(all) {}

  void operator()(Index done) {
    if (Interruption::signal() != 0) throw Stopped();
    if (done % 100 == 0 || done == all_)
      status_.show({{message("decoded ", done, " of ", all_), 0}}, static_cast<double>(done),
                   static_cast<double>(all_));
    if (done == all_) status_.clear();
  }

 private:
  Index all_;
  StatusLine status_{std::cerr, [] { return terminal_columns(2); }};
};

void write_class_names(const std::filesystem::path& path, const std::vector<std::string>& names) {
  if (names.empty()) {
    std::error_code ignored;
    std::filesystem::remove(path, ignored);  // of what was here before
    return;
  }
  OutputFile file(path);
  for (const std::string& name : names) file.write(name + '\n');
  file.commit();
}

/// Pictures go from file to file, one in memory at a time; anything else through memory.
void prepare(const ImageOptions& o, const std::filesystem::path& to) {
  std::error_code problem;
  std::filesystem::create_directories(to, problem);
  if (problem) throw FileError(message(to.string(), ": cannot be made (", problem.message(), ")"));
  OutputFile train_file(to / "train.images"), test_file(to / "test.images");
  const auto is_pictures = [](const std::string& path) {
    return std::filesystem::is_directory(path) &&
           !is_there(std::filesystem::path(path) / "train.images");
  };
  if (o.are_own() && is_pictures(o.images) && is_pictures(o.test_images)) {
    const data::PictureFolder train(o.images), test(o.test_images, train.class_names());
    if (test.shape() != train.shape())
      throw FileError(message(o.test_images, ": pictures of ", test.shape(), ", those of ",
                              o.images, " are of ", train.shape()));
    data::write_images(std::move(test_file), test,
                       Progress(static_cast<Index>(test.images().size())));
    data::write_images(std::move(train_file), train,
                       Progress(static_cast<Index>(train.images().size())));
    return write_class_names(to / "classes.txt", train.class_names());
  }
  const auto [train, test] = o.split();
  data::write_images(std::move(test_file), test);
  data::write_images(std::move(train_file), train);
  write_class_names(to / "classes.txt", train.class_names());
}

}  // namespace

int main(int argc, char** argv) {
  ImageOptions o;
  std::string to;
  command_line::Program program("prepare_data",
                                "Writes a data set as image files for train, certify and attack, "
                                "each with --dataset mapped --data FOLDER.");
  program.add("folder", to, "folder for train.images, test.images and classes.txt")->required();
  image_options::add_split(program, o);
  return program.run(argc, argv, [&] {
    image_options::check_split(o, "");
    try {
      const Interruption interruption;
      prepare(o, to);
    } catch (const Stopped&) {
      std::cerr << "\nprepare_data: stopped, and no file is left half done\n";
      return 128 + Interruption::signal();
    }
    const auto [train, test] = data::mapped_split(to);
    std::cout << to << ": " << train.size() << " images to train on, " << test.size()
              << " to test, " << train.shape() << ", " << train.classes() << " classes\n";
    return 0;
  });
}
