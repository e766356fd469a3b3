// What is to be proved about which images: the options that certify and report share.
#pragma once

#include <gloro/core/shape.hpp>

#include "command_line.hpp"
#include "image_options.hpp"

#include <string>
#include <vector>

struct ProofOptions {
  ImageOptions images;
  std::vector<double> epsilons;
  gloro::Index top_k = 0;  // 0: the model's own guarantee
  std::string affinity;
  gloro::Index limit = 0;
  int threads = 0;
  double gigabytes = 0;  // 0: the loader's own limit
  bool in_double = false;
};

inline void add(command_line::Options& command, ProofOptions& o) {
  using namespace command_line;
  image_options::add(command, o.images, "images to certify");
  command.add("--epsilon", o.epsilons,
              "radii to report on; default the one that the model was trained for, or those that "
              "papers quote for the data set",
              not_negative);
  const auto top_k =
      command.add("--top-k", o.top_k,
                  "relaxed: prove up to K leading classes as a set; 1: the top class; "
                  "default what the model was trained for",
                  count_from(1));
  command
      .add("--affinity", o.affinity,
           "relaxed: prove sets of classes that lie in one of the file's sets, a JSON list of "
           "lists of numbers or names such as [[3,5],[0,8]]",
           File{})
      .excludes(top_k);
  command.add("--limit", o.limit, "only the first N images", count_from(1));
  command.add_flag("--double", o.in_double,
                   "hold the network in float64 (for a file of float64 weights); proofs are found "
                   "in double in any case");
  command.add(
      "--most-memory", o.gigabytes,
      "gigabytes that the model file's network may take; default 1.1, and 32 bytes for each "
      "of the file's",
      positive);
  command.add("--threads", o.threads, "0: one a core", threads());
}
