// A user's own images, whatever they lie in: the file or folder says by itself what it is.
//
//   NAME.npy          NumPy's array, with labels in another (data/npy.hpp)
//   IDX               as MNIST and EMNIST have it, with labels in another (data/idx.hpp)
//   NAME.images       an image file, mapped, which has its labels (data/image_file.hpp)
//   folder            of pictures in folders of their classes (data/picture_folder.hpp), or of
//                     train.images and test.images
//   PNG, JPEG, PGM    one picture without a label (data/picture.hpp)
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "gloro/data/dataset.hpp"
#include "gloro/data/npy.hpp"

namespace gloro::data {

/// Which of a folder's image files.
enum class Part { train, test };

struct OpenOptions {
  std::filesystem::path labels =
      {};  ///< one each, .npy or IDX; empty: none, or those of the images
  Channels channels = Channels::last;     ///< of .npy of four dimensions
  std::vector<std::string> classes = {};  ///< the folders' names by label; empty: as they are there
  Part part = Part::train;
};

/// Throws FileError where it cannot be read, and ArgumentError for labels of what has its own, or
/// classes of other names than `options.classes`.
[[nodiscard]] Dataset open_images(const std::filesystem::path& path,
                                  const OpenOptions& options = {});

/// Throws ArgumentError where both name their classes and label n is called otherwise.
void require_class_names(const Dataset& images, const std::vector<std::string>& expected);

/// Labels from a .npy or an IDX file. FileError if it is neither.
[[nodiscard]] std::vector<int> open_labels(const std::filesystem::path& path);

struct SplitPaths {
  std::filesystem::path train, train_labels = {};
  std::filesystem::path test, test_labels = {};
  Channels channels = Channels::last;
};

/// Images to train on and images to test on, of one shape and with as many classes. Throws FileError
/// where they cannot be read, ArgumentError where they do not go together or have no labels.
[[nodiscard]] Split open_split(const SplitPaths& paths);

}  // namespace gloro::data

#ifndef GLORO_COMPILED
#include "gloro/data/open_images.ipp"
#endif
