// The bodies of tiny_imagenet.hpp.
#pragma once

#include "gloro/data/tiny_imagenet.hpp"

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

#include "gloro/core/compiled.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/input_file.hpp"
#include "gloro/core/output_file.hpp"
#include "gloro/data/detail/listing.hpp"
#include "gloro/data/image_file.hpp"
#include "gloro/data/jpeg.hpp"

namespace gloro::data {

GLORO_INLINE TinyImageNet::TinyImageNet(std::filesystem::path root) : root_(std::move(root)) {
  const auto path = root_ / "wnids.txt";
  std::ifstream in = open_to_read(path);
  for (std::string id; in >> id; ids_.push_back(id))
    if (!labels_.emplace(id, static_cast<int>(ids_.size())).second)
      throw FileError(message(path.string(), ": names the class ", id, " twice"));
  if (ids_.empty()) throw FileError(message(path.string(), ": names no class"));
}

GLORO_INLINE std::vector<std::string> TinyImageNet::class_names() const {
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

GLORO_INLINE std::vector<TinyImageNet::Image> TinyImageNet::validation() const {
  const auto val = root_ / "val";
  const auto names = detail::names_in(val);
  const bool has_classes = std::any_of(
      names.begin(), names.end(), [&](const std::string& name) { return labels_.contains(name); });
  const bool has_images = is_there(val / "images") && !detail::names_in(val / "images").empty();
  if (has_classes && has_images)
    throw FileError(message(val.string(), ": has images/ and folders of classes: expected one"));
  std::vector<Image> images = has_classes ? by_class(val) : annotated(val);
  std::sort(images.begin(), images.end(), [](const Image& a, const Image& b) {
    return std::pair(a.path.filename(), a.path) < std::pair(b.path.filename(), b.path);
  });
  return images;
}

GLORO_INLINE std::vector<TinyImageNet::Image> TinyImageNet::by_class(
    const std::filesystem::path& folder) const {
  for (const std::string& name : detail::names_in(folder)) {
    if (is_jpeg(name))
      throw FileError(message((folder / name).string(), ": lies in no folder of a class"));
    std::error_code ignored;
    if (labels_.contains(name) || !std::filesystem::is_directory(folder / name, ignored)) continue;
    const bool is_leftover = name == "images" && detail::names_in(folder / name).empty();
    if (!is_leftover)
      throw FileError(message((folder / name).string(), ": wnids.txt does not know this class"));
  }
  std::vector<Image> images;
  for (std::size_t label = 0; label < ids_.size(); ++label) {
    const auto own = folder / ids_[label];
    const bool is_nested = is_there(own / "images");
    for (const std::string& name : is_nested ? detail::names_in(own) : std::vector<std::string>{})
      if (is_jpeg(name)) throw FileError(message((own / name).string(), ": lies beside images/"));
    const auto of_class = is_nested ? own / "images" : own;
    for (const std::string& name : images_in(of_class))
      images.push_back({of_class / name, static_cast<int>(label)});
  }
  return images;
}

GLORO_INLINE std::vector<TinyImageNet::Image> TinyImageNet::annotated(
    const std::filesystem::path& val) const {
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

GLORO_INLINE bool TinyImageNet::is_jpeg(const std::string& name) {
  std::string ending = std::filesystem::path(name).extension().string();
  for (char& letter : ending)
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  return ending == ".jpeg" || ending == ".jpg";
}

GLORO_INLINE std::vector<std::string> TinyImageNet::images_in(const std::filesystem::path& folder) {
  const std::vector<std::string> names = detail::names_in(folder);
  if (names.empty()) throw FileError(message(folder.string(), ": holds no JPEG file"));
  for (const std::string& name : names)
    if (!is_jpeg(name))
      throw FileError(message((folder / name).string(),
                              ": expected JPEG files (.jpeg or .jpg) alone in this folder"));
  return names;
}

GLORO_INLINE void write_tiny_imagenet(const std::filesystem::path& archive,
                                      const std::filesystem::path& to,
                                      const std::function<void(Index, Index)>& progress) {
  const TinyImageNet source(archive);
  const auto train = source.train(), test = source.validation();
  SplitFiles files(to);
  Index done = 0;
  const auto write = [&](const std::vector<TinyImageNet::Image>& images, OutputFile& file) {
    constexpr Shape shape = TinyImageNet::shape;
    ImageFileWriter writer(std::move(file), shape, static_cast<int>(source.ids().size()),
                           static_cast<Index>(images.size()));
    for (const auto& [path, label] : images) {
      writer.add(read_jpeg(path, shape.height, shape.width), label);
      if (progress) progress(++done, static_cast<Index>(train.size() + test.size()));
    }
    return writer.complete();
  };
  OutputFile test_images = write(test, files.test);
  files.commit(write(train, files.train), std::move(test_images), source.class_names());
}

}  // namespace gloro::data
