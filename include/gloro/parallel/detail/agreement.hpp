// Agreement: what is to go together must state the same things. Processes that train together each
// state what they are about to do, and a run that goes on from a file states what it is; where two
// statements differ they refuse, and say which statement it was.
#pragma once

#include <string>
#include <vector>

#include "gloro/parallel/processes.hpp"

namespace gloro {

/// One thing that all must have in common.
struct Statement {
  std::string what;   ///< "the seed", "the training data"
  std::string value;  ///< compared as a whole, and shown where it differs
};

/// Where two lists say something else for the first time, as a sentence of three lines in which the
/// second list is `here`; empty where they say the same.
[[nodiscard]] std::string first_difference(const std::vector<Statement>& there,
                                           const std::vector<Statement>& here);

/// Throws Error, in every process, if one of them states something else than the first does. All
/// processes must call it with as many statements, about the same things.
void require_agreement(Processes& processes, const std::vector<Statement>& statements);

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/parallel/detail/agreement.ipp"
#endif
