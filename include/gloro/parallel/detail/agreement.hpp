// Agreement: what is to go together must state the same things. Processes that train together each
// state what they are about to do, and a run that goes on from a file states what it is; where two
// statements differ they refuse, and say which statement it was.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "gloro/core/detail/checksum.hpp"
#include "gloro/core/error.hpp"
#include "gloro/parallel/processes.hpp"

namespace gloro {

/// One thing that all must have in common.
struct Statement {
  std::string what;   ///< "the seed", "the training data"
  std::string value;  ///< compared as a whole, and shown where it differs
};

/// Where two lists say something else for the first time, as a sentence of three lines in which the
/// second list is `here`; empty where they say the same.
[[nodiscard]] inline std::string first_difference(const std::vector<Statement>& there,
                                                  const std::vector<Statement>& here) {
  for (std::size_t i = 0; i < std::max(there.size(), here.size()); ++i) {
    const bool both = i < there.size() && i < here.size();
    const Statement& one = i < here.size() ? here[i] : there[i];
    if (!both || there[i].what != here[i].what)
      return message("one of the two says nothing about ", one.what);
    if (there[i].value != here[i].value)
      return message("they differ in ", one.what, "\n  there: ", there[i].value,
                     "\n  here:  ", here[i].value);
  }
  return {};
}

namespace detail {

/// Every process's text, in the order of ranks.
[[nodiscard]] inline std::vector<std::string> gather_texts(Processes& processes,
                                                           const std::string& own) {
  std::vector<std::size_t> ends = processes.gather(own.size());
  std::partial_sum(ends.begin(), ends.end(), ends.begin());
  std::string all(ends.back(), '\0');
  const auto rank = static_cast<std::size_t>(processes.rank());
  std::copy(own.begin(), own.end(),
            all.begin() + static_cast<std::ptrdiff_t>(ends[rank] - own.size()));
  processes.gather(std::as_writable_bytes(std::span(all.data(), all.size())), ends);
  std::vector<std::string> texts;
  std::size_t begin = 0;
  for (const std::size_t end : ends) {
    texts.push_back(all.substr(begin, end - begin));
    begin = end;
  }
  return texts;
}

}  // namespace detail

/// Throws Error, in every process, if one of them states something else than the first does. All
/// processes must call it with as many statements, about the same things.
inline void require_agreement(Processes& processes, const std::vector<Statement>& statements) {
  for (const Statement& statement : statements) {
    Checksum hash;
    hash.add(statement.what.data(), statement.what.size());
    hash.add(statement.value.data(), statement.value.size());
    const std::vector<std::uint64_t> hashes = processes.gather(hash.value());
    const auto other = std::find_if(hashes.begin(), hashes.end(),
                                    [&](std::uint64_t value) { return value != hashes.front(); });
    if (other == hashes.end()) continue;
    const auto rank = static_cast<std::size_t>(other - hashes.begin());
    const auto texts = detail::gather_texts(processes, statement.value);
    throw Error(message("the processes were not started alike: they differ in ", statement.what,
                        "\n  process 0: ", texts.front(), "\n  process ", rank, ": ", texts[rank]));
  }
}

}  // namespace gloro
