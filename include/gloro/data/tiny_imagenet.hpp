// Tiny-ImageNet: 100,000 images of 200 classes to train on, 10,000 to validate, 64 x 64 pixels, as
// JPEGs in the folders of the archive tiny-imagenet-200.zip. They are decoded once, into image
// files that training maps (image_file.hpp). Needs the component gloro::jpeg.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "gloro/core/shape.hpp"

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
  explicit TinyImageNet(std::filesystem::path root);

  /// The classes' ids in WordNet, such as n01443537, in the order of their labels.
  [[nodiscard]] const std::vector<std::string>& ids() const { return ids_; }

  /// What the ids stand for, such as "goldfish, Carassius auratus", by words.txt; where that is
  /// missing or silent, the ids themselves.
  [[nodiscard]] std::vector<std::string> class_names() const;

  /// The images of train/ID/images or train/ID, class after class, by name within a class. Throws
  /// FileError if a folder is missing, empty, or of a class that is not in wnids.txt.
  [[nodiscard]] std::vector<Image> train() const { return by_class(root_ / "train"); }

  /// The images of val/images, labelled by val/val_annotations.txt; or, as others sort them, those of
  /// val/ID, each under its class. By name, the same images either way. Throws FileError unless each has
  /// one line there, each line has its image, and its class is in wnids.txt.
  [[nodiscard]] std::vector<Image> validation() const;

 private:
  /// Images that each class has in a folder of its own: folder/ID/images, or folder/ID without that.
  [[nodiscard]] std::vector<Image> by_class(const std::filesystem::path& folder) const;

  [[nodiscard]] std::vector<Image> annotated(const std::filesystem::path& val) const;

  [[nodiscard]] static bool is_jpeg(const std::string& name);

  [[nodiscard]] static std::vector<std::string> images_in(const std::filesystem::path& folder);

  std::filesystem::path root_;
  std::vector<std::string> ids_;
  std::map<std::string, int, std::less<>> labels_;
};

/// Decodes the archive in the folder `archive` into train.images and test.images (those of val/) in
/// the folder `to`, for mapped_split() and `--dataset mapped`, and names the classes in classes.txt
/// line by line. They take their places together, once all are complete. One image is in memory at a time; after
/// it `progress` is told how many are done, of how many. Throws FileError, which names the file.
void write_tiny_imagenet(const std::filesystem::path& archive, const std::filesystem::path& to,
                         const std::function<void(Index, Index)>& progress = {});

}  // namespace gloro::data

#ifndef GLORO_COMPILED
#include "gloro/data/tiny_imagenet.ipp"
#endif
