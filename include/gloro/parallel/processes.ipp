// The bodies of processes.hpp.
#pragma once

#include "gloro/parallel/processes.hpp"

#include <chrono>

#include "gloro/core/compiled.hpp"

namespace gloro {

GLORO_INLINE Processes& Processes::alone() {
  static Processes one;
  return one;
}

GLORO_INLINE void Processes::exchange(std::span<const Outgoing> outgoing,
                                      std::span<const Incoming> incoming) {
  if (count() == 1) return;
  for (const Outgoing& message : outgoing) traffic_.bytes += message.bytes.size();
  timed([&] { do_exchange(outgoing, incoming); });
}

GLORO_INLINE void Processes::gather_parts(std::span<const Part> parts) {
  std::vector<Outgoing> outgoing;
  std::vector<Incoming> incoming;
  for (const Part& part : parts)
    if (part.owner != rank()) {
      incoming.push_back({part.owner, part.bytes});
    } else {
      for (int to = 0; to < count(); ++to)
        if (to != rank()) outgoing.push_back({to, part.bytes});
    }
  exchange(outgoing, incoming);
}

GLORO_INLINE void Processes::gather(std::span<std::byte> all, std::span<const std::size_t> ends) {
  if (count() == 1) return;
  const auto p = static_cast<std::size_t>(rank());
  traffic_.bytes += (ends[p] - (p > 0 ? ends[p - 1] : 0)) * static_cast<std::size_t>(count() - 1);
  timed([&] { do_gather(all, ends); });
}

GLORO_INLINE void Processes::broadcast(std::span<std::byte> bytes) {
  if (count() == 1) return;
  if (is_first()) traffic_.bytes += bytes.size() * static_cast<std::size_t>(count() - 1);
  timed([&] { do_broadcast(bytes); });
}

template <typename Talk>
void Processes::timed(Talk&& talk) {
  const auto start = std::chrono::steady_clock::now();
  talk();
  traffic_.seconds +=
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace gloro
