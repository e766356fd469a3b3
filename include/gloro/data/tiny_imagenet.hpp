// Tiny-ImageNet: 100,000 images of 200 classes to train on, 10,000 to validate, 64 x 64 pixels, as
// JPEGs in the folders of the archive tiny-imagenet-200.zip. They are decoded once, into image
// files that training maps (image_file.hpp). Needs the component gloro::jpeg.
#pragma once

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/core/input_file.hpp"
#include "gloro/core/output_file.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/data/image_file.hpp"
#include "gloro/data/jpeg.hpp"

namespace gloro::data {

/// The archive's folder: which images it has and what they show. Those of test/ have no labels and
/// are left alone; what the literature tests on are those of val/.
class TinyImageNet {
 public:
  static constexpr Shape shape{64, 64, 3};

  struct Image {
    std::filesystem::path path;
    int label;
  };

  /// Reads wnids.txt: label n is the n-th class there. Throws FileError if it cannot.
  explicit TinyImageNet(std::filesystem::path root) : root_(std::move(root)) {
    const auto path = root_ / "wnids.txt";
    std::ifstream in = open_to_read(path);
    for (std::string id; in >> id; ids_.push_back(id))
      if (!labels_.emplace(id, static_cast<int>(ids_.size())).second)
        throw FileError(message(path.string(), ": names the class ", id, " twice"));
    if (ids_.empty()) throw FileError(message(path.string(), ": names no class"));
  }

  /// The classes' ids in WordNet, such as n01443537, in the order of their labels.
  [[nodiscard]] const std::vector<std::string>& ids() const { return ids_; }

  /// What the ids stand for, such as "goldfish, Carassius auratus", by words.txt; where that is
  /// missing or silent, the ids themselves.
  [[nodiscard]] std::vector<std::string> class_names() const {
    std::vector<std::string> names = ids_;
    const auto path = root_ / "words.txt";
    if (!is_there(path)) return names;
    std::ifstream in = open_to_read(path);
    for (std::string line; std::getline(in, line);) {
      const auto tab = line.find('\t');
      const auto known = labels_.find(line.substr(0, tab));
      if (known == labels_.end() || tab == std::string::npos) continue;
      if (line.ends_with('\r')) line.pop_back();
      names[static_cast<std::size_t>(known->second)] = line.substr(tab + 1);
    }
    return names;
  }

  /// The images of train/ID/images or train/ID, class after class, by name within a class. Throws
  /// FileError if a folder is missing, empty, or of a class that is not in wnids.txt.
  [[nodiscard]] std::vector<Image> train() const { return by_class(root_ / "train"); }

  /// The images of val/images, labelled by val/val_annotations.txt; or, as others sort them, those of
  /// val/ID, each under its class. By name, the same images either way. Throws FileError unless each has
  /// one line there, each line has its image, and its class is in wnids.txt.
  [[nodiscard]] std::vector<Image> validation() const {
    const auto val = root_ / "val";
    const auto names = names_in(val);
    const bool has_classes = std::any_of(names.begin(), names.end(), [&](const std::string& name) {
      return labels_.contains(name);
    });
    const bool has_images = is_there(val / "images") && !names_in(val / "images").empty();
    if (has_classes && has_images)
      throw FileError(message(val.string(), ": has images/ and folders of classes: expected one"));
    std::vector<Image> images = has_classes ? by_class(val) : annotated(val);
    std::sort(images.begin(), images.end(), [](const Image& a, const Image& b) {
      return std::pair(a.path.filename(), a.path) < std::pair(b.path.filename(), b.path);
    });
    return images;
  }

 private:
  /// Images that each class has in a folder of its own: folder/ID/images, or folder/ID without that.
  [[nodiscard]] std::vector<Image> by_class(const std::filesystem::path& folder) const {
    for (const std::string& name : names_in(folder)) {
      if (is_jpeg(name))
        throw FileError(message((folder / name).string(), ": lies in no folder of a class"));
      std::error_code ignored;
      if (labels_.contains(name) || !std::filesystem::is_directory(folder / name, ignored))
        continue;
      const bool is_leftover = name == "images" && names_in(folder / name).empty();
      if (!is_leftover)
        throw FileError(message((folder / name).string(), ": wnids.txt does not know this class"));
    }
    std::vector<Image> images;
    for (std::size_t label = 0; label < ids_.size(); ++label) {
      const auto own = folder / ids_[label];
      const bool is_nested = is_there(own / "images");
      for (const std::string& name : is_nested ? names_in(own) : std::vector<std::string>{})
        if (is_jpeg(name)) throw FileError(message((own / name).string(), ": lies beside images/"));
      const auto of_class = is_nested ? own / "images" : own;
      for (const std::string& name : images_in(of_class))
        images.push_back({of_class / name, static_cast<int>(label)});
    }
    return images;
  }

  [[nodiscard]] std::vector<Image> annotated(const std::filesystem::path& val) const {
    const auto folder = val / "images";
    const auto annotations = val / "val_annotations.txt";
    const std::vector<std::string> names = images_in(folder);
    std::map<std::string, int> labels;
    std::ifstream in = open_to_read(annotations);
    std::string line;
    for (Index number = 1; std::getline(in, line); ++number) {
      const auto fail = [&](const auto&... what) {
        throw FileError(message(annotations.string(), ": line ", number, " ", what...));
      };
      std::istringstream words(line);
      std::string image, id;
      if (!(words >> image)) continue;
      if (!(words >> id)) fail("has no class for ", image);
      const auto known = labels_.find(id);
      if (known == labels_.end()) fail("names the class ", id, ", which wnids.txt does not know");
      if (!std::binary_search(names.begin(), names.end(), image))
        fail("names ", image, ", which is not in ", folder.string());
      if (!labels.emplace(image, known->second).second) fail("names ", image, " again");
    }
    std::vector<Image> images;
    for (const std::string& name : names) {
      const auto label = labels.find(name);
      if (label == labels.end())
        throw FileError(message((folder / name).string(), ": has no line in val_annotations.txt"));
      images.push_back({folder / name, label->second});
    }
    return images;
  }

  [[nodiscard]] static bool is_jpeg(const std::string& name) {
    std::string ending = std::filesystem::path(name).extension().string();
    for (char& letter : ending)
      if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    return ending == ".jpeg" || ending == ".jpg";
  }

  /// Sorted: systems list a folder in any order. Without what they hide in one: names that begin with a
  /// dot, macOS's ._* among them, and the leftovers of Windows.
  [[nodiscard]] static std::vector<std::string> names_in(const std::filesystem::path& folder) {
    std::vector<std::string> names;
    std::error_code problem;
    std::filesystem::directory_iterator entry(folder, problem), end;
    while (!problem && entry != end) {
      std::string name = entry->path().filename().string();
      if (!name.starts_with('.') && name != "Thumbs.db" && name != "desktop.ini")
        names.push_back(std::move(name));
      entry.increment(problem);
    }
    if (problem)
      throw FileError(message(folder.string(), ": cannot be listed (", problem.message(), ")"));
    std::sort(names.begin(), names.end());
    return names;
  }

  [[nodiscard]] static std::vector<std::string> images_in(const std::filesystem::path& folder) {
    const std::vector<std::string> names = names_in(folder);
    if (names.empty()) throw FileError(message(folder.string(), ": holds no JPEG file"));
    for (const std::string& name : names)
      if (!is_jpeg(name))
        throw FileError(message((folder / name).string(),
                                ": expected JPEG files (.jpeg or .jpg) alone in this folder"));
    return names;
  }

  std::filesystem::path root_;
  std::vector<std::string> ids_;
  std::map<std::string, int, std::less<>> labels_;
};

/// Decodes the archive in the folder `archive` into train.images and test.images (those of val/) in
/// the folder `to`, for mapped_split() and `--dataset mapped`, and names the classes in classes.txt
/// line by line. Each file is written whole or not at all. One image is in memory at a time; after
/// it `progress` is told how many are done, of how many. Throws FileError, which names the file.
inline void write_tiny_imagenet(const std::filesystem::path& archive,
                                const std::filesystem::path& to,
                                const std::function<void(Index, Index)>& progress = {}) {
  const TinyImageNet source(archive);
  const auto train = source.train(), test = source.validation();
  std::error_code problem;
  std::filesystem::create_directories(to, problem);
  if (problem) throw FileError(message(to.string(), ": cannot be made (", problem.message(), ")"));

  OutputFile test_file(to / "test.images"), train_file(to / "train.images"),
      classes(to / "classes.txt");
  Index done = 0;
  const auto write = [&](const std::vector<TinyImageNet::Image>& images, OutputFile& file) {
    constexpr Shape shape = TinyImageNet::shape;
    ImageFileWriter writer(std::move(file), shape, static_cast<int>(source.ids().size()),
                           static_cast<Index>(images.size()));
    for (const auto& [path, label] : images) {
      writer.add(read_jpeg(path, shape.height, shape.width), label);
      if (progress) progress(++done, static_cast<Index>(train.size() + test.size()));
    }
    writer.finish();
  };
  write(test, test_file);
  write(train, train_file);
  for (const std::string& name : source.class_names()) classes.write(name + '\n');
  classes.commit();
}

}  // namespace gloro::data
