// Images for the benchmarks, without a download: bars on black for MNIST, on a smooth ground
// for CIFAR-10; the bar's angle is the class, so that a network can learn them and its weights
// stay such as training makes them. The standard library only: rivals' programs use it too.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace bench {

inline constexpr int classes = 10;

struct Images {
  std::vector<std::uint8_t> bytes;  ///< image after image, row after row, channels fastest
  std::vector<int> labels;
};

/// `count` square images of `size` x `size` pixels; the same in every program and every run.
inline Images images(int count, int size, int channels) {
  std::mt19937 generator(1);
  const auto uniform = [&] { return static_cast<double>(generator() >> 8) / 16777216.0; };
  Images all;
  all.bytes.reserve(static_cast<std::size_t>(count) * static_cast<std::size_t>(size * size) *
                    static_cast<std::size_t>(channels));
  for (int n = 0; n < count; ++n) {
    const int label = n % classes;
    const double angle = 3.14159265358979 * (label + 0.4 * uniform()) / classes;
    const double cosine = std::cos(angle), sine = std::sin(angle);
    const double x0 = size * (0.4 + 0.2 * uniform()), y0 = size * (0.4 + 0.2 * uniform());
    const double length = size * (0.2 + 0.15 * uniform()), width = 1 + uniform();
    const double ground = channels == 1 ? 0 : 40 + 100 * uniform(), slope = 2 * uniform() - 1;
    double tint[] = {0.4 + 0.6 * uniform(), 0.4 + 0.6 * uniform(), 0.4 + 0.6 * uniform()};
    if (channels == 1) tint[0] = 1;
    for (int y = 0; y < size; ++y)
      for (int x = 0; x < size; ++x) {
        const double along = (x - x0) * cosine + (y - y0) * sine;
        const double across = (y - y0) * cosine - (x - x0) * sine;
        const double beyond = std::max(0.0, std::abs(along) - length);
        const double ink = std::clamp(1.5 * width - std::hypot(across, beyond), 0.0, 1.0);
        const double behind = channels == 1 ? 0 : ground + slope * (x + y) + 8 * uniform();
        for (int c = 0; c < channels; ++c) {
          const double value = ink * 255 * tint[c] + (1 - ink) * behind * tint[2 - c];
          all.bytes.push_back(static_cast<std::uint8_t>(std::clamp(value, 0.0, 255.0)));
        }
      }
    all.labels.push_back(label);
  }
  return all;
}

}  // namespace bench
