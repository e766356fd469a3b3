// CertifyOptions: how a certifier is asked.
#pragma once

#include <optional>

#include "gloro/parallel/workers.hpp"

namespace gloro {

/// How an answer is asked for. With `epsilon`, >= 0 and perhaps infinite, it is the label if that is proved
/// for a radius above epsilon (0: at the point itself), else an abstention; float decides where it can, if
/// image and network are in float, and the radius is what the deciding evaluation proved. A relaxed answer
/// has the sets that are proved for a radius above epsilon, and is always found in double. Without, it is
/// the answer with the best radius that can be proved, in double.
struct CertifyOptions {
  std::optional<double> epsilon = {};
  /// They share the work: a single image layer by layer, more of them by samples. Null: this thread alone.
  Workers* workers = nullptr;
};

}  // namespace gloro
