// The page about what is proved, but for where it came from.
#pragma once

#include <gloro/certify/certifier.hpp>
#include <gloro/report/report.hpp>

#include "proofs.hpp"

#include <concepts>
#include <filesystem>
#include <string>
#include <utility>

[[nodiscard]] inline std::string name_of_model(const std::string& file) {
  return std::filesystem::path(file).stem().string();
}

/// The headline quotes the radius that the model was trained for, if it is asked for, or else the first.
template <std::floating_point Scalar>
gloro::ReportInput report_page(const gloro::Certifier<Scalar>& certifier,
                               const Subject<Scalar>& subject, gloro::Certificates certified) {
  double headline = subject.epsilons.empty() ? 0 : subject.epsilons.front();
  for (const double epsilon : subject.epsilons)
    if (epsilon == subject.trained_for) headline = epsilon;
  gloro::ReportInput page{.model = {},
                          .input = subject.images.shape(),
                          .layers = report_layers(certifier),
                          .images = subject.images,
                          .certified = std::move(certified),
                          .epsilon = headline,
                          .epsilons = subject.epsilons,
                          .guarantee = certifier.guarantee(),
                          .warning = subject.range.warning};
  for (const double radius : subject.images.radii()) page.epsilons.push_back(radius);
  return page;
}
