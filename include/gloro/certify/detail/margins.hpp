// Margins: what the head makes of a proved activation. The margin of class j over i is
//   y_j - y_i = (w_j - w_i) . h + b_j - b_i,
// so it moves by at most K_ji = k ||w_j - w_i|| per unit of the input, k the product of the body's
// bounds, and the computed one is off by at most ||w_j - w_i|| e plus the rounding of the two rows.
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "gloro/certify/certificate.hpp"
#include "gloro/certify/detail/head_rounding.hpp"
#include "gloro/certify/detail/running_error.hpp"
#include "gloro/core/error.hpp"
#include "gloro/lipschitz/affordable.hpp"
#include "gloro/lipschitz/detail/gram_iteration.hpp"
#include "gloro/lipschitz/magnitude_bound.hpp"
#include "gloro/lipschitz/row_distances.hpp"
#include "gloro/model/detail/leading_sets.hpp"
#include "gloro/model/guarantee.hpp"
#include "gloro/rounding/outward.hpp"
#include "gloro/rounding/product.hpp"

namespace gloro {

class Margins {
 public:
  /// What an evaluation says about "is the top class proved at epsilon".
  enum class Verdict { proved, refuted, open };
  struct Judgement {
    int top = 0;  ///< largest computed logit, the first of equals
    Verdict verdict = Verdict::open;
    double radius = 0;                    ///< proved for `top`; not positive if nothing is
    std::vector<CertifiedSet> sets = {};  ///< of a relaxed guarantee
  };

  /// `body`: rigorous Lipschitz bounds of the layers before the head.
  template <std::floating_point Scalar>
  Margins(const Matrix<Scalar>& head, std::span<const double> body)
      : classes_(head.rows()), body_(rounding::product_up(body)) {
    if (has_table(head.rows(), head.cols())) {
      distances_ = lipschitz::row_distances(head);
      constants_ = distances_;
      for (double& value : constants_.reshaped()) value = rounding::mul_up(body_, value);
    } else {
      norms_ = Vector<double>(classes_);
      for (Index i = 0; i < classes_; ++i) norms_(i) = lipschitz::frobenius_bound(head.row(i));
    }
  }

  /// Whether all pairs of classes have their place in a table. Beyond some 5,000 classes it would take
  /// gigabytes, and ||w_j|| + ||w_i|| stands for ||w_j - w_i||.
  [[nodiscard]] static bool has_table(Index classes, Index inputs) {
    const double pairs = static_cast<double>(classes) * static_cast<double>(classes);
    return lipschitz::is_affordable(pairs * static_cast<double>(inputs), 2 * pairs,
                                    static_cast<double>(classes) * static_cast<double>(inputs));
  }

  /// K_ji, never too small.
  [[nodiscard]] double constant(Index j, Index i) const {
    if (norms_.size() == 0) return constants_(i, j);
    return i == j ? 0 : rounding::mul_up(body_, distance(i, j));
  }
  /// All of them: classes x classes, symmetric. Throws Error where there are too many for a table.
  [[nodiscard]] const Matrix<double>& constants() const {
    if (norms_.size() > 0)
      throw Error(message("the constants of all pairs of ", classes_, " classes would take ",
                          "gigabytes: ask for one pair at a time (margin_constant)"));
    return constants_;
  }

  /// How far the computed y_j - y_i may be from exact, if no logit overflowed.
  [[nodiscard]] double rounding_error(Index i, Index j, const ActivationBound& at_head,
                                      const HeadRounding& rounding) const {
    // Sums and products of nonnegative numbers: one factor covers the roundings of all of them, and
    // one number all that two products may lose to underflow.
    const double error = distance(i, j) * at_head.error +
                         ((rounding.relative(j) + rounding.relative(i)) * at_head.norm +
                          (rounding.absolute(j) + rounding.absolute(i)));
    return error * (1 + 0x1p-48) + 4 * rounding::underflow_unit;
  }

  /// Judges one sample's computed logits. "proved": the top class is proved for a radius above
  /// epsilon. "refuted": no evaluation, however exact, proves any class there. NaN is "open".
  template <std::floating_point Scalar>
  [[nodiscard]] Judgement judge(const Scalar* logits, const ActivationBound& at_head,
                                const HeadRounding& rounding, double epsilon) const {
    Judgement judgement{.top = static_cast<int>(top_class(logits))};
    if (!is_finite(logits, at_head)) return judgement;
    judgement.radius = proved_radius(logits, judgement.top, at_head, rounding);
    if (judgement.radius > epsilon || judgement.radius == infinity)
      judgement.verdict = Verdict::proved;
    else if (is_refuted(logits, judgement.top, at_head, rounding, epsilon))
      judgement.verdict = Verdict::refuted;
    return judgement;
  }

  /// The same for a relaxed guarantee: the sets that are proved for a radius above epsilon, each by
  /// all its pairs of a class inside and one outside. Says "proved" or "open".
  template <std::floating_point Scalar>
  [[nodiscard]] Judgement judge_sets(const Scalar* logits, const ActivationBound& at_head,
                                     const HeadRounding& rounding, const Guarantee& guarantee,
                                     double epsilon) const {
    Judgement judgement{.top = static_cast<int>(top_class(logits))};
    if (!is_finite(logits, at_head)) return judgement;
    const Eigen::Map<const Vector<Scalar>> y(logits, classes_);
    const LeadingSets<double> leading(y, guarantee, [&](Index j, Index i) {
      return pair_radius(logits, j, i, at_head, rounding);
    });
    std::size_t proved = 0;  // size of the largest proved set
    judgement.sets.reserve(static_cast<std::size_t>(leading.count()));
    for (Index size = 1; size <= leading.count(); ++size) {
      double radius = lowered(leading.weakest(size).lead);
      if (radius > epsilon || radius == infinity)
        proved = static_cast<std::size_t>(size);
      else
        radius = 0;
      if (size == 1) judgement.radius = radius;
      judgement.sets.push_back({static_cast<int>(leading.leader(size - 1)), radius});
    }
    judgement.sets.resize(proved);
    if (proved > 0) judgement.verdict = Verdict::proved;
    return judgement;
  }

 private:
  /// ||w_j - w_i||, never too small.
  [[nodiscard]] double distance(Index i, Index j) const {
    return norms_.size() == 0 ? distances_(i, j) : rounding::add_up(norms_(i), norms_(j));
  }

  template <typename Scalar>
  [[nodiscard]] Index top_class(const Scalar* logits) const {
    Index top = 0;
    for (Index i = 1; i < classes_; ++i)
      if (logits[i] > logits[top]) top = i;
    return top;
  }

  /// A logit that overflowed says nothing.
  template <typename Scalar>
  [[nodiscard]] bool is_finite(const Scalar* logits, const ActivationBound& at_head) const {
    bool finite = at_head.error < infinity;
    for (Index i = 0; i < classes_; ++i) finite = finite && std::isfinite(logits[i]);
    return finite;
  }

  /// (y_j - y_i - error) / K_ji for y_j >= y_i; 0 if the margin is not proved, infinite where it does
  /// not depend on the input. Rounds as it comes, by a few units of 2^-53: the margin's pay for
  /// theirs here with 2^-50, lowered() for the quotient's.
  template <typename Scalar>
  [[nodiscard]] double pair_radius(const Scalar* logits, Index j, Index i,
                                   const ActivationBound& at_head,
                                   const HeadRounding& rounding) const {
    const double margin = static_cast<double>(logits[j]) - static_cast<double>(logits[i]);
    const double error = rounding_error(i, j, at_head, rounding) + margin * 0x1p-50;
    const double left = margin - error;
    if (!(left > rounding::underflow_unit)) return 0;
    const double k = constant(j, i);
    if (k == 0) return infinity;
    return std::min(left / k, std::numeric_limits<double>::max());
  }

  [[nodiscard]] static double lowered(double radius) {
    return radius == infinity ? infinity : rounding::mul_down(radius, 1 - 0x1p-50);
  }

  /// min over the rivals of the top class, rounded down; not positive if nothing is proved.
  template <typename Scalar>
  [[nodiscard]] double proved_radius(const Scalar* logits, Index top,
                                     const ActivationBound& at_head,
                                     const HeadRounding& rounding) const {
    double least = infinity;
    for (Index i = 0; i < classes_; ++i) {
      if (i == top) continue;
      const double radius = pair_radius(logits, top, i, at_head, rounding);
      if (!(radius > 0)) return 0;
      least = std::min(least, radius);
    }
    return lowered(least);
  }

  /// Whether for each class some rival is too near for any margin that the errors allow.
  template <typename Scalar>
  [[nodiscard]] bool is_refuted(const Scalar* logits, Index top, const ActivationBound& at_head,
                                const HeadRounding& rounding, double epsilon) const {
    using namespace rounding;
    bool top_fails = false, others_fail = true;
    for (Index i = 0; i < classes_; ++i) {
      if (i == top) continue;
      const auto ahead = static_cast<double>(logits[top]), behind = static_cast<double>(logits[i]);
      const double error = rounding_error(i, top, at_head, rounding);
      const double needed = mul_down(epsilon, constant(top, i));
      top_fails = top_fails || add_up(add_up(ahead, -behind), error) <= needed;
      others_fail = others_fail && add_up(add_up(behind, -ahead), error) <= needed;
    }
    return top_fails && others_fail;
  }

  Index classes_;
  double body_;
  Matrix<double> distances_;  // ||w_j - w_i||
  Matrix<double> constants_;  // K_ji
  Vector<double> norms_;      // ||w_j||, instead of the tables
};

}  // namespace gloro
