// Draws schedules, a panel each: how an epsilon or a learning rate written like that moves over a run.
//   schedule [--epochs N] [--output FILE.svg] 'SCHEDULE SCHEDULE ...'
#include <gloro/core/number.hpp>
#include <gloro/wording/schedule.hpp>

#include "../program/command_line.hpp"
#include "../program/outputs.hpp"

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

namespace {

using namespace gloro;

constexpr int width = 220, height = 130, columns = 3, margin = 16, caption = 22;

std::string escaped(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    if (c == '&')
      safe += "&amp;";
    else if (c == '<')
      safe += "&lt;";
    else
      safe += c;
  }
  return safe;
}

/// The curve between its axes; its largest value stands above it, on the right.
std::string panel(const std::string& words, Index epochs, int x, int y) {
  const Schedule schedule = read_schedule(words);
  schedule.check(epochs);
  std::vector<double> values;  // a value goes linearly from epoch to epoch
  for (Index epoch = 0; epoch < epochs; ++epoch)
    values.push_back(schedule.at(static_cast<double>(epoch), epochs));
  const double most = *std::max_element(values.begin(), values.end());

  const int wide = width - 2 * margin, high = height - caption - margin;
  std::string svg = "<g transform='translate(" + std::to_string(x) + ' ' + std::to_string(y) +
                    ")'><text x='" + std::to_string(margin) + "' y='14'>" + escaped(words) +
                    "</text>" + "<path class='axes' d='M" + std::to_string(margin) + ' ' +
                    std::to_string(caption) + 'v' + std::to_string(high) + 'h' +
                    std::to_string(wide) + "'/><text class='value' x='" +
                    std::to_string(width - margin) + "' y='14' text-anchor='end'>" +
                    fixed_text(most, 2) + "</text><path class='curve' d='";
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double along = static_cast<double>(i) / static_cast<double>(values.size() - 1);
    const double up = most > 0 ? values[i] / most : 0;
    svg += (i == 0 ? 'M' : 'L') + fixed_text(margin + wide * along, 1) + ' ' +
           fixed_text(caption + high * (1 - up), 1);
  }
  return svg + "'/></g>\n";
}

void draw(const std::vector<std::string>& all, Index epochs, const std::string& path) {
  const int count = static_cast<int>(all.size());
  const int rows = (count + columns - 1) / columns;
  const std::string size =
      std::to_string(std::min(count, columns) * width) + ' ' + std::to_string(rows * height);
  std::string svg =
      "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 " + size + "' width='" +
      std::to_string(std::min(count, columns) * width) +
      "'><style>text{font:11px monospace;fill:#777}.value{font-size:9px}path{fill:none}"
      ".axes{stroke:#999}.curve{stroke:#4477aa;stroke-width:2}</style>\n";
  for (int i = 0; i < count; ++i)
    svg +=
        panel(all[static_cast<std::size_t>(i)], epochs, i % columns * width, i / columns * height);
  Output file(std::in_place, path);
  file->write(svg + "</svg>\n");
  file->commit();
}

/// The words of a text, of which there is at least one.
std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) {
    (void)read_schedule(word);
    words.push_back(word);
  }
  if (words.empty()) command_line::refuse("a schedule", text);
  return words;
}

}  // namespace

int main(int argc, char** argv) {
  std::string schedules;
  int epochs = 80;
  std::string path = "-";
  command_line::Program program("schedule", "Draws how schedules move over a run.");
  program
      .add("schedules", schedules, "Schedules, such as '[0.01]-log-[50%:1.1] cos'",
           command_line::Checked{words_of})
      .required();
  program.add("--epochs", epochs, "Length of the run", command_line::count_from(2));
  program.add("--output", path, "SVG picture to write, - for the standard output");
  return program.run(argc, argv, [&] { draw(words_of(schedules), epochs, path); });
}
