// Agreement: processes that train together must have been started alike. Each states what it is about
// to do; where two statements differ, all of them refuse, and say which statement it was.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "gloro/core/checksum.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/processes.hpp"

namespace gloro {

/// One thing that all processes must have in common.
struct Statement {
  std::string what;   ///< "options", "training data"
  std::string value;  ///< compared as a whole, and shown where it differs
};

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
    const auto other = std::find_if(hashes.begin(), hashes.end(), [&](std::uint64_t value) {
      return value != hashes.front();
    });
    if (other == hashes.end()) continue;
    const auto rank = static_cast<std::size_t>(other - hashes.begin());
    const auto texts = detail::gather_texts(processes, statement.value);
    throw Error(message("the processes were not started alike: they differ in ", statement.what,
                        "\n  process 0: ", texts.front(), "\n  process ", rank, ": ", texts[rank]));
  }
}

}  // namespace gloro
