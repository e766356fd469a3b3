// Checkpoint: the exact state of a training run in one file, for the same program on the same kind of
// machine. Models that travel are safetensors files (io/safetensors.hpp); this is the run, not the
// model: weights, singular vectors, the optimizer's state, the reports so far, and which run it is.
//
//   "gloro-run-2\n" | statements: count, then each what and value | epochs | steps | report of the epoch
//   under way | reports: count, then each | scalar size | parts: count, then each size and values |
//   64-bit checksum of all before it. Integers are 64-bit, in the machine's byte order; texts and lists
//   come behind their length.
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "gloro/core/output_file.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/parallel/detail/agreement.hpp"
#include "gloro/train/reports.hpp"

namespace gloro {

/// How far a run has come.
struct RunPosition {
  Index epochs = 0;         ///< done
  Index steps = 0;          ///< of the optimizer, in all
  StepReport current = {};  ///< of the epoch under way; its step is 0 between two epochs
};

/// Writes `parts`, whole or not at all. `identity` says which run it is, `reports` how each of its
/// epochs ended.
template <typename Scalar>
void write_checkpoint(OutputFile file, const std::vector<Statement>& identity,
                      const RunPosition& position, const std::vector<EpochReport>& reports,
                      const std::vector<std::span<Scalar>>& parts);

/// Which run the checkpoint is of, as far as that can be read without it; FileError if it cannot.
[[nodiscard]] std::vector<Statement> checkpoint_identity(const std::filesystem::path& path);

/// Reads what write_checkpoint wrote into `parts`, whose sizes must agree, and `reports`. Throws
/// FileError, with both untouched, if the file is damaged or of another run, and then says in what;
/// ArgumentError if the run has done more than `most_epochs`.
template <typename Scalar>
[[nodiscard]] RunPosition read_checkpoint(const std::filesystem::path& path,
                                          const std::vector<Statement>& identity, Index most_epochs,
                                          std::vector<EpochReport>& reports,
                                          const std::vector<std::span<Scalar>>& parts);

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/train/checkpoint.ipp"
#endif
