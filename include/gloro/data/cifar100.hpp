// CIFAR-100 in its binary version (Krizhevsky, "Learning multiple layers of features from tiny images",
// 2009): records of a coarse label, of 20, a fine label, of 100, and three planes of 32 x 32 bytes.
#pragma once

#include <array>
#include <filesystem>
#include <string_view>

#include "gloro/core/shape.hpp"
#include "gloro/data/benchmark.hpp"
#include "gloro/data/dataset.hpp"

namespace gloro::data {

/// From the directory of train.bin and test.bin, of so many images each; the labels are the fine ones.
/// FileError if a file is longer or shorter, or a label exceeds 99.
[[nodiscard]] Split cifar100_split(const std::filesystem::path& directory,
                                   Index train_records = 50000, Index test_records = 10000);

namespace detail {

[[nodiscard]] Split read_cifar100(const std::filesystem::path& directory);

inline constexpr std::array<std::string_view, 100> cifar100_classes{
    "apple",       "aquarium fish", "baby",      "bear",       "beaver",       "bed",
    "bee",         "beetle",        "bicycle",   "bottle",     "bowl",         "boy",
    "bridge",      "bus",           "butterfly", "camel",      "can",          "castle",
    "caterpillar", "cattle",        "chair",     "chimpanzee", "clock",        "cloud",
    "cockroach",   "couch",         "crab",      "crocodile",  "cup",          "dinosaur",
    "dolphin",     "elephant",      "flatfish",  "forest",     "fox",          "girl",
    "hamster",     "house",         "kangaroo",  "keyboard",   "lamp",         "lawn mower",
    "leopard",     "lion",          "lizard",    "lobster",    "man",          "maple tree",
    "motorcycle",  "mountain",      "mouse",     "mushroom",   "oak tree",     "orange",
    "orchid",      "otter",         "palm tree", "pear",       "pickup truck", "pine tree",
    "plain",       "plate",         "poppy",     "porcupine",  "possum",       "rabbit",
    "raccoon",     "ray",           "road",      "rocket",     "rose",         "sea",
    "seal",        "shark",         "shrew",     "skunk",      "skyscraper",   "snail",
    "snake",       "spider",        "squirrel",  "streetcar",  "sunflower",    "sweet pepper",
    "table",       "tank",          "telephone", "television", "tiger",        "tractor",
    "train",       "trout",         "tulip",     "turtle",     "wardrobe",     "whale",
    "willow tree", "wolf",          "woman",     "worm"};
inline constexpr std::array cifar100_radii{36.0 / 255, 72.0 / 255, 108.0 / 255, 1.0};

}  // namespace detail

/// 32x32x3, a hundred classes: cifar-100-binary.tar.gz of cs.toronto.edu/~kriz/cifar.html, unpacked.
inline constexpr Benchmark cifar100{.name = "cifar-100",
                                    .read = detail::read_cifar100,
                                    .classes = detail::cifar100_classes,
                                    .radii = detail::cifar100_radii};

}  // namespace gloro::data

#ifndef GLORO_COMPILED
#include "gloro/data/cifar100.ipp"
#endif
