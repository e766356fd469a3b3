// What gloro-check decides (docs/evidence.md has the argument): that no layer stretches distances by more
// than its bound, that the constants K_ji follow from the bounds, and that each answer's margins are at
// least its radius times K_ji. All in integers; small numbers of them as GMP's rationals.
#pragma once

#include "inputs.hpp"
#include "network.hpp"
#include "norm.hpp"
#include "numbers.hpp"
#include "reading.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <ostream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmpxx.h>

namespace check {

/// The first claim: no layer before the head stretches a distance by more than its bound.
inline void check_bound(const Layer& layer, const std::string& name) {
  if (layer.kind != Layer::linear) return;
  const mpq_class units = layer.bound * scaled(1, layer.point);
  const auto most = static_cast<int64_t>(mpz_class(units.get_num() / units.get_den()).get_si());
  if (!is_norm_at_most(layer.matrix, most - layer.lost))
    throw DoesNotHold(name + ": its bound cannot be proved");
}

// --- Images ---------------------------------------------------------------------------------------

/// x 2^-point; ||it - the exact activation|| <= error.
struct Activation {
  std::vector<int64_t> x;
  long point = 0;
  mpq_class error = 0;

  /// A bound of its norm: that of as many values as large as the largest.
  [[nodiscard]] mpq_class norm() const {
    int64_t largest = 0;
    for (const int64_t v : x) largest = std::max(largest, v < 0 ? -v : v);
    return scaled(integer(largest) * integer(root_up(x.size())), -point);
  }
};

/// Fewer bits after the point, as many as leave `y` below 2^60 units.
inline Activation rounded(const std::vector<Wide>& y, long point, mpq_class error,
                          long at_least = 0) {
  Natural all = 0;
  for (const Wide v : y) all |= magnitude(v);
  const long lost = std::max({0L, bit_length(all) - (activation_bits - 1), at_least});
  Activation a{{}, point - lost, std::move(error)};
  bool is_exact = true;
  for (const Wide v : y) a.x.push_back(static_cast<int64_t>(shifted(v, -lost, is_exact)));
  if (!is_exact) a.error += scaled(root_up(y.size()), -a.point);
  return a;
}

/// W x + b, in units of 2^-point; `error` takes up what is lost on the way, and not what x erred before.
inline std::vector<Wide> affine(const Layer& layer, Activation& a, long& point, mpq_class& error) {
  long excess = 0;
  for (const Dyadic& b : layer.bias)
    if (b.m != 0)
      excess =
          std::max(excess, bit_length(magnitude(b.m)) + b.e + a.point + layer.point - bias_bits);
  if (excess > 0) a = rounded({a.x.begin(), a.x.end()}, a.point, a.error, excess);
  point = a.point + layer.point;
  bool is_exact = true;
  std::vector<Wide> bias, y(layer.output.size());
  for (const Dyadic& b : layer.bias) bias.push_back(shifted(b.m, b.e + point, is_exact));
  const Matrix& m = layer.matrix;
  for (size_t r = 0; r < y.size(); ++r) {
    Wide sum = bias.empty() ? 0 : bias[r % bias.size()];
    for (size_t k = m.start[r]; k < m.start[r + 1]; ++k) sum += Wide{m.value[k]} * a.x[m.column[k]];
    y[r] = sum;
  }
  error = scaled(layer.lost, -layer.point) * a.norm();
  if (!is_exact) error += scaled(root_up(y.size()), -point);
  return y;
}

inline void activate(const Layer& layer, std::vector<int64_t>& x) {
  const size_t channels = layer.output.channels, half = channels / 2;
  if (layer.kind == Layer::relu)
    for (int64_t& v : x) v = std::max<int64_t>(v, 0);
  else
    for (size_t p = 0; p < x.size(); p += channels)
      for (size_t c = 0; c < half; ++c) {
        int64_t &low = x[p + (layer.kind == Layer::halves ? c : 2 * c)],
                &high = x[p + (layer.kind == Layer::halves ? c + half : 2 * c + 1)];
        if (low > high) std::swap(low, high);
      }
}

struct Claims {
  std::vector<std::vector<mpq_class>> constants, distances;  // of the pairs i < j: [j][i]
};

/// ||w_j - w_i|| of the head's weights as they are, rounded up in the 64th bit or later.
inline mpq_class row_distance(const Layer& head, size_t j, size_t i) {
  const size_t inputs = head.rows.size() / head.output.channels;
  const Dyadic *a = head.rows.data() + j * inputs, *b = head.rows.data() + i * inputs;
  long unit = 5000;  // above every exponent
  for (size_t c = 0; c < inputs; ++c)
    for (const Dyadic& w : {a[c], b[c]})
      if (w.m != 0) unit = std::min(unit, w.e);
  const auto in_units = [&](const Dyadic& w) {
    return w.m == 0 ? mpz_class(0)
                    : mpz_class(integer(w.m) << static_cast<unsigned long>(w.e - unit));
  };
  mpz_class square = 0;
  for (size_t c = 0; c < inputs; ++c) {
    const mpz_class difference = in_units(a[c]) - in_units(b[c]);
    square += difference * difference;
  }
  if (square == 0) return 0;
  const long bits = static_cast<long>(mpz_sizeinbase(square.get_mpz_t(), 2));
  const long more = std::max(0L, (130 - bits) / 2);
  square <<= static_cast<unsigned long>(2 * more);
  mpz_class root = sqrt(square);
  if (root * root < square) ++root;
  return scaled(root, unit - more);
}

/// The second claim: K_ji is the product of the bounds times ||w_j - w_i||, rounded up.
inline Claims check_constants(const Network& network, const Json& table) {
  const Layer& head = network.layers.back();
  const size_t classes = head.output.channels;
  mpq_class product = 1;
  for (size_t l = 0; l + 1 < network.layers.size(); ++l) product *= network.layers[l].bound;
  if (table.as(Json::list, "constants").items.size() != classes)
    throw DoesNotHold("there are not as many constants as classes");
  Claims claims;
  claims.constants.resize(classes), claims.distances.resize(classes);
  for (size_t j = 0; j < classes; ++j) {
    if (table.items[j].as(Json::list, "constants").items.size() != j)
      throw DoesNotHold("there is not a constant for each pair of classes");
    for (size_t i = 0; i < j; ++i) {
      claims.distances[j].push_back(row_distance(head, j, i));
      const Dyadic claimed = dyadic(table.items[j].items[i], "a constant");
      const mpq_class k = rational(claimed), proved = product * claims.distances[j][i];
      const std::string pair = std::to_string(j) + ", " + std::to_string(i);
      if (k < proved)
        throw DoesNotHold("the constant of " + pair + " is below the bounds' product");
      if (k - scaled(2, claimed.e) > proved)
        throw DoesNotHold("the constant of " + pair + " is not what the bounds make it");
      claims.constants[j].push_back(k);
    }
  }
  return claims;
}

/// The third claim: at this image the margin of the label over every rival is at least radius K_ji.
inline void check_answer(const Network& network, const Claims& claims, const unsigned char* image,
                         const Json& answer) {
  if (answer["image_sha256"].as(Json::text, "image_sha256").string !=
      image_sha256(image, network.input.size()))
    throw DoesNotHold("it is another image");
  std::vector<Wide> pixels;
  for (size_t i = 0; i < network.input.size(); ++i) {
    bool is_exact = true;
    const Dyadic pixel = pixel_of(image[i]);
    pixels.push_back(shifted(pixel.m, pixel.e + 31, is_exact));  // 1 / 255 is a multiple of 2^-31
    expect(is_exact, "a pixel that is no multiple of 2^-31");
  }
  Activation a = rounded(pixels, 31, 0);
  long point = 0;
  mpq_class error;
  for (size_t l = 0; l + 1 < network.layers.size(); ++l) {
    const Layer& layer = network.layers[l];
    if (layer.kind != Layer::linear) {
      activate(layer, a.x);
      continue;
    }
    const std::vector<Wide> y = affine(layer, a, point, error);
    a = rounded(y, point, layer.bound * a.error + error);
  }
  const std::vector<Wide> y = affine(network.layers.back(), a, point, error);
  const int64_t label = answer["label"].as(Json::whole, "a label").number;
  if (label < 0 || label >= static_cast<int64_t>(y.size()))
    throw DoesNotHold("its label is no class");
  const auto j = static_cast<size_t>(label);
  const bool is_everywhere = answer["radius"].kind == Json::nothing;
  const mpq_class radius =
      is_everywhere ? mpq_class(0) : rational(dyadic(answer["radius"], "a radius"));
  for (size_t i = 0; i < y.size(); ++i) {
    if (i == j) continue;
    const size_t high = std::max(i, j), low = std::min(i, j);
    const mpq_class& k = claims.constants[high][low];
    const mpq_class margin = scaled(integer(y[j] - y[i]), -point);
    const mpq_class unsure = claims.distances[high][low] * a.error + 2 * error;
    const mpq_class needed = radius * k;
    const std::string rival = "its margin over class " + std::to_string(i);
    if (is_everywhere && k != 0) throw DoesNotHold(rival + " depends on the image");
    if (margin + unsure < needed || margin + unsure <= 0)
      throw DoesNotHold(rival + " is too small");
    expect(margin - unsure >= needed && margin - unsure > 0, rival + " is too near to tell");
  }
}

// --- All of it ------------------------------------------------------------------------------------

/// Calls work(0), ..., work(count - 1) by some threads; the first exception comes out.
inline void for_each(size_t count, const std::function<void(size_t)>& work) {
  std::atomic<size_t> next = 0;
  std::vector<std::thread> threads;
  std::vector<std::exception_ptr> errors(std::max(1U, std::thread::hardware_concurrency()));
  for (std::exception_ptr& error : errors)
    threads.emplace_back([&] {
      try {
        for (size_t i = next++; i < count; i = next++) work(i);
      } catch (...) {
        error = std::current_exception();
      }
    });
  for (std::thread& thread : threads) thread.join();
  for (const std::exception_ptr& error : errors)
    if (error) std::rethrow_exception(error);
}

enum Verdict { holds = 0, does_not_hold = 1, cannot_tell = 2 };

/// Decides every claim of the evidence, and says in `out` what it found.
inline Verdict check_evidence(const std::string& model_file, const std::string& evidence_file,
                              const std::string& images_file, std::ostream& out) {
  try {
    const Bytes model_bytes = read_file(model_file), text = read_file(evidence_file);
    const Json evidence = JsonReader::read({text.begin(), text.end()});
    expect(evidence["format"].string == "gloro evidence" && evidence["version"].number == 1,
           evidence_file + " is no evidence of version 1");
    if (evidence["model_sha256"].string != sha256(model_bytes))
      throw DoesNotHold("it is another model");
    const Network network(Model(model_bytes), evidence["bounds"]);
    const Images images(read_file(images_file));
    expect(images.height == network.input.height && images.width == network.input.width &&
               images.channels == network.input.channels,
           "the images are of another shape than the network's");
    const Claims claims = check_constants(network, evidence["constants"]);
    for_each(network.layers.size() - 1,
             [&](size_t l) { check_bound(network.layers[l], "layers." + std::to_string(l)); });
    out << "the bounds of " << network.layers.size() - 1 << " layers hold" << std::endl;

    const auto& answers = evidence["answers"].as(Json::list, "answers").items;
    std::vector<std::string> wrong(answers.size()), unclear(answers.size());
    int64_t last = -1;
    for (const Json& answer : answers) {
      const int64_t index = answer["index"].as(Json::whole, "an index").number;
      if (index <= last || index >= static_cast<int64_t>(images.count))
        throw DoesNotHold("the answers' indices do not rise through the images");
      last = index;
    }
    for_each(answers.size(), [&](size_t n) {
      const auto index = static_cast<size_t>(answers[n]["index"].number);
      const std::string name = "image " + std::to_string(index) + ": ";
      try {
        check_answer(network, claims, images.bytes.data() + index * images.size(), answers[n]);
      } catch (const DoesNotHold& error) {
        wrong[n] = name + error.what();
      } catch (const CannotTell& error) {
        unclear[n] = name + error.what();
      }
    });
    std::array<size_t, 2> count{};
    for (size_t n = 0; n < answers.size(); ++n)
      for (const auto& [reason, verdict] :
           {std::pair(&wrong[n], does_not_hold), std::pair(&unclear[n], cannot_tell)})
        if (!reason->empty() && ++count[verdict - 1] <= 10)
          out << (verdict == does_not_hold ? "does not hold: " : "cannot tell: ") << *reason
              << '\n';
    out << answers.size() - count[0] - count[1] << " of " << answers.size() << " answers hold, "
        << count[0] << " do not, of " << count[1] << " this program cannot tell\n";
    return count[0] > 0 ? does_not_hold : count[1] > 0 ? cannot_tell : holds;
  } catch (const DoesNotHold& error) {
    out << "does not hold: " << error.what() << '\n';
    return does_not_hold;
  } catch (const std::exception& error) {
    out << "cannot tell: " << error.what() << '\n';
    return cannot_tell;
  }
}

}  // namespace check
