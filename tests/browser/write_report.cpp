// Writes a report on made-up answers, with names that try to break out of the page, for the browser
// to open:  write_report FILE.html
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <exception>
#include <iostream>
#include <limits>
#include <string>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/data/cifar10.hpp"
#include "gloro/report/report.hpp"

namespace {

using namespace gloro;

/// Blobs of colour whose place tells the class.
data::Dataset images(Index count) {
  constexpr Index side = 20;
  std::vector<std::uint8_t> bytes;
  std::vector<int> labels;
  for (Index n = 0; n < count; ++n) {
    const auto label = static_cast<int>(n * 7 % 10);
    labels.push_back(label);
    for (Index y = 0; y < side; ++y)
      for (Index x = 0; x < side; ++x)
        for (int colour = 0; colour < 3; ++colour) {
          const double dx = static_cast<double>(x) - 3 - label % 5 * 3.5;
          const double dy = static_cast<double>(y) - 6 - label / 5 * 8;
          const double blob = std::exp(-(dx * dx + dy * dy) / (6 + colour * 6));
          bytes.push_back(static_cast<std::uint8_t>(30 + 220 * blob));
        }
  }
  return {"CIFAR-10 <img src='http://example.invalid/a.png'>", {side, side, 3}, bytes, labels, 10};
}

}  // namespace

int main(int argc, char** argv) try {
  const Index count = 2000;
  ReportInput input{.model =
                        "model & \"friends\"</title>"
                        "<script src=\"http://example.invalid/x.js\">",
                    .input = {20, 20, 3},
                    .images = images(count),
                    .epsilon = 36.0 / 255,
                    .epsilons = {data::cifar10.radii.begin(), data::cifar10.radii.end()}};
  for (Index n = 0; n < count; ++n) {
    const double spread = std::fmod(static_cast<double>(n) * 0.6180339887498949, 1.0);
    const int label = input.images.label(n);
    const int top = n % 9 == 0 ? (label + 1) % 10 : label;
    const bool proved = n % 50 != 0;
    input.certified.top.push_back(top);
    input.certified.answers.push_back(proved ? Certificate{top, -0.35 * std::log(1 - spread)}
                                             : Certificate{});
  }
  input.certified.answers[1].radius = std::numeric_limits<double>::infinity();
  input.layers = {{"conv2d, filters 32", {10, 10, 32}, 896, 1.2345678, 1.2345691},
                  {"minmax", {10, 10, 32}, 0, 1, 1},
                  {"dense, units <10>", Shape::flat(10), 32010, 0.9, 0.90000001}};
  input.images =
      input.images.with_class_names({"aeroplane", "car", "bird", "cat", "deer", "dog", "frog",
                                     "horse", "ship", "<script>alert(1)</script>"});
  input.attack.points = input.images.images(0, count);
  for (std::size_t n = 0; n < static_cast<std::size_t>(count); ++n) {
    const bool is_found = n % 7 != 0;
    input.attack.distances.push_back(is_found ? 1.6 * input.certified.answers[n].radius + 0.1
                                              : std::numeric_limits<double>::infinity());
    input.attack.labels.push_back((input.certified.top[n] + 1) % 10);
  }
  for (Index i = 0; i < input.attack.points.size(); ++i)
    input.attack.points.data()[i] = std::min(1.0F, 0.2F + input.attack.points.data()[i]);
  input.rivals.push_back({"<b>another", input.certified});
  for (Certificate& answer : input.rivals[0].certified.answers) answer.radius *= 0.8;
  input.origin = {{"command", "certify \"<model>\" --dataset cifar10"},
                  {"version", "0.1.0"},
                  {"unit", "pixels from 0 to 1"}};
  for (int epoch = 1; epoch <= 60; ++epoch) {
    const double grown = 1 - std::exp(-epoch / 12.0);
    input.log.columns["epoch"].push_back(epoch);
    input.log.columns["loss"].push_back(epoch == 30 ? std::nan("") : 2.3 - 1.4 * grown);
    input.log.columns["test_clean"].push_back(0.78 * grown);
    input.log.columns["test_vra_estimate"].push_back(0.6 * grown);
    input.log.columns["train_clean"].push_back(0.85 * grown);
    input.log.columns["train_vra_estimate"].push_back(0.63 * grown);
    input.log.columns["epsilon"].push_back(0.155 * std::min(1.0, epoch / 30.0));
    input.log.columns["lipschitz"].push_back(1 + 40 * grown);
    input.log.columns["learning_rate"].push_back(1e-3 * std::pow(0.9, epoch));
  }
  if (argc != 2) throw ArgumentError("usage: write_report FILE.html");
  write_report(argv[1], input);
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
