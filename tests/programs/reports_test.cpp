// What `gloro attack` writes for programs and for people, and the reports that say where they came from and compare.
#include "programs/run.hpp"

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "gloro/core/number.hpp"

using programs::Folder;
using programs::Outcome;
using programs::Trained;

namespace {

std::vector<std::vector<std::string>> rows(const std::string& csv) {
  std::vector<std::vector<std::string>> all;
  std::istringstream in(csv);
  for (std::string line; std::getline(in, line);) {
    all.emplace_back(1);
    for (const char c : line)
      if (c == ',')
        all.back().emplace_back();
      else
        all.back().back() += c;
  }
  return all;
}

double number(const std::string& text) { return gloro::to_number(text).value(); }

}  // namespace

TEST_CASE("attack writes its images as rows, a summary and a report, which agree") {
  const Trained folder;
  const Outcome outcome = folder.run(
      "gloro attack model.st --data small --limit 16 --steps 5 --radii 8 --epsilon 0.05 --no-box "
      "--csv a.csv --json a.json --report a.html");
  INFO(outcome.err);
  REQUIRE(outcome.code == 0);
  const auto table = rows(programs::read(folder / "a.csv"));
  REQUIRE(table.size() == 17);
  CHECK(table[0] == std::vector<std::string>{"index", "label", "predicted", "certified_radius",
                                             "pgd_moved", "moved_at", "moved_to"});
  int unmoved = 0, found = 0;
  for (std::size_t n = 0; n < 16; ++n) {
    const std::vector<std::string>& row = table[n + 1];
    REQUIRE(row.size() == 7);
    CHECK(row[0] == std::to_string(n));
    unmoved += row[4] == "0";
    if (row[1] == row[2] && number(row[3]) > 0.05) CHECK(row[4] == "0");
    if (n >= 8) CHECK(row[5].empty());
    if (row[5].empty()) continue;
    ++found;
    CHECK(number(row[5]) >= number(row[3]));
    CHECK(row[6] != row[2]);
  }
  CHECK(found > 0);
  CHECK_THAT(programs::read(folder / "a.json"),
             ContainsText("\"pgd_accuracy\": " + gloro::number_text(unmoved / 16.0)));
  const std::string html = programs::read(folder / "a.html");
  CHECK_THAT(html, ContainsText("8 images of "));
  CHECK_THAT(html, ContainsText("<br>moved at "));
  CHECK_THAT(html, ContainsText("right and not moved by an attack"));
  CHECK_THAT(html, ContainsText("<dt>command</dt><dd>gloro attack model.st --data small"));
  CHECK_THAT(folder.run("gloro attack model.st --data small --limit 4 --csv - 2>words").out,
             ContainsText("index,label,predicted"));
  CHECK_THAT(programs::read(folder / "words"), ContainsText("result dataset=mnist"));
  CHECK(folder.run("gloro attack model.st --data small --csv a.csv --json a.csv").code == 2);
}

TEST_CASE("What is certified may be left out of PGD, and every figure stays") {
  const Trained folder;
  const auto attack = [&](const std::string& name, const std::string& option) {
    const Outcome outcome = folder.run(
        "gloro attack model.st --data small --limit 16 --steps 5 --restarts 2 "
        "--epsilon 0.05 --csv " +
        name + ".csv --json " + name + ".json" + option);
    INFO(outcome.err);
    REQUIRE(outcome.code == 0);
    return outcome.out;
  };
  CHECK(attack("all", "") == attack("few", " --only_uncertified"));
  CHECK(programs::read(folder / "all.csv") == programs::read(folder / "few.csv"));
  const auto table = rows(programs::read(folder / "few.csv"));
  int certified = 0, moved = 0;
  for (std::size_t n = 1; n < table.size(); ++n) {
    if (table[n][1] != table[n][2]) continue;
    certified += number(table[n][3]) > 0.05;
    moved += table[n][4] == "1";
  }
  CHECK(certified > 0);
  CHECK(moved > 0);
  CHECK_THAT(programs::read(folder / "all.json"), ContainsText("\"only_uncertified\": false"));
  CHECK_THAT(programs::read(folder / "few.json"), ContainsText("\"only_uncertified\": true"));
}

TEST_CASE("A report names its command, models and data, and compares models on the same images") {
  const Trained folder;
  REQUIRE(folder.run("cp model.st 'the other.st'").code == 0);
  const std::string images = " --dataset mnist --data small --limit 16 ";
  const Outcome outcome =
      folder.run("gloro report model.st 'the other.st'" + images + "--output r.html --json r.json");
  INFO(outcome.err);
  REQUIRE(outcome.code == 0);
  CHECK_THAT(outcome.out, ContainsText("model.st: 16 images of ") &&
                              ContainsText("the other.st: 16 images of ") &&
                              ContainsText("saved r.html"));
  const std::string json = programs::read(folder / "r.json");
  CHECK_THAT(json, ContainsText("\"report\": \"r.html\"") &&
                       ContainsText("\"model\": \"the other.st\"") && ContainsText("\"vra\": "));
  const std::string html = programs::read(folder / "r.html");
  CHECK_THAT(html,
             ContainsText("<dd>gloro report model.st &#39;the other.st&#39; --dataset mnist"));
  CHECK_THAT(html, ContainsText("right and certified, the other</span>"));
  // The same network twice: the same row but for its name, and the same checksum.
  const auto cells = [&](const std::string& name) {
    const std::string head = "<tr><th scope=\"row\">" + name + "</th>";
    const auto at = html.find(head);
    REQUIRE(at != std::string::npos);
    return html.substr(at + head.size(), html.find("</tr>", at) - at - head.size());
  };
  CHECK(cells("model") == cells("the other"));
  const auto sum = [&](const std::string& file) {
    const std::string head = "<dd>" + file + ", checksum ";
    const auto at = html.find(head);
    REQUIRE(at != std::string::npos);
    return html.substr(at + head.size(), 16);
  };
  CHECK(sum("model.st") == sum("the other.st"));
  CHECK(sum("model.st").find_first_not_of("0123456789abcdef") == std::string::npos);
  CHECK(folder.run("gloro report a.st b.st c.st d.st e.st" + images).code == 2);
  CHECK(folder.run("gloro report model.st model.st" + images + "--output model.st").code == 2);
  CHECK(folder.run("gloro report model.st nowhere.st" + images).code == 1);
  CHECK(folder.run("gloro report model.st" + images + "--log nowhere.csv").code == 1);
}
