// What limited a run, as far as its epochs tell: sentences for a person, who has to choose what to change.
#pragma once

#include <string>
#include <vector>

#include "gloro/train/reports.hpp"

namespace gloro {

/// Compares the VRA on training images (augmented, while the weights moved, at the training's epsilon)
/// with that on test images, at `test_epsilon`, unless the training's never came near that; the last epochs
/// with those before; and K over the epochs. A difference is told of where it exceeds twice its standard
/// error. Nothing for no epochs.
[[nodiscard]] std::vector<std::string> closing_note(const std::vector<EpochReport>& reports,
                                                    double test_epsilon);

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/train/closing_note.ipp"
#endif
