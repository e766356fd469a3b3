// The bodies of certificate.hpp.
#pragma once

#include "gloro/certify/certificate.hpp"

#include <algorithm>

#include "gloro/core/compiled.hpp"

namespace gloro {

GLORO_INLINE double Certificate::set_radius() const {
  double best = radius;
  for (const CertifiedSet& set : sets) best = std::max(best, set.radius);
  return best;
}

GLORO_INLINE double Certificate::set_radius_of(int c) const {
  if (sets.empty()) return c == label ? radius : 0;
  double best = 0;
  for (std::size_t k = sets.size(); k-- > 0;) {
    best = std::max(best, sets[k].radius);
    if (sets[k].added == c) return best;
  }
  return 0;
}

GLORO_INLINE std::vector<int> Certificate::classes() const {
  if (sets.empty()) return abstains() ? std::vector<int>{} : std::vector<int>{label};
  const double best = set_radius();
  std::size_t size = 1;
  while (sets[size - 1].radius != best) ++size;
  return first(size);
}

GLORO_INLINE std::vector<int> Certificate::classes_at(double epsilon) const {
  if (sets.empty())
    return !abstains() && radius > epsilon ? std::vector<int>{label} : std::vector<int>{};
  std::size_t size = sets.size();
  while (size > 0 && !(sets[size - 1].radius > epsilon)) --size;
  return first(size);
}

GLORO_INLINE std::vector<int> Certificate::first(std::size_t size) const {
  std::vector<int> all;
  for (std::size_t k = 0; k < size; ++k) all.push_back(sets[k].added);
  return all;
}

GLORO_INLINE void Certificates::append(const Certificates& more) {
  answers.insert(answers.end(), more.answers.begin(), more.answers.end());
  top.insert(top.end(), more.top.begin(), more.top.end());
  needed_double += more.needed_double;
}

}  // namespace gloro
