// What is proved about a set of images, epsilon by epsilon: as a table for people, as JSON for programs.
#pragma once

#include <gloro/certify/summary.hpp>
#include <gloro/core/decimal.hpp>
#include <gloro/core/number.hpp>
#include <gloro/data/dataset.hpp>
#include <gloro/io/json.hpp>

#include "colour.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <iomanip>
#include <ostream>
#include <span>
#include <sstream>
#include <string>
#include <vector>

/// `labels`: none, where they are not known.
struct Figures {
  const gloro::Certificates& certified;
  std::span<const int> labels;
  const std::vector<double>& epsilons;
  bool is_relaxed = false;
};

/// Shares are rounded down, and what is rejected up.
inline void print(std::ostream& people, const Figures& figures) {
  using namespace gloro;
  const bool is_labelled = !figures.labels.empty();
  std::size_t widest = 10;
  for (const double epsilon : figures.epsilons)
    widest = std::max(widest, number_text(epsilon).size());
  const int first = static_cast<int>(widest), width = 12;
  std::ostringstream head;
  head << std::setw(first) << "epsilon";
  if (is_labelled) head << std::setw(width) << "VRA";
  head << std::setw(width) << "certified" << std::setw(width) << "rejected";
  if (figures.is_relaxed && is_labelled) head << std::setw(width) << "set VRA";
  if (figures.is_relaxed) head << std::setw(width) << "in sets";
  people << colour::painted(people, colour::bold, head.str()) << '\n';
  for (const double epsilon : figures.epsilons) {
    const CertifiedMetrics at = tally(figures.certified, figures.labels, epsilon);
    const auto column = [&](Index count) {
      people << std::setw(width) << percent_down(count, at.samples) + " %";
    };
    people << std::setw(first) << number_text(epsilon);
    if (is_labelled) column(at.right_and_certified);
    column(at.certified);
    people << std::setw(width) << percent_rest(at.certified, at.samples) + " %";
    if (figures.is_relaxed && is_labelled) column(at.right_and_set_certified);
    if (figures.is_relaxed) column(at.set_certified);
    people << '\n';
  }
}

/// Of which images, and the share of right answers, where that is known; for the summary, too.
inline void tell_images(std::ostream& people, gloro::OrderedJson& summary, const Figures& figures,
                        const gloro::data::Dataset& images) {
  using namespace gloro;
  people << images.size() << " images of " << images.name();
  if (!images.has_labels()) return;
  const CertifiedMetrics at_zero = tally(figures.certified, images.labels(), 0);
  summary["clean_accuracy"] = at_zero.clean_accuracy();
  people << ", clean accuracy " << percent_down(at_zero.right, images.size()) << " %";
}

[[nodiscard]] inline gloro::OrderedJson to_json(const Figures& figures) {
  using namespace gloro;
  const bool is_labelled = !figures.labels.empty();
  OrderedJson results = OrderedJson::array();
  for (const double epsilon : figures.epsilons) {
    const CertifiedMetrics all = tally(figures.certified, figures.labels, epsilon);
    const auto share = [&](Index count) {
      return static_cast<double>(count) / static_cast<double>(all.samples);
    };
    OrderedJson at{{"epsilon", epsilon}};
    if (is_labelled) at["vra"] = all.vra();
    at["certified"] = share(all.certified);
    at["rejection_rate"] = all.rejection_rate();
    if (figures.is_relaxed) {
      if (is_labelled) at["set_vra"] = all.set_vra();
      at["set_certified"] = share(all.set_certified);
      at["set_rejection_rate"] = all.set_rejection_rate();
    }
    results.push_back(at);
  }
  return results;
}
