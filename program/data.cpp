// gloro data: writes a data set as image files, which the other commands map and do not read, so that it may be
// larger than memory: --dataset mapped.
//   gloro data data/mine --images pictures/train --test_images pictures/test
//   gloro data data/tiny-imagenet --tiny-imagenet tiny-imagenet-200
//   gloro train --dataset mapped --data data/mine ...
#include <gloro/core/error.hpp>
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

/// Pictures go from file to file, one in memory at a time; anything else through memory.
void prepare(const ImageOptions& o, const std::filesystem::path& to) {
  data::SplitFiles files(to);
  const auto commit = [&](OutputFile train, OutputFile test,
                          const std::vector<std::string>& class_names) {
    if (Interruption::signal() != 0) throw Stopped();
    files.commit(std::move(train), std::move(test), class_names);
  };
  const auto is_pictures = [](const std::string& path) {
    return std::filesystem::is_directory(path) && !data::holds_image_files(path);
  };
  if (o.are_own() && is_pictures(o.images) && is_pictures(o.test_images)) {
    const data::PictureFolder train(o.images), test(o.test_images, train.class_names());
    if (test.shape() != train.shape())
      throw FileError(message(o.test_images, ": pictures of ", test.shape(), ", those of ",
                              o.images, " are of ", train.shape()));
    const auto written = [](OutputFile& file, const data::PictureFolder& pictures) {
      return data::images_written(std::move(file), pictures,
                                  Progress(static_cast<Index>(pictures.images().size())));
    };
    OutputFile test_images = written(files.test, test);
    return commit(written(files.train, train), std::move(test_images), train.class_names());
  }
  const auto [train, test] = o.split();
  commit(data::images_written(std::move(files.train), train),
         data::images_written(std::move(files.test), test), train.class_names());
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
  std::vector<std::filesystem::path> inputs = o.images.inputs();
  inputs.push_back(o.tiny_imagenet);
  require_apart({&json}, std::move(inputs), o.images.folder());
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
  for (const std::string& class_name : train.class_names())  // in UTF-8
    summary["class_names"].push_back(class_name);
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
  command.add("folder", o->folder, "folder for train.images, test.images and classes.txt", Folder{})
      .required();
  image_options::add_split(command, o->images);
  command.add("--tiny-imagenet", o->tiny_imagenet,
              "the folder that tiny-imagenet-200.zip makes, in place of images", Folder{});
  command.add("--json", o->json, "file to write the summary to", File{});
  command.does([o, &command](const Arguments&) {
    ImageOptions& images = o->images;
    const bool is_other = images.are_own() || !images.dataset.empty();
    if (o->tiny_imagenet.empty() && !is_other)
      throw Mistake("expected --dataset, --images or --tiny-imagenet, got none");
    if (o->tiny_imagenet.empty())
      image_options::check_split(images, "");
    else if (is_other || !images.test_images.empty() || !images.test_labels.empty() ||
             !images.data.empty())
      throw Mistake("--tiny-imagenet is a data set, and goes with no options of another");
    return prepare(*o, command.name());
  });
}
