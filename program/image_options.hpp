// Which images a program works on: those of a known data set, by --dataset, or the user's own, by --images
// and --labels, in any of the forms of gloro/data/open_images.hpp.
#pragma once

#include <gloro/core/error.hpp>
#include <gloro/data/load.hpp>
#include <gloro/data/open_images.hpp>

#include "command_line.hpp"

#include <filesystem>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

struct ImageOptions {
  std::string dataset, data;             // a known one, and its folder
  std::string images, labels;            // one's own
  std::string test_images, test_labels;  // of train: what is tested on
  gloro::data::Channels layout = gloro::data::Channels::last;

  [[nodiscard]] bool are_own() const { return !images.empty(); }

  /// What is read, so that no output may be among it.
  [[nodiscard]] std::vector<std::filesystem::path> inputs() const {
    return {images, labels, test_images, test_labels};
  }

  /// The folder of the data set.
  [[nodiscard]] std::filesystem::path folder() const {
    return data.empty() ? std::filesystem::path("data") / dataset : std::filesystem::path(data);
  }

  /// For people.
  [[nodiscard]] std::string name() const { return are_own() ? images : dataset; }

  /// Images to train and images to test on.
  [[nodiscard]] gloro::data::Split split() const {
    if (!are_own()) return gloro::data::load(dataset, folder());
    return gloro::data::open_split({.train = images,
                                    .train_labels = labels,
                                    .test = test_images,
                                    .test_labels = test_labels,
                                    .channels = layout});
  }

  /// Images to certify or attack: of a data set those to test on. `classes`: names of the network's, by
  /// which folders of pictures are told; none: by the order of the folders. One's own images of
  /// classes with other names are refused.
  [[nodiscard]] gloro::data::Dataset for_test(std::vector<std::string> classes) const {
    using namespace gloro::data;
    if (are_own())
      return open_images(images, {.labels = labels,
                                  .channels = layout,
                                  .classes = std::move(classes),
                                  .part = Part::test});
    Dataset test = load(dataset, folder()).test;
    require_classes(test, classes);
    return test;
  }

  /// Throws ArgumentError where one's own images, mapped or not, call their labels otherwise than a
  /// network's `classes`. The names of a benchmark are not everybody's.
  void require_classes(const gloro::data::Dataset& all,
                       const std::vector<std::string>& classes) const {
    if (are_own() || dataset == gloro::data::mapped.name)
      gloro::data::require_class_names(all, classes);
  }
};

namespace image_options {

/// The one name of a data set: cifar-10 for cifar10, and says so.
struct KnownDataset {
  static constexpr const char* kind = "NAME";
  /// "mnist|fashion-mnist|...".
  static std::string names() {
    std::string all;
    for (const gloro::data::Benchmark* known : gloro::data::benchmarks)
      all += (all.empty() ? "" : "|") + std::string(known->name);
    return all;
  }
  std::string operator()(const std::string& text) const {
    const std::string name(gloro::data::benchmark(text).name);
    if (name != text) std::cerr << "note: the data set " << text << " is called " << name << '\n';
    return name;
  }
};

struct Layout {
  static constexpr const char* kind = "NHWC|NCHW";
  gloro::data::Channels operator()(const std::string& text) const {
    if (text != "NHWC" && text != "NCHW") command_line::refuse("NHWC or NCHW", text);
    return text == "NHWC" ? gloro::data::Channels::last : gloro::data::Channels::first;
  }
};

inline constexpr const char* forms =
    "N x H x W x C in a .npy file (floats in the network's unit, or bytes), IDX, an image file, "
    "one "
    "picture (PNG, JPEG, PGM), or a folder of pictures in folders of their classes";

/// --dataset, --data, --images, --labels and --layout, of images that are `used`.
inline void add(command_line::Options& program, ImageOptions& o, const std::string& used) {
  using namespace command_line;
  const auto dataset = program
                           .add("--dataset", o.dataset,
                                used + " of a data set that is known by name", KnownDataset{})
                           .kind(KnownDataset::names());
  program.add("--data", o.data, "directory of its files; default data/DATASET", Folder{});
  const auto images =
      program.add("--images", o.images, used + " of your own: " + forms, File{}).excludes(dataset);
  program
      .add("--labels", o.labels, "their labels: whole numbers from 0 in a .npy file, or IDX",
           File{})
      .needs(images);
  program
      .add_texts("--layout", "of .npy images: NHWC (default), or NCHW, channels first",
                 Layout::kind,
                 [&o](const command_line::Texts& texts) { o.layout = Layout{}(texts.front()); })
      .needs(images);
}

/// The same and --test_images, --test_labels, of a program that trains.
inline void add_split(command_line::Options& program, ImageOptions& o) {
  add(program, o, "training images");
  program.add("--test_images", o.test_images, "images to test on, in any of those forms",
              command_line::File{});
  program.add("--test_labels", o.test_labels, "their labels", command_line::File{});
}

/// In float, as training and attacks take them.
inline gloro::data::Dataset in_float(gloro::data::Dataset images, std::ostream& people) {
  if (images.fits<float>()) return images;
  people << images.name() << ": numbers of float64 are rounded to float32\n";
  return images.rounded();
}

/// To be called when all options are read; `fallback`: the data set where none is named, or none.
inline void check(ImageOptions& o, const std::string& fallback) {
  using command_line::Mistake;
  if (!o.are_own()) {
    if (!o.test_images.empty() || !o.test_labels.empty())
      throw Mistake("--test_images and --test_labels go with --images");
    if (o.dataset.empty()) o.dataset = fallback;
    if (o.dataset.empty()) throw Mistake("expected --dataset or --images, got neither");
  } else if (!o.data.empty()) {
    throw Mistake("--data is the folder of a --dataset, and --images were given");
  }
}

/// For a program that trains.
inline void check_split(ImageOptions& o, const std::string& fallback) {
  check(o, fallback);
  if (o.are_own() && o.test_images.empty())
    throw command_line::Mistake("--images to train on need --test_images to test on");
}

}  // namespace image_options
