// Images in another unit than a network's: what the model file says of its inputs, and what a user is told.
#include "catch.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "data/files.hpp"
#include "gloro/core/error.hpp"
#include "gloro/io/input_range.hpp"
#include "gloro/io/json.hpp"
#include "gloro/io/model_file.hpp"
#include "gloro/io/safetensors.hpp"
#include "gloro/report/report.hpp"
#include "io/networks.hpp"

using namespace gloro;
using networks::small;

namespace {

data::Dataset pixels(std::vector<float> values) {
  return data::Dataset("mine", Shape::flat(2), std::move(values));
}

}  // namespace

TEST_CASE("The input range of a model is saved and loaded") {
  const files::TemporaryDirectory directory;
  const auto path = directory / "m.safetensors";
  save_model(path, small(), {.input_range = ValueRange{-0.1, 2.5}});
  CHECK(load_model<float>(path).metadata.input_range == ValueRange{-0.1, 2.5});
  CHECK(load_model<double>(path).metadata.input_range == ValueRange{-0.1, 2.5});
  CHECK(load_model<float>(path).metadata.other.empty());
  save_model(path, small());
  CHECK_FALSE(load_model<float>(path).metadata.input_range.has_value());
  for (const ValueRange& none : {ValueRange{1, 0}, ValueRange{0, INFINITY}, ValueRange{NAN, 1}})
    CHECK_THROWS_AS(save_model(path, small(), {.input_range = none}), ArgumentError);
}

TEST_CASE("A file whose input range is none is refused") {
  const files::TemporaryDirectory directory;
  const auto path = directory / "m.safetensors";
  for (const std::string range :
       {"[1, 0]", "[0]", "[0, 1, 2]", "\"0 to 1\"", "[null, 1]", "[0, 1"}) {
    save_model(path, small());
    Safetensors content = read_safetensors(path);
    content.metadata["input_range"] = range;
    write_safetensors(path, content);
    CHECK_THROWS_WITH(load_model<float>(path), ContainsText("'input_range'"));
  }
}

TEST_CASE("Images within the range of the model are nothing to warn of") {
  const data::Dataset bytes("bytes", Shape::flat(2), std::vector<std::uint8_t>{0, 9, 10, 200});
  for (const auto& images : {pixels({0, 1, 0.25F, 0.5F}), bytes}) {
    CHECK(check_range(images, "m.st", ValueRange{0, 1}).warning.empty());
    CHECK(check_range(images, "m.st", {}).warning.empty());
    CHECK(check_range(images, "m.st", ValueRange{-1, 1}).outside == 0);
  }
}

TEST_CASE("Images outside the range of the model are counted and both ranges named") {
  const auto images = pixels({0, 1, 0, 255, -3, 0.5F});
  const RangeCheck check = check_range(images, "m.st", ValueRange{0, 1});
  CHECK(check.outside == 2);
  CHECK(check.found == ValueRange{-3, 255});
  CHECK_THAT(check.warning, ContainsText("2 of 3 images of mine") &&
                                ContainsText("outside 0 to 1") && ContainsText("-3 to 255") &&
                                ContainsText("m.st was trained on 0 to 1"));
  const OrderedJson json = to_json(check);
  CHECK(json["expected"] == OrderedJson::parse("[0.0, 1.0]"));
  CHECK(json["found"] == OrderedJson::parse("[-3.0, 255.0]"));
  CHECK(json["images_outside"] == 2);
  CHECK(json["warning"] == check.warning);
  CHECK(check_range(images, "m.st", ValueRange{-3, 255}).warning.empty());
}

TEST_CASE("Where a model names no range pixels outside 0 to 1 are worth a word") {
  const RangeCheck check = check_range(pixels({0, 255}), "m.st", {});
  CHECK_THAT(check.warning, ContainsText("1 of 1 images") && ContainsText("0 to 255") &&
                                ContainsText("m.st does not say"));
  CHECK(to_json(check)["expected"].is_null());
}

TEST_CASE("Pixels from 0 to 1 are suspect to a model of 0 to 255") {
  const data::Dataset bytes("bytes", Shape::flat(2), std::vector<std::uint8_t>{0, 255});
  for (const auto& images : {pixels({0, 1}), bytes})
    CHECK_THAT(check_range(images, "m.st", ValueRange{0, 255}).warning,
               ContainsText("0 to 1") && ContainsText("trained on 0 to 255"));
}

TEST_CASE("Values that are not numbers lie outside of every range") {
  CHECK(check_range(pixels({0, NAN}), "m.st", ValueRange{0, 1}).outside == 1);
}

TEST_CASE("A report says its warning at the top and none where there is none") {
  ReportInput input{.model = "m", .input = Shape::flat(2)};
  CHECK_FALSE(report_html(input).find("Warning:") != std::string::npos);
  input.warning = "<units>";
  const std::string html = report_html(input);
  CHECK(html.find("Warning: &lt;units&gt;") < html.find("</header>"));
}
