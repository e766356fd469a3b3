// One count of certificates for every epsilon, and their rows of CSV.
#include <span>
#include <string>
#include <vector>

#include "catch.hpp"
#include "gloro/certify/csv.hpp"
#include "gloro/certify/summary.hpp"
#include "gloro/data/dataset.hpp"

namespace {

using namespace gloro;

/// Right at 0.5, wrong at 0.25, a set of two without a label, everywhere right, and nothing.
Certificates five_answers() {
  Certificates all;
  all.answers = {{0, 0.5}, {2, 0.25}, {abstain, 0, {{1, 0}, {2, 0.75}}}, {1, infinity}, {}};
  all.top = {0, 2, 1, 1, 0};
  return all;
}

const std::vector<int> truths{0, 1, 2, 1, 0};

void require_counts(const CertifiedMetrics& m, std::vector<Index> expected) {
  CHECK(std::vector<Index>{m.samples, m.right, m.certified, m.right_and_certified, m.set_certified,
                           m.right_and_set_certified} == expected);
}

TEST_CASE("Certificates are counted at any epsilon, which their radius must exceed") {
  const Certificates all = five_answers();
  require_counts(tally(all, truths, 0), {5, 3, 3, 2, 4, 3});
  require_counts(tally(all, truths, 0.25), {5, 3, 2, 2, 3, 3});
  require_counts(tally(all, truths, 0.5), {5, 3, 1, 1, 2, 2});
  require_counts(tally(all, truths, 0.75), {5, 3, 1, 1, 1, 1});
  require_counts(tally(all, truths, infinity), {5, 3, 1, 1, 1, 1});
}

TEST_CASE("Without labels nothing is right") {
  require_counts(tally(five_answers(), {}, 0.3), {5, 0, 2, 0, 3, 0});
}

TEST_CASE("A count refuses what does not belong together") {
  CHECK_THROWS_WITH(tally(five_answers(), std::span(truths).first(4), 0),
                    ContainsText("5") && ContainsText("got 4"));
  CHECK_THROWS_AS(tally(five_answers(), truths, -0.1), ArgumentError);
}

TEST_CASE("Radii of labels come in the order of the images") {
  CHECK(radii(five_answers()) == std::vector<double>{0.5, 0.25, 0, infinity, 0});
}

TEST_CASE("Certificates are rows of CSV, with their sets where the guarantee is relaxed") {
  const Shape shape{1, 1, 1};
  const std::vector<float> pixels(5, 0.5F);
  const data::Dataset labelled("five", shape, pixels, truths), bare("five", shape, pixels);
  CHECK(csv(five_answers(), labelled, Guarantee::top_1()) ==
        "index,label,predicted,certified_radius,clean_correct\n"
        "0,0,0,0.500000000,1\n1,1,2,0.250000000,0\n2,2,-1,0.000000000,0\n3,1,1,inf,1\n"
        "4,0,-1,0.000000000,1\n");
  CHECK(
      csv(five_answers(), bare, Guarantee::top_k(2)) ==
      "index,label,predicted,certified_radius,clean_correct,certified_set,set_radius,label_radius\n"
      "0,,0,0.500000000,,0,0.500000000,\n1,,2,0.250000000,,2,0.250000000,\n"
      "2,,-1,0.000000000,,1 2,0.750000000,\n3,,1,inf,,1,inf,\n4,,-1,0.000000000,,,0.000000000,\n");
  CHECK_THROWS_AS(csv(five_answers(), labelled.head(4), Guarantee::top_1()), ArgumentError);
}

}  // namespace
