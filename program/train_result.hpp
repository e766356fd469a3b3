// What a training came to.
#pragma once

#include <gloro/certify/certified_metrics.hpp>
#include <gloro/core/decimal.hpp>
#include <gloro/core/number.hpp>
#include <gloro/core/utf8.hpp>
#include <gloro/io/guarantee_json.hpp>
#include <gloro/io/json.hpp>
#include <gloro/model/gloro_model.hpp>

#include "json_output.hpp"
#include "outputs.hpp"
#include "train_options.hpp"

#include <nlohmann/json.hpp>

#include <ostream>
#include <string>

namespace train_command {

/// The last line, and the same for programs.
inline void tell_result(const Options& o, const gloro::GloroModel<float>& model,
                        const gloro::CertifiedMetrics& metrics, double train_seconds,
                        double images_per_second, std::ostream& people, Output& json) {
  using namespace gloro;
  const std::string& architecture = o.init.empty() ? o.architecture : o.init;
  people << "result dataset=" << o.images.name() << " architecture=" << architecture
         << " epsilon=" << number_text(o.epsilon)
         << " clean=" << percent_down(metrics.right, metrics.samples)
         << " vra=" << percent_down(metrics.right_and_certified, metrics.samples)
         << " rejected=" << percent_rest(metrics.certified, metrics.samples);
  OrderedJson summary{{"dataset", utf8_text(o.images.name())},
                      {"architecture", utf8_text(architecture)},
                      {"epsilon", o.epsilon},
                      {"epochs", o.epochs},
                      {"clean_accuracy", metrics.clean_accuracy()},
                      {"vra", metrics.vra()},
                      {"rejection_rate", metrics.rejection_rate()}};
  if (model.guarantee().is_relaxed()) {
    people << " guarantee=\"" << model.guarantee().text()
           << "\" set_vra=" << percent_down(metrics.right_and_set_certified, metrics.samples)
           << " set_rejected=" << percent_rest(metrics.set_certified, metrics.samples);
    summary["guarantee"] = to_json(model.guarantee());
    summary["set_vra"] = metrics.set_vra();
    summary["set_rejection_rate"] = metrics.set_rejection_rate();
  }
  people << " train_seconds=" << train_seconds << " certify_images_per_second=" << images_per_second
         << std::endl;
  summary["train_seconds"] = train_seconds;
  summary["certify_images_per_second"] = images_per_second;
  write_json(json, summary);
}

}  // namespace train_command
