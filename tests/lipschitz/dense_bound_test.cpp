// dense_upper_bound against singular value decompositions and norms known exactly.
#include "catch.hpp"

#include <Eigen/QR>

#include <array>
#include <cmath>
#include <limits>
#include <utility>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

#include "gloro/core/infinity.hpp"
#include "gloro/lipschitz/dense_bound.hpp"
#include "gloro/rounding/outward.hpp"
#include "lipschitz/reference.hpp"

using namespace gloro;
using namespace gloro::rounding;
using namespace gloro::lipschitz;
using reference::spectral_norm;
using reference::Weights;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

/// Never below, and above by no more than twice the tolerance (half of it is rounding's to use).
void check_bound(double bound, double norm) {
  CHECK(bound >= norm * (1 - reference::slack));
  CHECK(bound <= norm * (1 + 2 * bound_tolerance));
}

Matrix<double> random_matrix(Index rows, Index cols, Random& random) {
  return reference::weights(Weights::normal, rows, cols, random).cast<double>();
}

/// Exactly known norm: a Hadamard matrix of side 2^power has norm 2^(power / 2).
Matrix<float> hadamard(int power) {
  Matrix<float> result = Matrix<float>::Ones(1, 1);
  for (int i = 0; i < power; ++i) {
    const Matrix<float> half = result;
    result.resize(2 * half.rows(), 2 * half.cols());
    result << half, half, half, -half;
  }
  return result;
}

}  // namespace

TEST_CASE("dense bound is never below the norm and close to it, for all weights and small shapes") {
  Random random(2);
  for (const auto kind : reference::every_kind)
    for (Index rows = 1; rows <= 9; ++rows)
      for (Index cols = 1; cols <= 9; ++cols) {
        const Matrix<float> matrix = reference::weights(kind, rows, cols, random);
        CAPTURE(static_cast<int>(kind), rows, cols);
        check_bound(dense_upper_bound(matrix), spectral_norm(matrix.cast<double>()));
      }
}

TEST_CASE("dense bound is never below the norm and close to it, for larger shapes") {
  Random random(3);
  for (const auto& [rows, cols] : {std::pair<Index, Index>{64, 200}, {150, 40}, {100, 100}})
    for (const auto kind : reference::every_kind) {
      const Matrix<float> matrix = reference::weights(kind, rows, cols, random);
      CAPTURE(static_cast<int>(kind), rows, cols);
      check_bound(dense_upper_bound(matrix), spectral_norm(matrix.cast<double>()));
    }
}

TEST_CASE("dense bound is not below norms known exactly, not even by one bit") {
  for (int power = 0; power <= 8; power += 2)
    CHECK(dense_upper_bound(hadamard(power)) >= std::exp2(power / 2));
  for (const auto& [a, b, c] : {std::array{3., 4., 5.}, {5., 12., 13.}, {20., 21., 29.}}) {
    CHECK(dense_upper_bound(Eigen::RowVector2d(a, b)) >= c);
    CHECK(dense_upper_bound(Eigen::Vector2d(-b, a)) >= c);
  }
  Random random(4);
  for (int i = 0; i < 1000; ++i) {
    const double weight = std::ldexp(random.normal(), static_cast<int>(random.below(1800)) - 900);
    CHECK(dense_upper_bound(Eigen::Matrix<double, 1, 1>(weight)) >= std::abs(weight));
  }
}

TEST_CASE("dense bound is not below integer norms of rank one, not even by one bit") {
  Random random(9);
  const auto integers = [&](Index size) {
    Vector<double> result(size);
    for (auto& value : result) value = static_cast<double>(random.below(401)) - 200;
    return result;
  };
  for (int i = 0; i < 2000; ++i) {
    const Vector<double> u = integers(1 + i % 7), v = integers(1 + i % 5);
    const double squared = u.squaredNorm() * v.squaredNorm();  // an integer below 2^53: exact
    const double bound = dense_upper_bound(u * v.transpose());
    CHECK(std::fma(bound, bound, -squared) >= 0);
  }
}

TEST_CASE("dense bound counts squares that are lost in their sum") {
  // One entry is 1, and each other square is just too small to move it: the sum of squares, known
  // exactly, is above what double computes by half a unit for each of them.
  const double small = 0x1.69p-27;  // its square is just below 2^-53
  for (const Index size : {2, 9, 64, 1001})
    for (const Index one : {Index{0}, size / 2, size - 1}) {
      CAPTURE(size, one);
      Matrix<double> row = Matrix<double>::Constant(1, size, small);
      row(0, one) = 1;
      const double rest = static_cast<double>(size - 1) * (small * small);  // exact: few digits
      for (const double bound : {dense_upper_bound(row), dense_upper_bound(row.transpose())}) {
        const double square = bound * bound, error = std::fma(bound, bound, -square);
        CHECK((square - 1 - rest) + error >= 0);
        CHECK(bound <= 1 + rest + 1e-11);
      }
    }
}

TEST_CASE("dense bound sees the 1000 of diag(1000, 1), to which power iteration can be blind") {
  check_bound(dense_upper_bound(Eigen::Matrix2d(Eigen::Vector2d(1000, 1).asDiagonal())), 1000);
}

TEST_CASE("dense bound of a flat spectrum from 0.9 to 1 is at least 1 and tight") {
  Random random(5);
  const Index side = 64;
  const auto rotation = [&] {
    return Matrix<double>(
        Eigen::HouseholderQR<Matrix<double>>(random_matrix(side, side, random)).householderQ());
  };
  const Vector<double> spectrum = Vector<double>::LinSpaced(side, 0.9, 1.0);
  const Matrix<double> matrix = rotation() * spectrum.asDiagonal() * rotation();
  check_bound(dense_upper_bound(matrix), spectral_norm(matrix));
  check_bound(dense_upper_bound(rotation()), 1);  // the flattest: all singular values equal
}

TEST_CASE("dense bound of doubles near the ends of their range") {
  Random random(6);
  const Matrix<double> plain = random_matrix(7, 5, random);
  const double norm = spectral_norm(plain);
  check_bound(dense_upper_bound(plain * 1e307), norm * 1e307);
  check_bound(dense_upper_bound(plain * 1e-300), norm * 1e-300);
  CHECK(dense_upper_bound(plain * 1e-320) >= norm * 1e-320 * (1 - 1e-3));  // denormals are coarse
  CHECK(dense_upper_bound(Matrix<double>::Constant(4, 4, 1e308)) == infinity);  // norm overflows
  Matrix<double> mixed = plain;
  mixed.row(0) *= 1e300;
  mixed.row(1) *= 1e-300;
  check_bound(dense_upper_bound(mixed), spectral_norm(mixed));
}

TEST_CASE("dense bound of zeros and of nothing is zero") {
  CHECK(dense_upper_bound(Matrix<float>::Zero(3, 5)) == 0);
  CHECK(dense_upper_bound(Matrix<double>(0, 0)) == 0);
  CHECK(dense_upper_bound(Matrix<double>(0, 4)) == 0);
}

TEST_CASE("dense bound of NaN or infinite weights is infinite") {
  for (const double bad : {not_a_number, -not_a_number, infinity, -infinity})
    for (Index at = 0; at < 6; ++at) {
      Matrix<float> matrix = Matrix<float>::Ones(2, 3);
      matrix(at % 2, at / 2) = static_cast<float>(bad);
      CHECK(dense_upper_bound(matrix) == infinity);
      CHECK(dense_upper_bound(matrix.cast<double>()) == infinity);
    }
}

TEST_CASE("dense bound takes views and expressions") {
  Random random(7);
  const Matrix<double> matrix = random_matrix(8, 6, random);
  check_bound(dense_upper_bound(matrix.transpose()), spectral_norm(matrix));
  check_bound(dense_upper_bound(matrix.middleRows(2, 3)), spectral_norm(matrix.middleRows(2, 3)));
}

#if defined(__SSE2__)
TEST_CASE("dense bound holds where the machine flushes denormals to zero") {
  Random random(8);
  const Matrix<float> tiny = reference::weights(Weights::denormal, 5, 5, random);
  const Matrix<float> single = Matrix<float>::Constant(1, 1, 1e-40F);
  Matrix<float> mixed = tiny;
  mixed(0, 0) = 1e-37F;
  const double norms[] = {spectral_norm(tiny.cast<double>()), spectral_norm(single.cast<double>()),
                          spectral_norm(mixed.cast<double>())};

  const unsigned before = _mm_getcsr();
  _mm_setcsr(before | 0x8040U);  // FTZ and DAZ
  const bool flushed = reads_denormals_as_zero<float>();
  const volatile double bounds[] = {dense_upper_bound(tiny), dense_upper_bound(single),
                                    dense_upper_bound(mixed)};
  const volatile double product = mul_up(1e-200, 1e-200);
  _mm_setcsr(before);

  CHECK(flushed);
  CHECK_FALSE(reads_denormals_as_zero<float>());
  for (int i = 0; i < 3; ++i) CHECK(double(bounds[i]) >= norms[i] * (1 - reference::slack));
  CHECK(double(product) >= underflow_unit);
}
#endif
