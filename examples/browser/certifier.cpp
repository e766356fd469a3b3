// The certifier of the page, compiled to WebAssembly: what page.js calls. The image lies in memory that the
// page writes to, an answer is JSON. Nothing here is of the browser's own: the library runs as it does anywhere.
#include <gloro/attack/boundary.hpp>
#include <gloro/attack/pgd.hpp>
#include <gloro/certify/certifier.hpp>
#include <gloro/core/decimal.hpp>
#include <gloro/io/model_file.hpp>

#include <emscripten.h>

#include <exception>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

namespace {

using namespace gloro;
using nlohmann::json;

constexpr int decimals = 3;  // that a person reads

struct Page {
  Certifier<float> certifier{load_model<float>("/model.safetensors").model};
  Tensor<float> image{certifier.model().input_shape(), 1};
  Tensor<float> moved{certifier.model().input_shape(), 1};
  Workers alone{1};
};

Page& page() {
  static Page page;
  return page;
}

/// What `ask` says, kept until the next question; an error in its place as {"error": ...}.
template <typename Ask>
const char* answer(Ask&& ask) {
  static std::string text;
  try {
    text = ask(page()).dump();
  } catch (const std::exception& error) {
    text = json{{"error", error.what()}}.dump();
  }
  return text.c_str();
}

/// Each class by its logit and by (y_t - y_i) / K_ti, how far t, the top class, stays above it: the proof's
/// radius is the least of these less what rounding may have cost.
json classes(const Page& page, int top) {
  const Tensor<float> logits = page.certifier.model().logits(page.image);
  const float* y = logits.data();
  json all = json::array();
  for (int i = 0; i < page.certifier.model().classes(); ++i)
    all.push_back(
        {{"logit", y[i]},
         {"distance", i == top ? 0
                               : (static_cast<double>(y[top]) - static_cast<double>(y[i])) /
                                     page.certifier.margin_constant(top, i)}});
  return all;
}

json of_attack(Page& page, const attack::Adversarials<float>& found) {
  page.moved = found.points;
  const Certificate there = page.certifier.certify_image(page.moved);
  const attack::Attempt& attempt = found.attempts[0];
  return {{"success", attempt.success},
          {"distance", attempt.distance},
          {"margin", attempt.margin},
          {"label", there.label},
          {"radius", there.radius}};
}

}  // namespace

extern "C" {

/// 784 values from 0 to 1, row by row, to be written; null where there is no network.
EMSCRIPTEN_KEEPALIVE float* gloro_image() {
  try {
    return page().image.data();
  } catch (const std::exception&) {
    return nullptr;
  }
}

/// Where the last attack has led.
EMSCRIPTEN_KEEPALIVE const float* gloro_moved() { return page().moved.data(); }

/// {label, radius, radius_text, top, classes}; the label -1 where the network abstains.
EMSCRIPTEN_KEEPALIVE const char* gloro_certify() {
  return answer([](Page& page) {
    Certificates proved = page.certifier.certify(page.image);
    const Certificate& found = proved.answers[0];
    return json{{"label", found.label},
                {"radius", found.radius},
                {"radius_text", decimal_down(found.radius, decimals)},
                {"top", proved.top[0]},
                {"classes", classes(page, proved.top[0])}};
  });
}

/// The best that projected gradient descent finds strictly within `radius`: {success, distance, margin, label,
/// radius}, the last two as proved at the point found.
EMSCRIPTEN_KEEPALIVE const char* gloro_attack(int label, double radius) {
  return answer([=](Page& page) {
    const std::vector<int> labels = {label};
    return of_attack(page,
                     attack::pgd(page.certifier.model(), page.image, std::span(labels), radius,
                                 {.steps = 30, .rivals = 2, .box = attack::Box{}}, page.alone));
  });
}

/// The nearest point found, by an attack along the boundary, where the label is lost: the same, and `other`, the
/// strongest class beside it.
EMSCRIPTEN_KEEPALIVE const char* gloro_nearest(int label) {
  return answer([=](Page& page) {
    const std::vector<int> labels = {label};
    json found = of_attack(
        page, attack::boundary(page.certifier.model(), page.image, std::span(labels),
                               {.steps = 20, .rivals = 1, .box = attack::Box{}}, page.alone));
    const Tensor<float> logits = page.certifier.model().logits(page.moved);
    Index other = -1;
    for (Index i = 0; i < page.certifier.model().classes(); ++i)
      if (i != label && (other < 0 || logits.data()[i] > logits.data()[other])) other = i;
    found["other"] = other;
    return found;
  });
}

}  // extern "C"
