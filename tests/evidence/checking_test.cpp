// What gloro-check does by itself, against what others make of it: hashes, pixels, weights, norms, layers.
#include <Eigen/SVD>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "case.hpp"
#include "gloro/data/pixels.hpp"
#include "gloro/layers/average_pooling2d.hpp"
#include "gloro/layers/conv2d.hpp"
#include "gloro/layers/dense.hpp"
#include "gloro/layers/minmax.hpp"
#include "gloro/layers/normalization.hpp"
#include "gloro/layers/relu.hpp"
#include "gloro/layers/residual_conv2d.hpp"

using namespace gloro;
using examples::Case;

namespace {

double value_of(const check::Dyadic& d) {
  return std::ldexp(static_cast<double>(d.m), static_cast<int>(d.e));
}

/// The matrix in units of 2^-40, its zeros left out.
check::Matrix in_units(const Eigen::MatrixXd& a) {
  check::Matrix m;
  m.columns = static_cast<std::size_t>(a.cols());
  for (Eigen::Index r = 0; r < a.rows(); ++r) {
    for (Eigen::Index c = 0; c < a.cols(); ++c) {
      if (a(r, c) == 0) continue;
      m.column.push_back(static_cast<std::uint32_t>(c));
      m.value.push_back(static_cast<std::int64_t>(std::ldexp(a(r, c), 40)));
    }
    m.end_row();
  }
  return m;
}

std::string hash_by_the_checker(const std::string& text) {
  return check::sha256({text.begin(), text.end()});
}

}  // namespace

TEST_CASE("both programs compute the published hashes") {
  // FIPS 180-4's examples, and a message of a million letters.
  const std::string two_blocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
  const std::string a_million(1000000, 'a');
  for (const auto& [text, hash] :
       {std::pair<std::string, std::string>(
            "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {two_blocks, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        {a_million, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"}}) {
    CHECK(evidence::sha256(text) == hash);
    CHECK(hash_by_the_checker(text) == hash);
  }
  for (std::size_t length = 0; length < 200; ++length)
    CHECK(evidence::sha256(std::string(length, 'x')) ==
          hash_by_the_checker(std::string(length, 'x')));
}

TEST_CASE("a byte is the float nearest to byte over 255") {
  for (unsigned byte = 0; byte < 256; ++byte) {
    CAPTURE(byte);
    CHECK(value_of(check::pixel_of(byte)) == data::pixel_of(static_cast<std::uint8_t>(byte)));
  }
}

TEST_CASE("a pattern of bits is the number that it is") {
  for (const float x :
       {0.0F, 1.0F, -0.1F, 3e38F, 1.5e-41F, -std::numeric_limits<float>::denorm_min()})
    CHECK(value_of(check::dyadic_of(std::bit_cast<std::uint32_t>(x), 23, 8)) == x);
  for (const double x : {0.0, 1.0, -0.1, 1e308, 1e-300, 2.5e-310})
    CHECK(value_of(check::dyadic_of(std::bit_cast<std::uint64_t>(x), 52, 11)) == x);
  CHECK_THROWS_AS(check::dyadic_of(0x7F800000U, 23, 8), check::CannotTell);
  CHECK_THROWS_AS(check::dyadic_of(0x7FC00000U, 23, 8), check::CannotTell);
}

TEST_CASE("a norm is proved a billionth above the largest singular value, and not below it") {
  Random random(1);
  for (const auto& [rows, columns, band] :
       {std::tuple(12, 30, 30), {30, 12, 30}, {40, 40, 3}, {25, 60, 2}}) {
    Eigen::MatrixXd a(rows, columns);
    for (int r = 0; r < rows; ++r)
      for (int c = 0; c < columns; ++c)
        a(r, c) = std::abs(r - c) <= band
                      ? std::ldexp(std::round(std::ldexp(random.normal(), 40)), -40)
                      : 0;
    const double norm = Eigen::JacobiSVD<Eigen::MatrixXd>(a).singularValues()(0);
    const auto units = [](double value) {
      return static_cast<std::int64_t>(std::ldexp(value, 40));
    };
    CAPTURE(rows, columns, band, norm);
    CHECK(check::is_norm_at_most(in_units(a), units(norm * (1 + 1e-9))));
    CHECK_FALSE(check::is_norm_at_most(in_units(a), units(norm * (1 - 1e-11))));
    CHECK_FALSE(check::is_norm_at_most(in_units(a), units(norm / 2)));
    CHECK_FALSE(check::is_norm_at_most(in_units(a), 0));
  }
  CHECK(check::is_norm_at_most(in_units(Eigen::MatrixXd::Zero(3, 4)), 0));
}

TEST_CASE("evidence of every kind of layer that is known holds") {
  const Shape shape{7, 6, 1};
  const auto network = [&](auto scalar, auto... layers) {
    using Scalar = decltype(scalar);
    std::vector<AnyLayer<Scalar>> all{layers...};
    all.emplace_back(Dense<Scalar>(4));
    GloroModel<Scalar> model(shape, std::move(all), 9);
    examples::draw_biases(model);
    const Case example(model, examples::random_images(shape, 10));
    const auto opinion = example.opinion();
    INFO(opinion.words);
    CHECK(example.answers() == 10);
    CHECK(opinion.verdict == check::holds);
  };
  network(0.0F);
  network(0.0F, Dense<float>(6), MinMax<float>(MinMaxPairs::halves),
          Dense<float>({.units = 8, .bias = false}));
  network(
      0.0F,
      Conv2D<float>({.filters = 4, .kernel = {3, 2}, .stride = {2, 3}, .padding = Padding::valid}),
      MinMax<float>(MinMaxPairs::halves), ResidualConv2D<float>({.kernel = 3}), ReLU<float>());
  network(0.0F, Conv2D<float>({.filters = 4, .kernel = 3, .stride = 2, .padding = {2, 0, 1, 3}}),
          MinMax<float>(), Conv2D<float>({.filters = 2, .kernel = 5, .bias = false}));
  // Weights of float64 are no multiples of any unit that an integer of 64 bits has.
  network(0.0, Conv2D<double>({.filters = 4, .kernel = 3}), MinMax<double>(), Dense<double>(5),
          ReLU<double>());
}

TEST_CASE("a head of many float64 weights is held against its constants as it is") {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    GloroModel<double> model({4, 4, 1}, {Dense<double>(256), ReLU<double>(), Dense<double>(10)},
                             seed);
    const Case example(model, examples::random_images({4, 4, 1}, 3));
    const auto opinion = example.opinion();
    INFO(opinion.words);
    CHECK(opinion.verdict == check::holds);
  }
}

TEST_CASE("a network whose extents multiply to more than 64 bits is refused") {
  check::Json metadata{check::Json::object, 0, {}, {}, {}};
  const auto say = [&](const std::string& key, const std::string& text) {
    metadata.fields[key] = {check::Json::text, 0, text, {}, {}};
  };
  say("format", "gloro"), say("version", "1"), say("input_shape", "[1, 1, 197908]");
  // 5581 * 43405 * 197908 * 384773 = 2^64 + 4, as many as the weights below.
  say("layers", R"([{"type":"conv2d","filters":384773,"kernel":[5581,43405],"stride":1,)"
                R"("padding":[5580,0,43404,0],"bias":false},{"type":"dense","units":2}])");
  const check::Model model(metadata, {{"layers.0.weight", std::vector<check::Dyadic>(4)}});
  CHECK_THROWS_WITH(check::Network(model, check::JsonReader::read("[[1, 0]]")),
                    ContainsText("layers.0 is too large"));
}

TEST_CASE("a layer that is not known is named") {
  const Shape shape{4, 4, 1};
  const auto words = [&](AnyLayer<float> layer) {
    const Case example(GloroModel<float>(shape, {std::move(layer), Dense<float>(3)}, 1),
                       examples::random_images(shape, 3));
    const auto opinion = example.opinion();
    CHECK(opinion.verdict == check::cannot_tell);
    return opinion.words;
  };
  CHECK(words(AveragePooling2D<float>({.pool = 2})).find("'average_pooling2d' is not known") !=
        std::string::npos);
  CHECK(words(Normalization<float>({0.5F}, {1.25F})).find("'normalization' is not known") !=
        std::string::npos);
}

TEST_CASE(
    "classes that no image tells apart are proved everywhere, and a layer of zeros is bounded by "
    "zero") {
  GloroModel<float> model({1, 2, 1}, {Dense<float>(2), Dense<float>(2)});
  const auto parameters = model.parameters();
  parameters[2]->value.setOnes();
  parameters[3]->value << 1, 2;
  const examples::Images images = examples::random_images({1, 2, 1}, 4);
  const Case equal_rows(model, images);
  REQUIRE(equal_rows.answers() == 4);
  CHECK(equal_rows.evidence()["answers"][0]["radius"].is_null());
  CHECK(equal_rows.opinion().verdict == check::holds);
  GloroModel<double> wide({1, 2, 1}, {Dense<double>(2), Dense<double>(2)});
  wide.parameters()[2]->value.setConstant(1.0 / 3);  // more bits than the check's matrices have
  wide.parameters()[3]->value << 1, 2;
  CHECK(Case(wide, images).opinion().verdict == check::holds);

  parameters[0]->value.setZero();
  parameters[2]->value << 1, 2, 3, 4;
  const Case zeros(model, images);
  CHECK(zeros.answers() == 4);
  CHECK(zeros.opinion().verdict == check::holds);
}

TEST_CASE("a file that is no model, no evidence or no images says nothing") {
  const examples::Images images = examples::random_images({2, 2, 1}, 2);
  const Case example(GloroModel<float>({2, 2, 1}, {Dense<float>(2)}, 1), images);
  REQUIRE(example.opinion().verdict == check::holds);
  for (const char* name : {"model", "evidence", "images"}) {
    const files::Bytes bytes = example.read(name);
    for (const std::size_t kept : {std::size_t{0}, bytes.size() / 2, bytes.size() - 3}) {
      CAPTURE(name, kept);
      example.write(name, {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(kept)});
      CHECK(example.opinion().verdict != check::holds);
    }
    example.write(name, bytes);
  }
  CHECK(example.opinion().verdict == check::holds);
}
