// HingeKantorovichRubinstein: the hKR loss (Serrurier, Mamalet, González-Sanz, Boissin, Loubes and del
// Barrio 2021, "Achieving Robustness in Classification Using Optimal Transport with Hinge
// Regularization"): a Wasserstein distance between a class and the others in its dual form, whose
// optimum has gradients of norm 1, and a hinge that makes the same function a classifier.
#pragma once

#include "gloro/loss/loss.hpp"

namespace gloro {

/// Of one class against the others, for each class, with f = y / K_G: 1-Lipschitz whatever the weights,
/// and so in units of the input. For a sample of class t among q
///
///   alpha [(m - f_t)_+ + mean over i != t of (m + f_i)_+]  -  [f_t - mean over i != t of f_i],
///
/// which is the paper's sum over the classes for classes of equal size, each class weighed against all of
/// its rivals together, in the hinge as in the distance.
struct HingeKantorovichRubinstein {
  double alpha =
      10;  ///< weight of the hinge (the paper's lambda); multiplied by the scheduled factor
  double margin =
      1;  ///< m in units of eps; where no hinge is left, the label holds within sqrt(2) m

  template <std::floating_point Scalar>
  double operator()(const LossInput<Scalar>& in, LossGradient<Scalar>* out) const;
};

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/loss/hinge_kantorovich_rubinstein.ipp"
#endif
