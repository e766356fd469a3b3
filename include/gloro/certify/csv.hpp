// Certificates as CSV, a row an image, for a spreadsheet or pandas.
#pragma once

#include <string>

#include "gloro/certify/certificate.hpp"
#include "gloro/core/output_file.hpp"
#include "gloro/model/guarantee.hpp"

namespace gloro {

namespace data {
class Dataset;
}

/// The first columns are about the label, whatever the guarantee: index, label, predicted (the label that
/// is proved, -1 where none is), certified_radius, rounded down, clean_correct. Relaxed, there follow the
/// classes of the set of the best radius by falling logits, that radius, and the best radius of a set that
/// has the label in it: set VRA at eps is the share of rows where that exceeds eps. Without labels, what
/// is about them is empty. Throws ArgumentError where there are not as many images as answers.
[[nodiscard]] std::string csv(const Certificates& certified, const data::Dataset& images,
                              const Guarantee& guarantee);

/// Writes csv(), whole or not at all.
void write_csv(OutputFile file, const Certificates& certified, const data::Dataset& images,
               const Guarantee& guarantee);

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/certify/csv.ipp"
#endif
