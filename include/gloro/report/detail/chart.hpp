// Chart: lines over a pair of axes, drawn as SVG that takes its colours from the page and tells a
// screen reader what it shows.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "gloro/report/detail/text.hpp"

namespace gloro::report {

/// A line through (x, y); points that are not finite break it.
struct Series {
  std::string name;
  std::vector<double> x, y;
};

/// A place on the x axis worth a vertical line.
struct Marker {
  double x = 0;
  std::string text;
};

struct Chart {
  std::string id;  ///< unique in the page, of letters and dashes
  std::string title, description;
  std::string x_label;
  std::vector<Series> series;
  std::vector<Marker> markers = {};
  double width = 960, height = 380;
  bool is_filled = false;    ///< below the lines
  bool in_percent = false;   ///< y is a share of one
  bool logarithmic = false;  ///< in y; values <= 0 are left out
  bool counts_x = false;     ///< x has whole numbers only
  std::optional<double> x_end = {}, y_begin = {}, y_end = {};
};

/// The multiple of 1, 2 or 5 times a power of ten that cuts `range` into at most `parts` steps.
[[nodiscard]] inline double tick_step(double range, int parts) {
  const double rough = range / parts;
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * power >= rough * (1 - 1e-9)) return factor * power;
  return 10 * power;
}

namespace detail {

/// One axis: values [begin, end] on pixels [from, to].
struct Axis {
  double begin = 0, end = 1, from = 0, to = 1;
  bool logarithmic = false;

  [[nodiscard]] double place(double value) const {
    const double v = logarithmic ? std::log10(value) : value;
    return from + (to - from) * (v - begin) / (end - begin);
  }
  [[nodiscard]] bool shows(double value) const {
    return std::abs(value) <= 1e300 && !(logarithmic && value <= 0);
  }
  /// The axis's own unit: for a logarithmic one, the exponents.
  [[nodiscard]] std::vector<double> ticks(int parts, bool whole) const {
    double step = tick_step(end - begin, parts);
    if (whole) step = std::max(1.0, std::round(step));
    std::vector<double> all;
    for (double k = std::ceil(begin / step - 1e-9); k * step <= end + 1e-9 * step; ++k)
      all.push_back(k == 0 ? 0 : k * step);
    return all;
  }
};

/// An axis that holds all that can be shown of the values. Values that agree in nine digits are one: there are
/// no ticks between them.
template <typename Values>
[[nodiscard]] Axis fitted(const std::vector<Series>& series, Values values, bool logarithmic,
                          std::optional<double> begin, std::optional<double> end) {
  Axis axis;
  axis.logarithmic = logarithmic;
  double least = std::numeric_limits<double>::infinity(), most = -least;
  for (const Series& line : series)
    for (const double value : values(line))
      if (axis.shows(value)) {
        least = std::min(least, logarithmic ? std::log10(value) : value);
        most = std::max(most, logarithmic ? std::log10(value) : value);
      }
  if (!(least <= most)) {  // nothing to show
    least = 0;
    most = 1;
  }
  axis.begin = begin.value_or(least);
  axis.end = end.value_or(most);
  const double large = std::max(std::abs(axis.begin), std::abs(axis.end));
  if (!(axis.end - axis.begin > std::max(1e-9 * large, 1e-300)))
    axis.end = axis.begin + std::max(1.0, 1e-3 * large);
  return axis;
}

/// The axis widened to whole steps, or decades, except where an end is given.
[[nodiscard]] inline Axis widened(Axis axis, const Chart& chart) {
  const double step = axis.logarithmic ? 1 : tick_step(axis.end - axis.begin, 5);
  if (!chart.y_begin) axis.begin = step * std::floor(axis.begin / step);
  if (!chart.y_end) axis.end = step * std::ceil(axis.end / step);
  return axis;
}

[[nodiscard]] inline std::string tick_text(const Chart& chart, double tick) {
  if (chart.in_percent) return joined(std::round(tick * 1000) / 10, "%");
  if (!chart.logarithmic) return joined(tick);
  return std::abs(tick) <= 3 ? joined(std::pow(10.0, tick)) : joined("1e", tick);
}

}  // namespace detail

/// The chart as an <svg> element. Its lines have the classes `line s0`, `line s1`, ... in order.
[[nodiscard]] inline std::string svg(const Chart& chart) {
  const double left = 56, right = 18, bottom = 46;
  // Markers whose texts would meet go to rows of their own above the plot.
  const double row_height = 16, room_of_letter = 7.5;
  std::vector<double> row_ends;

  detail::Axis x = detail::fitted(
      chart.series, [](const Series& s) -> const auto& { return s.x; }, false, {}, chart.x_end);
  detail::Axis y =
      detail::widened(detail::fitted(
                          chart.series, [](const Series& s) -> const auto& { return s.y; },
                          chart.logarithmic, chart.y_begin, chart.y_end),
                      chart);
  x.from = left;
  x.to = chart.width - right;
  std::vector<Marker> markers;
  for (const Marker& marker : chart.markers)
    if (marker.x >= x.begin && marker.x <= x.end) markers.push_back(marker);
  std::sort(markers.begin(), markers.end(), [](auto& a, auto& b) { return a.x < b.x; });
  std::vector<std::size_t> row_of;
  for (const Marker& marker : markers) {
    const double half = room_of_letter * static_cast<double>(marker.text.size()) / 2;
    std::size_t row = 0;
    while (row < row_ends.size() && row_ends[row] > x.place(marker.x) - half) ++row;
    if (row == row_ends.size()) row_ends.push_back(0);
    row_ends[row] = x.place(marker.x) + half + room_of_letter;
    row_of.push_back(row);
  }
  const double top = 12 + row_height * static_cast<double>(row_ends.size());
  y.from = chart.height - bottom;
  y.to = top;

  const auto line = [](const char* kind, double x1, double y1, double x2, double y2) {
    return joined("<line class=\"", kind, "\" x1=\"", fixed(x1, 1), "\" y1=\"", fixed(y1, 1),
                  "\" x2=\"", fixed(x2, 1), "\" y2=\"", fixed(y2, 1), "\"/>\n");
  };
  const auto text = [](const char* anchor, double at_x, double at_y, const std::string& content) {
    return joined("<text text-anchor=\"", anchor, "\" x=\"", fixed(at_x, 1), "\" y=\"",
                  fixed(at_y, 1), "\">", escaped(content), "</text>\n");
  };

  std::string out = joined("<svg viewBox=\"0 0 ", chart.width, ' ', chart.height,
                           "\" role=\"img\" aria-labelledby=\"", chart.id, "-title ", chart.id,
                           "-desc\">\n<title id=\"", chart.id, "-title\">", escaped(chart.title),
                           "</title>\n<desc id=\"", chart.id, "-desc\">",
                           escaped(chart.description), "</desc>\n");
  for (const double tick : y.ticks(5, chart.logarithmic)) {
    const double at = y.from + (y.to - y.from) * (tick - y.begin) / (y.end - y.begin);
    out += line("grid", left, at, chart.width - right, at);
    out += text("end", left - 8, at + 4, detail::tick_text(chart, tick));
  }
  for (const double tick : x.ticks(chart.width > 600 ? 12 : 6, chart.counts_x)) {
    const double at = x.place(tick);
    out += line("tick", at, y.from, at, y.from + 5);
    out += text("middle", at, y.from + 20, joined(tick));
  }
  out += line("axis", left, y.from, chart.width - right, y.from);
  out += text("middle", (left + chart.width - right) / 2, chart.height - 6, chart.x_label);
  for (std::size_t m = 0; m < markers.size(); ++m) {
    const double at = x.place(markers[m].x);
    const double text_at = top - 7 - row_height * static_cast<double>(row_of[m]);
    out += line("marker", at, text_at + 4, at, y.from);
    out += text("middle", at, text_at, markers[m].text);
  }

  for (std::size_t s = chart.series.size(); s-- > 0;) {  // the first on top
    const Series& series = chart.series[s];
    std::string path;
    bool pen_is_down = false;
    for (std::size_t i = 0; i < series.x.size() && i < series.y.size(); ++i) {
      const bool shown = x.shows(series.x[i]) && y.shows(series.y[i]);
      if (shown)
        path += joined(pen_is_down ? 'L' : 'M', fixed(x.place(series.x[i]), 1), ' ',
                       fixed(y.place(series.y[i]), 1));
      pen_is_down = shown;
    }
    if (!path.empty())
      out += joined("<path class=\"line s", s, chart.is_filled ? " filled" : "", "\" d=\"", path,
                    "\"/>\n");
  }
  return out + "</svg>\n";
}

/// The chart with its title above and a legend, as a <figure>.
[[nodiscard]] inline std::string figure(const Chart& chart) {
  std::string out = joined("<figure class=\"chart\" id=\"", chart.id, "\">\n<figcaption><strong>",
                           escaped(chart.title), "</strong>");
  if (chart.series.size() > 1)
    for (std::size_t s = 0; s < chart.series.size(); ++s)
      out += joined(
          "<span class=\"key\"><svg viewBox=\"0 0 26 10\" aria-hidden=\"true\">"
          "<path class=\"line s",
          s, "\" d=\"M1 5L25 5\"/></svg>", escaped(chart.series[s].name), "</span>");
  return out + "</figcaption>\n" + svg(chart) + "</figure>\n";
}

}  // namespace gloro::report
