#include "gloro/report/report.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "data/files.hpp"
#include "gloro/core/error.hpp"
#include "gloro/layers/dense.hpp"
#include "gloro/layers/minmax.hpp"
#include "gloro/parallel/workers.hpp"
#include "gloro/report/detail/answers.hpp"
#include "gloro/report/detail/bitmap.hpp"
#include "gloro/report/detail/chart.hpp"
#include "gloro/report/detail/text.hpp"

using namespace gloro;

namespace {

constexpr double unbounded = std::numeric_limits<double>::infinity();

/// Five 2 x 2 images: right and far, right and near, right at epsilon, wrong but proved, rejected.
ReportInput five_images() {
  return {
      .model = "five",
      .input = {2, 2, 1},
      .layers = {{"dense, units 2", Shape::flat(2), 10, 1.5, 1.6}},
      .images = {"test", {2, 2, 1}, std::vector<std::uint8_t>(20, 255), {0, 0, 1, 1, 1}, 2},
      .certified = {{{0, 2.0}, {0, 0.25}, {1, 0.5}, {0, 1.0}, {abstain, 0}}, {0, 0, 1, 0, 1}, 5},
      .epsilon = 0.5};
}

std::string text_in(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::size_t occurrences(const std::string& text, const std::string& word) {
  std::size_t count = 0;
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++count;
  return count;
}

std::vector<std::uint8_t> from_base64(const std::string& text) {
  const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::vector<std::uint8_t> bytes;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    if (c == '=') break;
    bits = bits << 6 | static_cast<std::uint32_t>(digits.find(c));
    if ((held += 6) >= 8) bytes.push_back(static_cast<std::uint8_t>(bits >> (held -= 8)));
  }
  return bytes;
}

std::string why_no_log(const std::string& text) {
  const files::TemporaryDirectory directory;
  files::write(directory / "log.csv", files::text(text));
  try {
    (void)report::read_training_log(directory / "log.csv");
  } catch (const FileError& error) {
    return error.what();
  }
  return "read";
}

}  // namespace

TEST_CASE("An upper bound is printed rounded up, and exactly where it can be") {
  CHECK(report::rounded_up(1, 6) == "1.000000");
  CHECK(report::rounded_up(1.5, 1) == "1.5");
  CHECK(report::rounded_up(1.0000001, 6) == "1.000001");
  CHECK(report::rounded_up(0.9999999, 6) == "1.000000");
  CHECK(report::rounded_up(199.9999999, 2) == "200.00");
  CHECK(report::rounded_up(99.999, 2) == "100.00");
  CHECK(report::rounded_up(1e-300, 3) == "0.001");
  CHECK(report::rounded_up(0, 3) == "0.000");
  CHECK(report::rounded_up(unbounded, 3) == "∞");
}

TEST_CASE("Shares are percentages rounded down, and the rest goes to the other side") {
  CHECK(report::percent(9592, 10000) == "95.92 %");
  CHECK(report::percent(2, 3) == "66.66 %");
  CHECK(report::rest_percent(2, 3) == "33.34 %");
  CHECK(report::percent(1, 2000) == "0.05 %");
  CHECK(report::percent(3, 3) == "100.00 %");
  CHECK(report::percent(0, 0) == "–");
}

TEST_CASE("An epsilon is written as people write it") {
  CHECK(report::epsilon_text(0.3) == "0.3");
  CHECK(report::epsilon_text(1.58) == "1.58");
  CHECK(report::epsilon_text(36.0 / 255) == "36/255");
  CHECK(report::epsilon_text(1) == "1");
  CHECK(report::epsilon_text(0.123456) == "0.123456");
  CHECK(report::epsilon_text(0.2999996) == "0.2999996");
  CHECK(report::epsilon_text(0.14117647) == "0.14117647");  // not 36/255
  CHECK(report::epsilon_text(std::nextafter(36.0 / 255, 1)) != "36/255");
  CHECK(report::epsilon_text(1e-7) == "1e-07");
}

TEST_CASE("Axes are cut at multiples of 1, 2 or 5 times a power of ten") {
  CHECK(report::tick_step(1, 5) == Approx(0.2));
  CHECK(report::tick_step(1.9, 12) == Approx(0.2));
  CHECK(report::tick_step(60, 12) == Approx(5));
  CHECK(report::tick_step(7e-4, 5) == Approx(2e-4));
  CHECK(report::tick_step(44, 5) == Approx(10));
}

TEST_CASE("A chart's line goes through its points and stops where one is missing") {
  report::Chart chart{.id = "c",
                      .title = "a < b",
                      .description = "two points",
                      .x_label = "x",
                      .series = {{"line", {0, 5, 10, 15, 20}, {0, 1, std::nan(""), 1, 0}}},
                      .width = 174,  // 56 to the left and 18 to the right of the plot
                      .height = 158,
                      .y_begin = 0,
                      .y_end = 1};
  const std::string svg = report::svg(chart);
  CHECK_THAT(svg, ContainsText("d=\"M56.0 112.0L81.0 12.0M131.0 12.0L156.0 112.0\""));
  CHECK_THAT(svg, ContainsText("<title id=\"c-title\">a &lt; b</title>"));
  CHECK_THAT(svg, ContainsText("aria-labelledby=\"c-title c-desc\""));

  chart.logarithmic = true;
  chart.y_begin.reset();
  chart.y_end.reset();
  chart.series = {{"line", {0, 10, 20}, {1e-2, 1, 0}}};
  CHECK_THAT(report::svg(chart), ContainsText("d=\"M56.0 112.0L106.0 12.0\""));
  chart.series = {{"nothing", {}, {}}};
  CHECK(occurrences(report::svg(chart), "<path") == 0);
}

TEST_CASE(
    "Values that hardly differ, or are beyond all measure, are drawn on an axis all the same") {
  const double infinite = std::numeric_limits<double>::infinity();
  for (const auto& [x, y] :
       {std::pair<std::vector<double>, std::vector<double>>{{1, 2}, {1, 1 + 0x1p-52}},
        {{1e17, 1e17 + 16}, {0x1p53, 0x1p53}},
        {{-1e308, 1e308}, {0, 5e-324}},
        {{1, 2}, {-infinite, infinite}}})
    for (const bool logarithmic : {false, true}) {
      const report::Chart chart{.id = "c",
                                .title = "",
                                .description = "",
                                .x_label = "",
                                .series = {{"line", x, y}},
                                .logarithmic = logarithmic};
      const std::string svg = report::svg(chart);
      CHECK(svg.size() < 10000);
      CHECK(svg.find("nan") == std::string::npos);
      CHECK(svg.find("inf") == std::string::npos);
    }
}

TEST_CASE("An axis that counts has no halves") {
  report::Chart chart{.id = "c",
                      .title = "",
                      .description = "",
                      .x_label = "",
                      .series = {{"epochs", {1, 2, 3, 4}, {1, 2, 3, 4}}}};
  CHECK_THAT(report::svg(chart), ContainsText(">1.5</text>"));
  chart.counts_x = true;
  CHECK(occurrences(report::svg(chart), ".5</text>") == 0);
}

TEST_CASE("Markers too close for their texts stand in rows of their own") {
  report::Chart chart{.id = "c", .title = "", .description = "", .x_label = "", .series = {}};
  chart.markers = {{0.1, "36/255"}, {0.11, "40/255"}, {0.9, "1"}, {7, "outside"}};
  const std::string svg = report::svg(chart);
  CHECK(occurrences(svg, "class=\"marker\"") == 3);
  CHECK_THAT(svg, ContainsText("y=\"37.0\">36/255"));
  CHECK_THAT(svg, ContainsText("y=\"21.0\">40/255"));
  CHECK_THAT(svg, ContainsText("y=\"37.0\">1<"));
}

TEST_CASE("A picture is a bitmap with the image's colours") {
  const std::string prefix = "data:image/bmp;base64,";
  Tensor<float> image({2, 3, 3}, 1);
  for (Index i = 0; i < image.size(); ++i) image.data()[i] = static_cast<float>(i) / 17.0F;
  const std::string text = report::picture(image);
  REQUIRE(text.starts_with(prefix));
  const auto bytes = from_base64(text.substr(prefix.size()));
  REQUIRE(bytes.size() == 54 + 2 * 12);
  CHECK(bytes[0] == 'B');
  CHECK(bytes[2] == bytes.size());
  CHECK(bytes[10] == 54);
  CHECK(bytes[18] == 3);
  CHECK(bytes[22] == 2);
  CHECK(bytes[54] == 165);          // the lower left pixel: blue is value 11 of 17
  CHECK(bytes[54 + 12 + 2] == 0);   // the upper left: red is 0
  CHECK(bytes[54 + 12 + 8] == 90);  // the upper right: red is 6 of 17

  Tensor<float> grey({1, 2, 1}, 1);  // values of no pixel unit: their own range
  grey.data()[0] = -3;
  grey.data()[1] = 5;
  const auto own = from_base64(report::picture(grey).substr(prefix.size()));
  REQUIRE(own.size() == 54 + 8);
  CHECK(own[54] == 0);
  CHECK(own[57] == 255);
  CHECK_FALSE(report::is_picture(Shape::flat(10)));
}

TEST_CASE("base64 pads what is no multiple of three bytes") {
  CHECK(report::base64({}) == "");
  CHECK(report::base64({'f'}) == "Zg==");
  CHECK(report::base64({'f', 'o'}) == "Zm8=");
  CHECK(report::base64({'f', 'o', 'o'}) == "Zm9v");
  CHECK(report::base64({'f', 'o', 'o', 'b'}) == "Zm9vYg==");
}

TEST_CASE("A training log is read by column, and a repeated epoch replaces what followed it") {
  const files::TemporaryDirectory directory;
  files::write(directory / "log.csv", files::text("epoch,loss,test_vra\r\n1,2.5,0.1\r\n2,2,-nan\n"
                                                  "3,1.5,0.3\n2,1.75,0.25\n3,inf,0.5\n"));
  const report::TrainingLog log = report::read_training_log(directory / "log.csv");
  CHECK(log.column("epoch") == std::vector<double>{1, 2, 3});
  CHECK(log.column("loss") == std::vector<double>{2.5, 1.75, unbounded});
  CHECK(log.column("test_vra_estimate") == std::vector<double>{0.1, 0.25, 0.5});
  CHECK(log.column("test_vra").empty());  // the name of version 0.1, which this log has
  CHECK(log.column("else").empty());
}

TEST_CASE("A file that is no training log is refused with its line") {
  CHECK_THAT(why_no_log(""), ContainsText("no column 'epoch'"));
  CHECK_THAT(why_no_log("index,label\n0,7\n"), ContainsText("no column 'epoch'"));
  CHECK_THAT(why_no_log("epoch,loss\n1,2\n2\n"), ContainsText("line 3 has 1 fields, expected 2"));
  CHECK_THAT(why_no_log("epoch,loss\n1,2x\n"), ContainsText("line 2: '2x' is not a number"));
  CHECK_THAT(why_no_log("epoch,loss\n1,2\nnan,2\n"), ContainsText("line 3: 'nan' is no epoch"));
  CHECK_THAT(why_no_log("epoch,loss,loss\n1,2,3\n"), ContainsText("two columns 'loss'"));
  CHECK_THAT(why_no_log("epoch,test_vra,test_vra_estimate\n1,0,1\n"),  // the old name and the new
             ContainsText("two columns 'test_vra_estimate'"));
  CHECK_THROWS_AS(report::read_training_log("no such file"), FileError);
}

TEST_CASE("An image is verified where its label is right and its radius exceeds epsilon") {
  const auto all = report::answers(five_images());
  const report::Counts counts = report::count(all, 0.5);
  CHECK(counts.samples == 5);
  CHECK(counts.right == 4);
  CHECK(counts.set_certified == 2);  // 2.0 and 1.0; not 0.5 itself
  CHECK(counts.right_and_set_certified == 1);
  CHECK(counts.average_radius() == Approx((2.0 + 0.25 + 0.5) / 5));
  CHECK(report::count(all, 0).right_and_set_certified == 3);
}

TEST_CASE("The page states the figures that its answers imply") {
  ReportInput input = five_images();
  input.epsilons = {1.5, 0.25, 1.5};
  const std::string html = report_html(input);
  CHECK_THAT(html, ContainsText("<dt>VRA at ε = 0.5</dt><dd>20.00 %"));
  CHECK_THAT(html, ContainsText("<dt>Clean accuracy</dt><dd>80.00 %"));
  CHECK_THAT(html, ContainsText("<dt>Rejected at ε = 0.5</dt><dd>60.00 %"));
  CHECK_THAT(html, ContainsText("<th scope=\"row\">0.25</th>"
                                "<td class=\"bar\" style=\"--share:0.400\">40.00 %</td>"
                                "<td>20.00 %</td><td>60.00 %</td><td>40.00 %</td>"));
  CHECK(occurrences(html, "<th scope=\"row\">1.5</th>") == 1);
  CHECK_THAT(html, ContainsText("A falling curve from 60.0 % at radius 0, 40.0 % at 0.25, "
                                "20.0 % at 0.5, 20.0 % at 1.5 to the largest radius, 2.00."));
  CHECK_THAT(html, ContainsText("<td>1.500000</td><td>1.600001</td>"));  // 1.6 is above 1.6
  CHECK(occurrences(html, "<section id=\"training\"") == 0);
  CHECK(occurrences(html, "<h3 id=\"wrong\">") == 1);

  input.log.columns = {{"epoch", {1, 2}}, {"loss", {2, 1}}};
  const std::string with_log = report_html(input);
  CHECK_THAT(with_log, ContainsText("loss from 2 to 1"));
  CHECK(occurrences(with_log, "id=\"training-accuracy\"") == 0);  // not in this log
}

TEST_CASE("A page on images without labels speaks of certified shares, not of accuracy") {
  ReportInput input = five_images();
  input.images = {"mine", {2, 2, 1}, std::vector<float>(20, 0.5F)};
  input.certified.answers[0].radius = unbounded;
  const std::string html = report_html(input);
  CHECK(occurrences(html, "VRA") == 0);
  CHECK(occurrences(html, "lean accuracy") == 0);
  CHECK_THAT(html, ContainsText("<dt>Certified at ε = 0.5</dt><dd>40.00 %"));
  CHECK_THAT(html, ContainsText("radius ∞"));
  CHECK_THAT(html, ContainsText("to the largest radius, 1.00."));
}

TEST_CASE("A page on relaxed answers counts sets with the label in them and says what they claim") {
  ReportInput input = five_images();
  input.guarantee = Guarantee::top_k(2);
  // Labels 0, 0, 1, 1, 1. Right alone; label only in the second set; proved alone and in a pair;
  // wrong with no set that has the label; nothing.
  input.certified = {{{0, 2.0, {{0, 2.0}}},
                      {1, 0.5, {{1, 0.5}, {0, 0.75}}},
                      {1, 1.0, {{1, 1.0}, {0, 0.25}}},
                      {0, 1.0, {{0, 1.0}, {2, 0.75}}},
                      {}},
                     {0, 1, 1, 0, 1},
                     5};
  const auto all = report::answers(input);
  const report::Counts counts = report::count(all, 0.5);
  CHECK(counts.right == 3);
  CHECK(counts.set_certified == 4);
  CHECK(counts.right_and_set_certified == 3);
  CHECK(counts.average_radius() == Approx((2.0 + 0.75 + 1.0) / 5));
  CHECK(report::count(all, 0.75).right_and_set_certified == 2);
  const std::string html = report_html(input);
  CHECK_THAT(html, ContainsText("<dt>Set VRA at ε = 0.5</dt><dd>60.00 %"));
  CHECK_THAT(html, ContainsText("<dt>Clean accuracy</dt><dd>60.00 %"));
  CHECK(occurrences(html, ">VRA") == 0);  // that is of labels
  CHECK_THAT(html,
             ContainsText("The guarantee is relaxed: an answer may be a set of classes, any 2 "
                          "classes or fewer."));
  CHECK(occurrences(html, "<br>one of 1, 0<br>radius 0.75") > 0);
  CHECK(occurrences(html, "has that label as its unique top class") == 0);
  CHECK_THAT(html, ContainsText("A falling curve from 60.0 % at radius 0"));

  input.guarantee = Guarantee::affinity({{0, 1}, {1, 2}});
  input.images =
      data::Dataset("three", {2, 2, 1}, std::vector<std::uint8_t>(20, 255), {0, 0, 1, 1, 1}, 3)
          .with_class_names({"cat", "<dog>", "ship"});
  CHECK_THAT(report_html(input),
             ContainsText("one set among {cat, &lt;dog&gt;} {&lt;dog&gt;, ship}."));
  CHECK(occurrences(report_html(five_images()), "elaxed") == 0);
}

namespace {

/// Image 0 is moved at 3 to class 1, 1 at 0.5 to 1, 3 at 1.25 to 1; others were not.
ReportInput attacked() {
  ReportInput input = five_images();
  input.attack = {
      Tensor<float>({2, 2, 1}, 5), {3, 0.5, unbounded, 1.25, unbounded}, {1, 1, 0, 1, 0}};
  std::fill_n(input.attack.points.data(), 20, 0.25F);
  return input;
}

/// From the element with this id to the end of its section.
std::string section(const std::string& html, const std::string& id) {
  const auto begin = html.find("id=\"" + id + "\"");
  REQUIRE(begin != std::string::npos);
  return html.substr(begin, html.find("</section>", begin) - begin);
}

}  // namespace

TEST_CASE("Beside an image stands the nearest adversarial, with both distances") {
  const std::string html = report_html(attacked());
  const std::string images = section(html, "images");
  CHECK_THAT(images, ContainsText("radius 2.0000<br>moved at 3.0000 to 1"));
  CHECK_THAT(images, ContainsText("alt=\"image 0, moved\" src=\"data:image/bmp;base64,"));
  CHECK(occurrences(images, "alt=\"image 2, moved\"") == 0);
  // 2 / 3, 0.25 / 0.5 and 1 / 1.25 of the distance.
  CHECK_THAT(images, ContainsText("covers 66.7 % in the median and 80.0 % at most, of 3 images"));
  const std::string radii = section(html, "radii");
  // Right: 0, 1, 2 and 4, of which 1 is moved at 0.5 itself.
  CHECK_THAT(radii, ContainsText("an attack could not move, 60.0 % at 0.5."));
  CHECK(occurrences(radii, "class=\"line s2\"") == 2);  // in the legend and in the plot
  CHECK(occurrences(section(report_html(five_images()), "radii"), "class=\"line s2\"") == 0);
  ReportInput input = attacked();
  input.attack.labels.pop_back();
  CHECK_THROWS_AS(report_html(input), ArgumentError);
}

TEST_CASE("A histogram counts the radii") {
  const std::string html = section(report_html(five_images()), "histogram");
  // 2, 0.25, 0.5 and 1 in forty steps of 0.05: one each.
  CHECK_THAT(html, ContainsText("Steps of 0.05. Most images, 1, have a radius from 0.25 to 0.3."));
  ReportInput input = five_images();
  input.certified.answers = {{0, 2.01}, {0, 2.04}, {1, 2.03}, {0, 1.0}, {abstain, 0}};
  CHECK_THAT(section(report_html(input), "histogram"),
             ContainsText("Steps of 0.1. Most images, 3, have a radius from 2 to 2.1."));
  input.certified.answers = std::vector<Certificate>(5);
  CHECK(occurrences(report_html(input), "id=\"histogram\"") == 0);
}

TEST_CASE("The confusion matrix has a row a label and a column a top class") {
  ReportInput input = five_images();
  const std::string matrix = section(report_html(input), "confusion");
  CHECK_THAT(matrix,
             ContainsText("<tr><th scope=\"row\">0</th><td class=\"right\">2</td><td></td></tr>"));
  CHECK_THAT(matrix, ContainsText("<tr><th scope=\"row\">1</th><td class=\"some\" style=\"--share:"
                                  "45%\">1</td><td class=\"right\">2</td></tr>"));
  input.images = {"many", {2, 2, 1}, std::vector<std::uint8_t>(20, 255), {0, 0, 1, 1, 1}, 100};
  CHECK_THAT(section(report_html(input), "confusion"),
             ContainsText("<tr><th scope=\"row\">1</th><td>0</td><td>1</td></tr>\n</tbody>"));
}

TEST_CASE("Networks are compared on the same images") {
  ReportInput input = five_images();
  input.rivals = {
      {"<other>", {{{0, 0.75}, {0, 0.75}, {1, 0.25}, {1, 1.0}, {}}, {0, 0, 1, 1, 0}, 5}}};
  const std::string radii = section(report_html(input), "radii");
  CHECK_THAT(radii,
             ContainsText("<tr><th scope=\"row\">five</th><td class=\"bar\" style=\"--share:"
                          "0.200\">20.00 %</td><td>80.00 %</td><td>40.00 %</td><td>0.5000</td>"));
  CHECK_THAT(radii,
             ContainsText("<tr><th scope=\"row\">&lt;other&gt;</th><td class=\"bar\" style=\""
                          "--share:0.600\">60.00 %</td><td>80.00 %</td><td>60.00 %</td>"
                          "<td>0.7500</td>"));
  CHECK_THAT(radii, ContainsText("right and certified, &lt;other&gt;</span>"));
  input.rivals[0].certified.top.pop_back();
  CHECK_THROWS_AS(report_html(input), ArgumentError);
  input.rivals.assign(4, {"five", input.certified});
  CHECK_THROWS_AS(report_html(input), ArgumentError);
}

TEST_CASE("A page says where it came from") {
  ReportInput input = five_images();
  CHECK(occurrences(report_html(input), "id=\"origin\"") == 0);
  input.origin = {{"command", "certify <m>"}, {"version", "0.1.0"}};
  CHECK_THAT(
      section(report_html(input), "origin"),
      ContainsText("<dt>command</dt><dd>certify &lt;m&gt;</dd>\n<dt>version</dt><dd>0.1.0</dd>"));
}

TEST_CASE("The page fetches nothing, whatever names it is given") {
  ReportInput input = attacked();
  input.model = "</title><script src=\"http://example.invalid/x.js\"></script>";
  input.images = input.images.with_class_names({"<img src='http://example.invalid'>", "\"&"});
  input.layers[0].text = "<b>";
  const std::string html = report_html(input);
  CHECK(occurrences(html, "<script") == 0);
  CHECK(occurrences(html, "<b>") == 0);
  CHECK(occurrences(html, " src=\"") == occurrences(html, " src=\"data:image/bmp;base64,"));
  CHECK(occurrences(html, " href=\"") == occurrences(html, " href=\"data:,\""));
  CHECK(occurrences(html, "url(") == 0);
  CHECK(occurrences(html, "@import") == 0);
  CHECK_THAT(html, ContainsText("default-src 'none'; style-src 'unsafe-inline'; img-src data:\""));
}

TEST_CASE("Input whose parts do not fit is refused, and the old report stays") {
  const files::TemporaryDirectory directory;
  ReportInput input = five_images();
  write_report(directory / "report.html", input);
  const std::string old = text_in(directory / "report.html");
  CHECK(old == report_html(input));
  input.certified.answers.pop_back();
  CHECK_THROWS_AS(write_report(directory / "report.html", input), ArgumentError);
  input = five_images();
  input.epsilons = {-1};
  CHECK_THROWS_AS(write_report(directory / "report.html", input), ArgumentError);
  CHECK(text_in(directory / "report.html") == old);
  CHECK_THROWS_AS(write_report(directory / "none" / "report.html", five_images()), FileError);
}

TEST_CASE("The layers of a report carry estimates below rigorous bounds") {
  const GloroModel<float> model({1, 1, 6}, {Dense<float>(8), MinMax<float>(), Dense<float>(3)}, 7);
  const Certifier<float> certifier(model);
  const std::vector<ReportLayer> layers = report_layers(certifier);
  REQUIRE(layers.size() == 3);
  CHECK(layers[0].text.starts_with("dense, units 8"));
  CHECK(layers[0].parameters == 8 * 6 + 8);
  CHECK(layers[1].output == Shape::flat(8));
  CHECK(layers[1].upper_bound == 1);
  for (const ReportLayer& layer : layers) {
    CHECK(layer.estimate <= layer.upper_bound);
    CHECK(layer.estimate == Approx(layer.upper_bound).epsilon(1e-4));
  }
}
