// Certificates as CSV, a row an image, for a spreadsheet or pandas.
#pragma once

#include <cstddef>
#include <string>

#include "gloro/certify/certificate.hpp"
#include "gloro/core/decimal.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/output_file.hpp"
#include "gloro/data/dataset.hpp"
#include "gloro/model/guarantee.hpp"

namespace gloro {

/// The first columns are about the label, whatever the guarantee: index, label, predicted (the label that
/// is proved, -1 where none is), certified_radius, rounded down, clean_correct. Relaxed, there follow the
/// classes of the set of the best radius by falling logits, that radius, and the best radius of a set that
/// has the label in it: set VRA at eps is the share of rows where that exceeds eps. Without labels, what
/// is about them is empty. Throws ArgumentError where there are not as many images as answers.
[[nodiscard]] inline std::string csv(const Certificates& certified, const data::Dataset& images,
                                     const Guarantee& guarantee) {
  if (certified.answers.size() != static_cast<std::size_t>(images.size()))
    throw ArgumentError(message("expected an answer for each of ", images.size(), " images, got ",
                                certified.answers.size()));
  std::string text = "index,label,predicted,certified_radius,clean_correct";
  text += guarantee.is_relaxed() ? ",certified_set,set_radius,label_radius\n" : "\n";
  for (std::size_t i = 0; i < certified.answers.size(); ++i) {
    const Certificate& answer = certified.answers[i];
    const bool labelled = images.has_labels();
    const int label = labelled ? images.labels()[i] : abstain;
    text += std::to_string(i) + ',' + (labelled ? std::to_string(label) : "") + ',' +
            std::to_string(answer.label) + ',' + decimal_down(answer.radius) + ',' +
            (labelled ? std::to_string(certified.top[i] == label) : "");
    if (guarantee.is_relaxed()) {
      std::string set;
      for (const int c : answer.classes()) set += (set.empty() ? "" : " ") + std::to_string(c);
      text += ',' + set + ',' + decimal_down(answer.set_radius()) + ',' +
              (labelled ? decimal_down(answer.set_radius_of(label)) : "");
    }
    text += '\n';
  }
  return text;
}

/// Writes csv(), whole or not at all.
inline void write_csv(OutputFile file, const Certificates& certified, const data::Dataset& images,
                      const Guarantee& guarantee) {
  file.write(csv(certified, images, guarantee));
  file.commit();
}

}  // namespace gloro
