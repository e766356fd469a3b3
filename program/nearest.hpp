// How far a network's proofs reach, and how near an attack came.
#pragma once

#include <gloro/attack/boundary.hpp>
#include <gloro/certify/certifier.hpp>
#include <gloro/core/infinity.hpp>
#include <gloro/core/tensor.hpp>
#include <gloro/data/dataset.hpp>
#include <gloro/parallel/workers.hpp>
#include <gloro/report/content.hpp>

#include <algorithm>
#include <cstddef>
#include <ostream>
#include <utility>
#include <vector>

/// Images with their proofs and the nearest adversarials that were found.
struct Nearest {
  gloro::data::Dataset images;
  gloro::Certificates certified;
  gloro::ReportAttack attack;
};

inline Nearest find_nearest(const gloro::Certifier<float>& certifier, gloro::data::Dataset test,
                            const gloro::attack::BoundaryOptions& options,
                            gloro::Workers& workers) {
  using namespace gloro;
  Nearest all{std::move(test), {}, {}};
  const Tensor<float> images = all.images.images(0, all.images.size());
  all.certified = certifier.certify(images, {.workers = &workers});
  auto found = attack::boundary(certifier.model(), images, all.certified.top, options, workers);
  const Tensor<float> logits = certifier.model().logits(found.points);
  for (std::size_t n = 0; n < found.attempts.size(); ++n) {
    const attack::Attempt& attempt = found.attempts[n];
    const auto label_of = [&](int unless) {  // the largest logit of another class
      const float* y = logits.sample(static_cast<Index>(n));
      int best = -1;
      for (int i = 0; i < certifier.model().classes(); ++i)
        if (i != unless && (best < 0 || y[i] > y[best])) best = i;
      return best;
    };
    all.attack.distances.push_back(attempt.success ? attempt.distance : infinity);
    all.attack.labels.push_back(attempt.success ? label_of(all.certified.top[n]) : abstain);
  }
  all.attack.points = std::move(found.points);
  return all;
}

inline double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

inline void print(std::ostream& people, const Nearest& all) {
  std::vector<double> radii, distances, shares;
  for (std::size_t n = 0; n < all.certified.answers.size(); ++n) {
    if (all.certified.answers[n].abstains() || !(all.attack.distances[n] < gloro::infinity))
      continue;
    radii.push_back(all.certified.answers[n].radius);
    distances.push_back(all.attack.distances[n]);
    shares.push_back(radii.back() / distances.back());
  }
  if (radii.empty()) return;
  people << "radii of " << radii.size() << " images\n"
         << "  certified            " << median(radii) << " (median)\n"
         << "  nearest adversarial  " << median(distances) << " (median)\n"
         << "  certified share      " << 100 * median(shares) << " % (median), "
         << 100 * *std::max_element(shares.begin(), shares.end()) << " % (largest)\n";
}
