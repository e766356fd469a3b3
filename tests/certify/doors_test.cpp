// The ways to ask a certifier: an image, a batch, a data set, with workers or without; the same answers.
#include <vector>

#include "catch.hpp"
#include "gloro/certify/certified_metrics.hpp"
#include "gloro/certify/certifier.hpp"
#include "gloro/data/dataset.hpp"
#include "networks.hpp"

namespace {

using namespace gloro;

TEST_CASE("An image, a batch and a data set have the same answers, whoever shares the work") {
  Workers workers(3);
  for (const Guarantee& guarantee : {Guarantee::top_1(), Guarantee::top_k(2)}) {
    const auto model = networks::random_network(1, 21);
    const Certifier<float> certifier(model, guarantee);
    const auto images = networks::random_batch<float>(model.input_shape(), 70, Random(6));
    const data::Dataset set("some", model.input_shape(),
                            std::vector<float>(images.data(), images.data() + images.size()));
    const double median = certifier.certify_image(set.image(0)).radius;
    REQUIRE(median > 0);
    for (CertifyOptions options : {CertifyOptions{}, {.epsilon = 0}, {.epsilon = median}}) {
      const Certificates alone = certifier.certify(images, options);
      CHECK(certifier.certify(set, options).answers == alone.answers);
      options.workers = &workers;
      const Certificates shared = certifier.certify(images, options);
      const Certificates of_set = certifier.certify(set, options);
      CHECK(shared.answers == alone.answers);
      CHECK(of_set.answers == alone.answers);
      CHECK(of_set.top == alone.top);
      CHECK(of_set.needed_double == alone.needed_double);
      for (const Index n : {0, 69}) {
        const Certificates one = certifier.certify(set.image(n), options);
        REQUIRE(one.answers.size() == 1);
        CHECK(one.answers[0] == alone.answers[static_cast<std::size_t>(n)]);
        CHECK(one.top[0] == alone.top[static_cast<std::size_t>(n)]);
        CHECK(certifier.certify_image(set.image(n), options) == one.answers[0]);
        if (!options.epsilon) CHECK(one.needed_double == 1);
      }
    }
  }
}

TEST_CASE("No image has no answer, and a batch is no image") {
  const auto model = networks::random_network(0, 21);
  const Certifier<float> certifier(model);
  CHECK(certifier.certify(Tensor<float>(model.input_shape(), 0)).answers.empty());
  CHECK_THROWS_WITH(certifier.certify_image(Tensor<float>(model.input_shape(), 2)),
                    ContainsText("one image") && ContainsText("batch of 2"));
  const data::Dataset other("other", Shape{1, 1, 1}, std::vector<float>{1});
  CHECK_THROWS_AS(certifier.certify(other), ShapeError);
  CHECK_THROWS_AS(certifier.certify_image(Tensor<float>(model.input_shape(), 1), {.epsilon = -1}),
                  ArgumentError);
}

}  // namespace
