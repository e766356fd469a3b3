// The network of a model file: its linear layers as matrices, dense ones and convolutions alike.
#pragma once

#include "inputs.hpp"
#include "norm.hpp"
#include "numbers.hpp"
#include "reading.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <gmpxx.h>

namespace check {

struct Shape {
  size_t height = 0, width = 0, channels = 0;
  [[nodiscard]] size_t size() const { return height * width * channels; }
  /// Whether there are values, and no more than can be computed with; size() may be beyond 64 bits.
  [[nodiscard]] bool fits() const {
    return height > 0 && width > 0 && channels > 0 && height <= most_values &&
           width <= most_values / height && channels <= most_values / (height * width);
  }
};

struct Layer {
  enum Kind { linear, minmax, halves, relu } kind = linear;
  Shape output;
  Matrix matrix;  // entries floor(weight 2^point)
  long point = 0;
  int64_t lost = 0;               // in units, a bound of the norm of what the entries lost
  std::vector<Dyadic> bias;       // of each output channel, or none
  mpq_class bound = 1;            // claimed; unused in the head
  std::vector<Dyadic> rows = {};  // of the head: its weights as they are, class by class
};

/// A number of the evidence, m 2^e written [m, e].
inline Dyadic dyadic(const Json& pair, const std::string& what) {
  expect(pair.kind == Json::list && pair.items.size() == 2 && pair.items[0].kind == Json::whole &&
             pair.items[1].kind == Json::whole && pair.items[0].number >= 0 &&
             pair.items[0].number < (int64_t{1} << 50U) && pair.items[1].number > -5000 &&
             pair.items[1].number < 5000,
         what + " is no number [m, e]");
  return {pair.items[0].number, static_cast<long>(pair.items[1].number)};
}

class Network {
 public:
  std::vector<Layer> layers;
  Shape input;

  Network(const Model& model, const Json& bounds) {
    const auto text = [&](const char* key) {
      return model.metadata[key].as(Json::text, key).string;
    };
    expect(text("format") == "gloro" && text("version") == "1",
           "the model is no gloro file of version 1");
    const Json shape = JsonReader::read(text("input_shape"));
    expect(shape.kind == Json::list && shape.items.size() == 3, "an input_shape that is no shape");
    input = {extent(shape.items[0]), extent(shape.items[1]), extent(shape.items[2])};
    expect(input.fits(), "the images are too large");
    Shape now = input;
    size_t used = 0;
    const Json list = JsonReader::read(text("layers"));
    expect(list.kind == Json::list && !list.items.empty() &&
               list.items.back()["type"].string == "dense",
           "a network that does not end with a dense head");
    if (bounds.as(Json::list, "bounds").items.size() + 1 != list.items.size())
      throw DoesNotHold("there is not a bound for each layer before the head");
    for (size_t l = 0; l < list.items.size(); ++l) {
      const bool is_head = l + 1 == list.items.size();
      const Dyadic bound = is_head ? Dyadic{1, 0} : dyadic(bounds.items[l], "a bound");
      layers.push_back(read(model, list.items[l].fields, "layers." + std::to_string(l), now,
                            is_head, bound, used));
      now = layers.back().output;
    }
    expect(used == model.values.size(), "the model has tensors of no layer");
  }

 private:
  static size_t extent(const Json& value) {
    expect(value.kind == Json::whole && value.number > 0 && value.number < (1 << 20),
           "an extent that is none");
    return static_cast<size_t>(value.number);
  }
  static std::array<size_t, 2> both(const Json& value) {
    if (value.kind == Json::whole) return {extent(value), extent(value)};
    expect(value.kind == Json::list && value.items.size() == 2, "a kernel or stride that is none");
    return {extent(value.items[0]), extent(value.items[1])};
  }

  static Layer read(const Model& model, std::map<std::string, Json> options,
                    const std::string& name, const Shape& in, bool is_head, const Dyadic& bound,
                    size_t& used) {
    const auto take = [&](const std::string& key, Json otherwise = {}) {
      if (const auto found = options.find(key); found != options.end()) {
        otherwise = found->second;
        options.erase(found);
      }
      return otherwise;
    };
    Layer layer{.output = in, .matrix = {}, .bias = {}, .bound = rational(bound)};
    const std::string type = take("type").string;
    if (type == "relu" || type == "minmax") {
      const std::string pairs = take("pairs").string;
      layer.kind = type == "relu" ? Layer::relu : pairs == "halves" ? Layer::halves : Layer::minmax;
      expect(pairs.empty() || (type == "minmax" && (pairs == "halves" || pairs == "adjacent")),
             name + ": pairs that are not known");
      expect(type == "relu" || in.channels % 2 == 0, name + ": an odd number of channels");
      if (layer.bound < 1) throw DoesNotHold(name + ": the bound of " + type + " is below 1");
    } else {
      expect(type == "conv2d" || type == "dense",
             name + ": the layer '" + type + "' is not known here");
      const bool is_dense = type == "dense";
      const size_t filters = extent(take(is_dense ? "units" : "filters"));
      const std::array<size_t, 2> size{in.height, in.width};
      const Window window = is_dense
                                ? Window{size, size, {0, 0}, {1, 1}}  // as large as the image
                                : window_of(take("kernel"), take("stride"), take("padding"), size);
      layer.output = {window.outputs[0], window.outputs[1], filters};
      const size_t taps = in.channels * window.kernel[0] * window.kernel[1];  // below 2^60
      expect(layer.output.fits() && taps <= most_entries / layer.output.size(),
             name + " is too large");
      const auto& weight = tensor(model, name + ".weight", filters * taps, used);
      const Json has_bias = take("bias", Json{Json::truth, 1, {}, {}, {}});
      if (has_bias.as(Json::truth, "bias").number != 0)
        layer.bias = tensor(model, name + ".bias", filters, used);
      if (is_head) layer.rows = weight;
      set_point(layer, weight, is_head, bound, taps, name);
      write_out(layer, in, window, units_of(layer, weight, is_head, name));
    }
    expect(options.empty(), name + ": an option that is not known");
    return layer;
  }

  /// How a kernel moves over an image: rows first, then columns.
  struct Window {
    std::array<size_t, 2> kernel, stride, before, outputs;  // before: zeros at the top and left
  };
  static Window window_of(const Json& kernel, const Json& stride, const Json& padding,
                          const std::array<size_t, 2>& size) {
    Window w{both(kernel), both(stride), {}, {}};
    for (size_t d = 0; d < 2; ++d) {
      size_t zeros = 0;
      if (padding.kind == Json::list) {  // top, bottom, left, right
        expect(padding.items.size() == 4, "a padding that is none");
        w.before[d] = extent_or_zero(padding.items[2 * d]);
        zeros = w.before[d] + extent_or_zero(padding.items[2 * d + 1]);
      } else if (padding.string ==
                 "same") {  // ceil(size / stride) outputs, the odd zero at the end
        const size_t last = ((size[d] + w.stride[d] - 1) / w.stride[d] - 1) * w.stride[d];
        zeros = std::max(last + w.kernel[d], size[d]) - size[d];
        w.before[d] = zeros / 2;
      } else {
        expect(padding.string == "valid", "a padding that is none");
      }
      expect(size[d] + zeros >= w.kernel[d], "a kernel that is larger than the image");
      w.outputs[d] = (size[d] + zeros - w.kernel[d]) / w.stride[d] + 1;
    }
    return w;
  }

  /// floor(weight 2^point); `layer.lost` bounds what that takes from the matrix, in which each weight comes
  /// once for each output pixel at most.
  static std::vector<int64_t> units_of(Layer& layer, const std::vector<Dyadic>& weight,
                                       bool is_head, const std::string& name) {
    size_t inexact = 0;
    std::vector<int64_t> units;
    for (const Dyadic& w : weight) {
      if (!is_head && abs(rational(w)) > layer.bound)
        throw DoesNotHold(name + ": a weight is larger than the layer's bound");
      bool is_exact = true;
      units.push_back(static_cast<int64_t>(shifted(w.m, w.e + layer.point, is_exact)));
      if (!is_exact) inexact += layer.output.height * layer.output.width;
    }
    layer.lost = inexact == 0 ? 0 : root_up(inexact);
    return units;
  }

  /// The matrix, row by row: an output pixel's channels one after the other. Taps on the zeros around the
  /// image are left out.
  static void write_out(Layer& layer, const Shape& in, const Window& w,
                        const std::vector<int64_t>& units) {
    Matrix& matrix = layer.matrix;
    matrix.columns = in.size();
    for (size_t y = 0; y < layer.output.height; ++y)
      for (size_t x = 0; x < layer.output.width; ++x)
        for (size_t o = 0; o < layer.output.channels; ++o) {
          for (size_t ky = 0; ky < w.kernel[0]; ++ky)
            for (size_t kx = 0; kx < w.kernel[1]; ++kx) {
              const size_t row = y * w.stride[0] + ky - w.before[0];
              const size_t column = x * w.stride[1] + kx - w.before[1];
              if (row >= in.height || column >= in.width) continue;  // below zero it wraps
              for (size_t c = 0; c < in.channels; ++c) {
                const size_t tap = (c * w.kernel[0] + ky) * w.kernel[1] + kx;
                const int64_t unit = units[o * in.channels * w.kernel[0] * w.kernel[1] + tap];
                if (unit == 0) continue;
                matrix.column.push_back(
                    static_cast<std::uint32_t>((row * in.width + column) * in.channels + c));
                matrix.value.push_back(unit);
              }
            }
          matrix.end_row();
        }
  }

  static size_t extent_or_zero(const Json& value) {
    return value.kind == Json::whole && value.number == 0 ? 0 : extent(value);
  }
  static const std::vector<Dyadic>& tensor(const Model& model, const std::string& name,
                                           size_t count, size_t& used) {
    const auto found = model.values.find(name);
    expect(found != model.values.end() && found->second.size() == count,
           name + " is missing or of another size");
    ++used;
    return found->second;
  }

  /// The unit of the matrix: one in which the bound, or of the head the norm of a row, is below 2^52.
  static void set_point(Layer& layer, const std::vector<Dyadic>& weight, bool is_head,
                        const Dyadic& bound, size_t taps, const std::string& name) {
    long bits = bit_length(magnitude(bound.m)) + bound.e;
    if (is_head || bound.m == 0) {
      bits = -2000;
      for (const Dyadic& w : weight)
        if (w.m != 0) bits = std::max(bits, bit_length(magnitude(w.m)) + w.e);
      if (!is_head && bits > -2000)
        throw DoesNotHold(name + ": a bound of zero, and weights that are not");
      bits += bit_length(taps) / 2 + 1;
    }
    layer.point = matrix_bits - bits;
  }
};

}  // namespace check
