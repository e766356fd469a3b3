// Certifying one image asks the heap for nothing, once the buffers of a first call are there.
#include "../../bench/allocations.hpp"
#include "catch.hpp"
#include "gloro/certify/certifier.hpp"
#include "networks.hpp"

using namespace gloro;
using bench::allocations;

#ifdef __linux__
TEST_CASE("what Eigen asks the heap for is counted") {
  const long before = allocations();
  const Matrix<float> some = Matrix<float>::Zero(30, 40);
  CHECK(some.size() == 1200);
  CHECK(allocations() == before + 1);
}
#endif

TEST_CASE("certifying one image allocates nothing after the first call") {
  Workers workers(3);
  for (int family = 0; family < networks::families; ++family) {
    const auto model = networks::random_network(family, 21);
    const Certifier<float> certifier(model);
    const auto image = networks::random_batch<float>(model.input_shape(), 1, Random(6));
    const double radius = certifier.certify_image(image).radius;
    // Settled by float, left to double, refused.
    for (const double epsilon : {radius / 2, radius, 10.0})
      (void)certifier.certify_image(image, {.epsilon = epsilon});

    const long before = allocations();
    const Certificate best = certifier.certify_image(image);
    const Certificate sure = certifier.certify_image(image, {.epsilon = radius / 2});
    const Certificate edge = certifier.certify_image(image, {.epsilon = radius});
    const Certificate none = certifier.certify_image(image, {.epsilon = 10});
    CHECK(allocations() == before);
    (void)certifier.certify_image(image, {.workers = &workers});
    const long with_workers = allocations();
    CHECK(certifier.certify_image(image, {.workers = &workers}).radius == radius);
    CHECK(certifier.certify_image(image, {.epsilon = radius / 2, .workers = &workers}).radius ==
          sure.radius);
    CHECK(certifier.certify_image(image, {.epsilon = radius, .workers = &workers}).abstains());
    CHECK(allocations() == with_workers);
    CHECK(best.radius == radius);
    CHECK(sure.label == best.label);
    CHECK(edge.abstains());
    CHECK(none.abstains());
  }
}
