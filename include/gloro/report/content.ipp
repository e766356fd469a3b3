// The bodies of content.hpp.
#pragma once

#include "gloro/report/content.hpp"

#include <algorithm>
#include <cstddef>

#include "gloro/core/error.hpp"
#include "gloro/core/parameter.hpp"
#include "gloro/model/gloro_model.hpp"
#include "gloro/model/settle.hpp"
#include "gloro/report/detail/text.hpp"

namespace gloro {

template <std::floating_point Scalar>
std::vector<ReportLayer> report_layers(const Certifier<Scalar>& certifier) {
  const GloroModel<Scalar>& model = certifier.model();
  GloroModel<double> settled = model.template cast<double>();
  try {
    settle_lipschitz(settled, {.tolerance = 1e-9});
  } catch (const Error&) {  // slow convergence: the estimate stands where it got to, still valid
  }
  std::vector<double> bounds = certifier.layer_bounds();
  bounds.push_back(model.layers().back().lipschitz_upper_bound());
  const std::vector<std::size_t> quick = certifier.quickly_bounded();
  std::vector<ReportLayer> layers;
  for (std::size_t l = 0; l < model.layers().size(); ++l) {
    ReportLayer layer;
    try {
      layer.text = report::layer_text(model.layers()[l].describe());
    } catch (const Error&) {  // a user's own layer need not describe itself
      layer.text = "a layer without a description";
    }
    layer.output = model.output_shape(l);
    for (const auto* parameter : model.layers()[l].parameters())
      layer.parameters += parameter->value.size();
    layer.estimate = settled.layers()[l].lipschitz();
    layer.upper_bound = bounds[l];
    layer.is_quick = std::find(quick.begin(), quick.end(), l) != quick.end();
    layers.push_back(layer);
  }
  return layers;
}

#ifdef GLORO_COMPILING
template std::vector<ReportLayer> report_layers<float>(const Certifier<float>&);
template std::vector<ReportLayer> report_layers<double>(const Certifier<double>&);
#endif

}  // namespace gloro
