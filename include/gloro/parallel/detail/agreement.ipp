// The bodies of agreement.hpp.
#pragma once

#include "gloro/parallel/detail/agreement.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>

#include "gloro/core/compiled.hpp"
#include "gloro/core/detail/checksum.hpp"
#include "gloro/core/error.hpp"

namespace gloro {

GLORO_INLINE std::string first_difference(const std::vector<Statement>& there,
                                          const std::vector<Statement>& here) {
  const auto is_missing_here = [&](const Statement& one) {
    return std::none_of(here.begin(), here.end(),
                        [&](const Statement& other) { return other.what == one.what; });
  };
  for (std::size_t i = 0; i < std::max(there.size(), here.size()); ++i) {
    const bool both = i < there.size() && i < here.size();
    if (!both || there[i].what != here[i].what) {
      const bool is_there = i >= here.size() || (both && is_missing_here(there[i]));
      return message("one of the two says nothing about ", (is_there ? there[i] : here[i]).what);
    }
    if (there[i].value != here[i].value)
      return message("they differ in ", here[i].what, "\n  there: ", there[i].value,
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

GLORO_INLINE void require_agreement(Processes& processes,
                                    const std::vector<Statement>& statements) {
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
