// Why a network proves nothing, for a person who has just trained or imported it.
#pragma once

#include <gloro/core/error.hpp>
#include <gloro/core/number.hpp>
#include <gloro/rounding/product.hpp>

#include <string>
#include <vector>

/// At `epsilon`, by the bounds of its layers.
inline std::string why_nothing_is_certified(double epsilon, const std::vector<double>& bounds) {
  return gloro::message("note: no image is certified at ", gloro::number_text(epsilon),
                        ". The layers stretch distances by up to ",
                        gloro::rounded_text(gloro::rounding::product_up(bounds), 3),
                        " together. A network that was trained for its answers alone has thousands "
                        "there, and certifies "
                        "nothing before train --init FILE goes on from it; with a few only, the "
                        "radius is too large for "
                        "the images");
}
