// The bodies of report.hpp.
#pragma once

#include "gloro/report/report.hpp"

#include "gloro/core/compiled.hpp"
#include "gloro/report/detail/classes_section.hpp"
#include "gloro/report/detail/confusion_section.hpp"
#include "gloro/report/detail/heading.hpp"
#include "gloro/report/detail/images_section.hpp"
#include "gloro/report/detail/network_section.hpp"
#include "gloro/report/detail/origin_section.hpp"
#include "gloro/report/detail/page.hpp"
#include "gloro/report/detail/radii_section.hpp"
#include "gloro/report/detail/style.hpp"
#include "gloro/report/detail/text.hpp"
#include "gloro/report/detail/training_section.hpp"

namespace gloro {

GLORO_INLINE std::string report_html(const ReportInput& input) {
  const report::Page page(input);
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
         "style-src 'unsafe-inline'; img-src data:\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<link rel=\"icon\" href=\"data:,\">\n<title>" +
         report::escaped(input.model) + ": certified robustness</title>\n<style>" + report::style +
         "</style>\n</head>\n<body>\n" + report::heading(page) + "<main>\n" +
         report::radii_section(page) + report::classes_section(page) +
         report::confusion_section(page) + report::images_section(page) +
         report::network_section(page) + report::training_section(page) +
         report::origin_section(page) +
         "</main>\n<footer>Written by gloro. What a certificate assumes and proves: "
         "docs/soundness.md.</footer>\n</body>\n</html>\n";
}

GLORO_INLINE void write_report(OutputFile file, const ReportInput& input) {
  file.write(report_html(input));
  file.commit();
}

}  // namespace gloro
