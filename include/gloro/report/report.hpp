// A report for people: one HTML file without scripts that opens offline and shows what is proved
// about a set of images, the network's bounds and how it was trained. Its security policy forbids
// the browser to fetch anything.
#pragma once

#include <string>

#include "gloro/core/output_file.hpp"
#include "gloro/report/content.hpp"

namespace gloro {

/// The page as text, UTF-8. Throws ArgumentError where the parts of the input do not fit together.
[[nodiscard]] std::string report_html(const ReportInput& input);

/// Writes the page, whole or not at all:
///
///   const Certifier<float> certifier(model);
///   const Certificates certified = certifier.certify(test, {.workers = &workers});
///   write_report("report.html", {.model = "mnist-2C2F", .input = model.input_shape(),
///                                .layers = report_layers(certifier), .images = test,
///                                .certified = certified, .epsilon = 0.3,
///                                .epsilons = test.radii()});
void write_report(OutputFile file, const ReportInput& input);

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/report/report.ipp"
#endif
