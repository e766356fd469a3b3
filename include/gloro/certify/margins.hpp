// Margins: what the head makes of a proved activation. The margin of class j over i is
//   y_j - y_i = (w_j - w_i) . h + b_j - b_i,
// so it moves by at most K_ji = k ||w_j - w_i|| per unit of the input, k the product of the body's
// bounds, and the computed one is off by at most ||w_j - w_i|| e plus the rounding of the two rows.
#pragma once

#include <Eigen/Core>

#include <cmath>
#include <concepts>
#include <cstddef>
#include <span>
#include <vector>

#include "gloro/certify/certificate.hpp"
#include "gloro/certify/running_error.hpp"
#include "gloro/lipschitz/gram_iteration.hpp"
#include "gloro/lipschitz/linear_rounding.hpp"
#include "gloro/lipschitz/rounding.hpp"

namespace gloro {

/// Product of nonnegative factors rounded up; in between it neither overflows nor underflows.
[[nodiscard]] inline double product_up(std::span<const double> factors) {
  double mantissa = 1;
  long exponent = 0;
  bool has_zero = false;
  for (const double factor : factors) {
    if (!(factor >= 0 && factor < infinity)) return infinity;
    if (factor == 0) {
      has_zero = true;
      continue;
    }
    int power = 0;
    mantissa = mul_up(mantissa, std::frexp(factor, &power));
    exponent += power;
    mantissa = std::frexp(mantissa, &power);
    exponent += power;
  }
  if (has_zero) return 0;
  if (exponent > 2000) return infinity;
  return scale_up(mantissa, exponent < -2000 ? -2000 : static_cast<int>(exponent));
}

/// How far the head's computed rows may be from exact, for the arithmetic of one evaluation: row j by
/// relative(j) n + absolute(j), n the norm of the head's computed input.
struct HeadRounding {
  Vector<double> relative, absolute;

  template <std::floating_point Scalar>
  explicit HeadRounding(const Dense<Scalar>& head)
      : relative(head.weight().rows()), absolute(head.weight().rows()) {
    for (Index j = 0; j < relative.size(); ++j) {
      const LinearRounding row = dense_row_rounding(head.weight(), head.bias(), j);
      relative(j) = row.relative;
      absolute(j) = row.absolute;
    }
  }
};

class Margins {
 public:
  /// What an evaluation says about "is the top class proved at epsilon".
  enum class Verdict { proved, refuted, open };
  struct Judgement {
    int top = 0;  ///< largest computed logit, the first of equals
    Verdict verdict = Verdict::open;
    double radius = 0;  ///< proved for `top`; not positive if nothing is
  };

  /// `body`: rigorous Lipschitz bounds of the layers before the head.
  template <std::floating_point Scalar>
  Margins(const Matrix<Scalar>& head, std::span<const double> body)
      : distances_(row_distances(head)), constants_(distances_) {
    const double k = product_up(body);
    for (double& value : constants_.reshaped()) value = mul_up(k, value);
  }

  /// K_ji, never too small: classes x classes, symmetric.
  [[nodiscard]] const Matrix<double>& constants() const { return constants_; }

  /// How far the computed y_j - y_i may be from exact, if no logit overflowed.
  [[nodiscard]] double rounding_error(Index i, Index j, const ActivationBound& at_head,
                                      const HeadRounding& rounding) const {
    const double relative = add_up(rounding.relative(j), rounding.relative(i));
    const double absolute = add_up(rounding.absolute(j), rounding.absolute(i));
    return add_up(mul_up(distances_(i, j), at_head.error),
                  add_up(mul_up(relative, at_head.norm), absolute));
  }

  /// Judges one sample's computed logits. "proved": the top class is proved for a radius above
  /// epsilon. "refuted": no evaluation, however exact, proves any class there. NaN is "open".
  template <std::floating_point Scalar>
  [[nodiscard]] Judgement judge(const Scalar* logits, const ActivationBound& at_head,
                                const HeadRounding& rounding, double epsilon) const {
    const Index classes = constants_.cols();
    Index j = 0;
    bool is_finite = at_head.error < infinity;  // a logit that overflowed says nothing
    for (Index i = 0; i < classes; ++i) {
      if (logits[i] > logits[j]) j = i;
      is_finite = is_finite && std::isfinite(logits[i]);
    }
    Judgement judgement{.top = static_cast<int>(j)};
    if (!is_finite) return judgement;
    judgement.radius = infinity;
    bool top_fails = false, others_fail = true;
    for (Index i = 0; i < classes; ++i) {
      if (i == j) continue;
      const auto ahead = static_cast<double>(logits[j]), behind = static_cast<double>(logits[i]);
      const double error = rounding_error(i, j, at_head, rounding);
      judgement.radius = least(judgement.radius,
                               reach(add_down(add_down(ahead, -behind), -error), constants_(i, j)));
      const double needed = mul_down(epsilon, constants_(i, j));
      top_fails = top_fails || add_up(add_up(ahead, -behind), error) <= needed;
      others_fail = others_fail && add_up(add_up(behind, -ahead), error) <= needed;
    }
    const bool proved = judgement.radius > epsilon || judgement.radius == infinity;
    judgement.verdict = proved                      ? Verdict::proved
                        : top_fails && others_fail ? Verdict::refuted
                                                   : Verdict::open;
    return judgement;
  }

 private:
  /// How far a margin stays positive. Where its constant is zero, everywhere.
  [[nodiscard]] static double reach(double margin, double constant) {
    if (!(margin > 0)) return 0;
    return constant == 0 ? infinity : div_down(margin, constant);
  }
  [[nodiscard]] static double least(double a, double b) { return a < b ? a : b; }

  /// ||w_j - w_i||, rounded up; exactly 0 for equal rows.
  template <typename Scalar>
  [[nodiscard]] static Matrix<double> row_distances(const Matrix<Scalar>& head) {
    const Index classes = head.rows();
    Matrix<double> distances = Matrix<double>::Zero(classes, classes);
    const auto source = scaled(head.transpose());
    Matrix<double> difference(head.cols(), 1);
    for (Index j = 0; j < classes; ++j)
      for (Index i = 0; i < j; ++i) {
        double distance = infinity;
        if (source) {
          difference = source->value.col(j) - source->value.col(i);
          // Each entry of the difference is rounded once more, by 2^-53.
          const double norm = mul_up(frobenius_upper_bound(difference), 1 + 0x1p-51);
          distance = (head.row(j).array() == head.row(i).array()).all() ? 0 : source->unscaled(norm);
        }
        distances(i, j) = distances(j, i) = distance;
      }
    return distances;
  }

  Matrix<double> distances_;  // ||w_j - w_i||
  Matrix<double> constants_;  // K_ji
};

}  // namespace gloro
