// The floating-point environment of a certificate: the certifier sets its own on whichever thread asks,
// gives the caller's back, and answers nothing once somebody's code has left another one behind.
#include "catch.hpp"

#include <cfenv>
#include <concepts>
#include <thread>
#include <utility>
#include <vector>

#include "gloro/certify/certifier.hpp"
#include "gloro/certify/detail/running_error.hpp"
#include "gloro/rounding/environment.hpp"
#include "networks.hpp"

using namespace gloro;
using namespace gloro::rounding;

namespace {

/// The three changes that a thread can make, as far as this processor has them, and their undoing.
enum class Mode { default_, upward, flushing, reading_as_zero };

void enter(Mode mode) {
  std::fesetenv(FE_DFL_ENV);
#if defined(__SSE2__)
  _mm_setcsr(0x1F80);  // which fesetenv leaves as it is in some libraries (MinGW's)
#endif
  if (mode == Mode::upward) std::fesetround(FE_UPWARD);
#if defined(__SSE2__)
  if (mode == Mode::flushing) _mm_setcsr(_mm_getcsr() | 0x8000);
  if (mode == Mode::reading_as_zero) _mm_setcsr(_mm_getcsr() | 0x0040);
#endif
}

std::vector<Mode> changes() {
#if defined(__SSE2__)
  return {Mode::upward, Mode::flushing, Mode::reading_as_zero};
#else
  return {Mode::upward};
#endif
}

enum class Where { nowhere, forward, bound, rounding, cast, forward_and_back };

/// The identity, which changes the mode of its thread in one of its members.
template <typename Scalar>
struct Meddling {
  Mode mode = Mode::default_;
  const Where* where = nullptr;  // may change once the certifier is there

  Meddling(Mode m, const Where& w) : mode(m), where(&w) {}

  void meddle(Where here) const {
    if (*where == here) enter(mode);
  }
  [[nodiscard]] Shape output_shape(Shape input) const { return input; }
  [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, const Pass<Scalar>&) const {
    meddle(Where::forward);
    if (*where == Where::forward_and_back) {
      enter(mode);
      enter(Mode::default_);
    }
    return x;
  }
  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, const BackwardPass<Scalar>&) const {
    return dy;
  }
  [[nodiscard]] Scalar lipschitz() const { return 1; }
  [[nodiscard]] double lipschitz_upper_bound() const {
    meddle(Where::bound);
    return 1;
  }
  [[nodiscard]] RoundingBound rounding() const {
    meddle(Where::rounding);
    return {};
  }
  template <std::floating_point Other>
  [[nodiscard]] Meddling<Other> cast() const {
    meddle(Where::cast);
    return Meddling<Other>(mode, *where);
  }
};

GloroModel<float> meddling_network(Mode mode, const Where& where) {
  return {Shape::flat(4),
          {Dense<float>(6), Meddling<float>(mode, where), MinMax<float>(), Dense<float>(3)},
          1};
}

}  // namespace

TEST_CASE("a layer that leaves another rounding or denormals behind is refused by name") {
  const auto images = networks::random_batch<float>(Shape::flat(4), 1, Random(2));
  for (const Mode mode : changes()) {
    for (const Where where : {Where::bound, Where::rounding, Where::cast, Where::forward}) {
      const auto model = meddling_network(mode, where);
      CHECK_THROWS_AS(Certifier<float>(model), Error);
      CHECK(floating_point_fault() == nullptr);  // the caller's own is back
    }
    Where where = Where::nowhere;
    const Certifier<float> certifier(meddling_network(mode, where));
    const Certificate before = certifier.certify_image(images);
    Workers workers(2);
    where = Where::forward;
    CHECK_THROWS_WITH(certifier.certify_image(images),
                      ContainsText("layer 1") && ContainsText("number"));
    CHECK_THROWS_AS(certifier.certify_image(images, {.epsilon = 0}), Error);
    CHECK_THROWS_AS(certifier.certify_image(images, {.workers = &workers}), Error);
    CHECK_THROWS_AS(certifier.certify(images, {.epsilon = 0, .workers = &workers}), Error);
    CHECK_THROWS_AS(certifier.certify(images, {.workers = &workers}), Error);
    CHECK(floating_point_fault() == nullptr);
    where = Where::forward_and_back;
    CHECK(certifier.certify_image(images) == before);
  }
}

TEST_CASE("an evaluation that begins in another rounding or denormals is refused") {
  const auto model = networks::random_network(0, 4);
  const RunningError<float> evaluate(model, body_upper_bounds(model));
  const auto image = networks::random_batch<float>(model.input_shape(), 1, Random(3));
  for (const Mode mode : changes()) {
    bool is_refused = false;
    enter(mode);
    try {
      (void)evaluate(image);
    } catch (const Error&) {
      is_refused = true;
    }
    enter(Mode::default_);
    CHECK(is_refused);
  }
  CHECK(evaluate(image).logits.batch() == 1);
}

TEST_CASE("threads in any mode get the same answers and keep their mode") {
  const auto model = networks::random_network(1, 4);
  const Certifier<float> certifier(model);
  const auto images = networks::random_batch<float>(model.input_shape(), 40, Random(3));
  Workers workers(2);
  const auto expected = certifier.certify(images, {.epsilon = 0, .workers = &workers}).answers;
  const Matrix<double> constants = certifier.margin_constants();
  for (const Mode mode : changes()) {
    bool same = false, same_bounds = false, kept = false;
    std::thread asker([&] {
      enter(mode);
      Workers own(2);  // whose threads begin in this mode
      same = certifier.certify(images, {.epsilon = 0, .workers = &own}).answers == expected &&
             certifier.certify(images, {.epsilon = 0, .workers = &workers}).answers == expected;
      same_bounds = Certifier<float>(model).margin_constants() == constants;
      kept = floating_point_fault() != nullptr;
    });
    asker.join();
    CHECK(same);
    CHECK(same_bounds);
    CHECK(kept);
  }
}

TEST_CASE("a unit of the program whose arithmetic is not IEEE is everybody's fault") {
  const auto model = networks::random_network(0, 4);
  CHECK(detail::arithmetic_fault == nullptr);
  detail::arithmetic_fault = "sums are taken in another order";
  CHECK_THROWS_WITH(Certifier<float>(model), ContainsText("another order"));
  CHECK_THROWS_AS(Certifier<double>(model.cast<double>()), Error);
  detail::arithmetic_fault = nullptr;
  CHECK_NOTHROW(Certifier<float>(model));
}
