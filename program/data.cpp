// gloro data: writes a data set as image files, which the other commands map and do not read, so that it may be
// larger than memory: --dataset mapped.
//   gloro data data/mine --images pictures/train --test_images pictures/test
//   gloro data data/tiny-imagenet --tiny-imagenet tiny-imagenet-200
//   gloro train --dataset mapped --data data/mine ...
#include <gloro/core/error.hpp>
#include <gloro/core/input_file.hpp>
#include <gloro/core/output_file.hpp>
#include <gloro/core/terminal.hpp>
#include <gloro/core/utf8.hpp>
#include <gloro/data/image_file.hpp>
#include <gloro/data/picture_folder.hpp>
#include <gloro/io/json.hpp>
#ifdef GLORO_WITH_JPEG
#include <gloro/data/tiny_imagenet.hpp>
#endif

#include "commands.hpp"
#include "image_options.hpp"
#include "interruption.hpp"
#include "json_output.hpp"
#include "outputs.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace {

using namespace gloro;

struct DataCommand {
  ImageOptions images;
  std::string folder, tiny_imagenet, json;
};

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

void prepare_tiny_imagenet(const std::string& archive, const std::filesystem::path& to) {
#ifdef GLORO_WITH_JPEG
  std::optional<Progress> progress;
  data::write_tiny_imagenet(archive, to, [&](Index done, Index all) {
    if (!progress) progress.emplace(all);
    (*progress)(done);
  });
#else
  throw command_line::Mistake(message("this program was built without libjpeg, and cannot write ",
                                      archive, " to ", to.string()));
#endif
}

int prepare(const DataCommand& o, const std::string& name) {
  Output json = output(o.json);
  std::ostream& people = ::people({&json});
  try {
    const Interruption interruption;
    if (o.tiny_imagenet.empty())
      prepare(o.images, o.folder);
    else
      prepare_tiny_imagenet(o.tiny_imagenet, o.folder);
  } catch (const Stopped&) {
    std::cerr << '\n' << name << ": stopped, and no file is left half done\n";
    return 128 + Interruption::signal();
  }
  const auto [train, test] = data::mapped_split(o.folder);
  people << o.folder << ": " << train.size() << " images to train on, " << test.size()
         << " to test, " << train.shape() << ", " << train.classes() << " classes\n";
  OrderedJson summary{
      {"folder", utf8_text(o.folder)},
      {"train", train.size()},
      {"test", test.size()},
      {"shape", {train.shape().height, train.shape().width, train.shape().channels}},
      {"classes", train.classes()}};
  for (const std::string& class_name : train.class_names())
    summary["class_names"].push_back(utf8_text(class_name));
  write_json(json, summary);
  return 0;
}

}  // namespace

void add_data(command_line::Program& program) {
  using namespace command_line;
  Command& command = program.command(
      "data",
      "Writes images of any form as image files, which the other commands map: --dataset mapped "
      "--data FOLDER.");
  const auto o = std::make_shared<DataCommand>();
  command
      .add("folder", o->folder, "folder for train.images, test.images and classes.txt", Folder{})
      ->required();
  image_options::add_split(command, o->images);
  command.add("--tiny-imagenet", o->tiny_imagenet,
              "the folder that tiny-imagenet-200.zip makes, in place of images", Folder{});
  command.add("--json", o->json, "file to write the summary to", File{});
  command.does([o, &command](const Arguments&) {
    ImageOptions& images = o->images;
    if (o->tiny_imagenet.empty())
      image_options::check_split(images, "");
    else if (images.are_own() || !images.dataset.empty())
      throw Mistake("--tiny-imagenet is a data set, and another was named");
    return prepare(*o, command.name());
  });
}
