// Certifies a picture and its shifts, and says which level of x86-64 did it:
//   consumer MODEL.safetensors IMAGE.pgm ANSWERS
// The first run leaves its answers in the file ANSWERS, another one fails unless it finds the same.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <exception>
#include <fstream>
#include <iostream>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "classifier.hpp"

static std::vector<float> read_pgm(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string magic;
  std::size_t width = 0, height = 0, white = 0;
  in >> magic >> width >> height >> white;
  in.get();
  if (!in || magic != "P5" || width != 28 || height != 28 || white != 255)
    throw std::runtime_error(path + ": not such a picture");
  std::vector<float> image(width * height);
  for (float& pixel : image) pixel = static_cast<float>(in.get()) / 255.0F;
  return image;
}

static bool are_close(double a, double b, double part) {
  return std::abs(a - b) <= part * std::max(std::abs(a), std::abs(b));
}

/// Levels round in other places: the radius comes from double arithmetic, the logits from float.
static bool agree(const Answer& a, const Answer& b) {
  bool logits_agree = a.logits.size() == b.logits.size();
  for (std::size_t i = 0; logits_agree && i < a.logits.size(); ++i)
    logits_agree = are_close(a.logits[i], b.logits[i], 1e-3);
  return logits_agree && a.label == b.label && are_close(a.radius, b.radius, 1e-9);
}

int main(int argc, char** argv) try {
  if (argc != 4) throw std::runtime_error("usage: consumer MODEL.safetensors IMAGE.pgm ANSWERS");
  const Classifier classifier(argv[1]);
  const std::vector<float> image = read_pgm(argv[2]);
  std::ifstream earlier(argv[3]);
  std::ofstream first;
  if (!earlier) first.open(argv[3]);
  first.precision(std::numeric_limits<double>::max_digits10);
  for (std::size_t shift = 0; shift < 8; ++shift) {
    std::vector<float> shifted(shift, 0.0F);
    shifted.insert(shifted.end(), image.begin(), image.end() - static_cast<std::ptrdiff_t>(shift));
    const Answer answer = classifier.certify(shifted);
    if (first.is_open()) {
      first << answer.label << ' ' << answer.radius;
      for (const float logit : answer.logits) first << ' ' << logit;
      first << '\n';
    } else {
      Answer expected{0, 0, std::vector<float>(answer.logits.size())};
      earlier >> expected.label >> expected.radius;
      for (float& logit : expected.logits) earlier >> logit;
      if (!earlier || !agree(answer, expected))
        throw std::runtime_error(Classifier::level() + " disagrees with " + argv[3]);
    }
  }
  std::cout << Classifier::level() << '\n';
} catch (const std::exception& error) {
  std::cerr << "consumer: " << error.what() << '\n';
  return 1;
}
