// The bodies of csv.hpp.
#pragma once

#include "gloro/certify/csv.hpp"

#include <cstddef>

#include "gloro/core/compiled.hpp"
#include "gloro/core/decimal.hpp"
#include "gloro/core/error.hpp"
#include "gloro/data/dataset.hpp"

namespace gloro {

GLORO_INLINE std::string csv(const Certificates& certified, const data::Dataset& images,
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
      for (const int c : answer.classes()) {
        if (!set.empty()) set += ' ';
        set += std::to_string(c);
      }
      text += ',' + set + ',' + decimal_down(answer.set_radius()) + ',' +
              (labelled ? decimal_down(answer.set_radius_of(label)) : "");
    }
    text += '\n';
  }
  return text;
}

GLORO_INLINE void write_csv(OutputFile file, const Certificates& certified,
                            const data::Dataset& images, const Guarantee& guarantee) {
  file.write(csv(certified, images, guarantee));
  file.commit();
}

}  // namespace gloro
