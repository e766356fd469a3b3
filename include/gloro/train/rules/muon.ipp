// The bodies of muon.hpp.
#pragma once

#include "gloro/train/rules/muon.hpp"

#include <algorithm>
#include <cmath>
#include <concepts>
#include <functional>
#include <string>
#include <vector>

#include "gloro/core/compiled.hpp"
#include "gloro/core/error.hpp"
#include "gloro/train/rules/detail/moments.hpp"
#include "gloro/train/rules/detail/newton_schulz.hpp"

namespace gloro {

namespace detail {

/// body(first, count) for pieces of so many values, cut alike for any number of workers.
template <typename Body>
void for_pieces(Index size, Workers& workers, Body&& body) {
  const Index most = 1 << 16;
  const auto piece = [&](Index i) { body(i * most, std::min(most, size - i * most)); };
  workers.for_each((size + most - 1) / most, std::cref(piece));
}

}  // namespace detail

GLORO_INLINE std::vector<std::string> Muon::columns() const { return adam().columns(); }

GLORO_INLINE Muon::Factors Muon::at(Index step, double learning_rate) const {
  return {.matrices = learning_rate, .others = adam().at(step, learning_rate)};
}

template <std::floating_point Scalar>
void Muon::move(Slice<Scalar> w, ConstSlice<Scalar> g, RuleState<Scalar> state,
                const Factors& at) const {
  adam().move(w, g, state, at.others);
}

template <std::floating_point Scalar>
void Muon::move_matrix(WeightMatrix<Scalar> w, ConstWeightMatrix<Scalar> g, RuleState<Scalar> state,
                       const Factors& at, Workers& workers) const {
  const auto kept = static_cast<Scalar>(momentum);
  Matrix<Scalar> ahead(w.rows(), w.cols());
  detail::for_pieces(w.size(), workers, [&](Index first, Index count) {
    Slice<Scalar> means(state[0].data() + first, count);
    const ConstSlice<Scalar> gradients(g.data() + first, count);
    means = kept * means + gradients;
    Slice<Scalar>(ahead.data() + first, count) = kept * means + gradients;
  });
  const Matrix<Scalar> direction = detail::orthogonalized(ahead, workers);
  const double scale = 0.2 * std::sqrt(static_cast<double>(std::max(w.rows(), w.cols())));
  const auto rate = static_cast<Scalar>(at.matrices * scale);
  detail::for_pieces(w.size(), workers, [&](Index first, Index count) {
    Slice<Scalar>(w.data() + first, count) -=
        rate * ConstSlice<Scalar>(direction.data() + first, count);
  });
}

GLORO_INLINE std::string Muon::text() const {
  const auto& [kept, first, second, root] = *this;
  return message("muon,momentum=", kept, ",beta1=", first, ",beta2=", second, ",epsilon=", root);
}

GLORO_INLINE void Muon::check() const {
  require_share("muon: momentum", momentum);
  detail::check_moments("muon", adam());
}

#ifdef GLORO_COMPILING
template void Muon::move<float>(Slice<float>, ConstSlice<float>, RuleState<float>,
                                const Factors&) const;
template void Muon::move<double>(Slice<double>, ConstSlice<double>, RuleState<double>,
                                 const Factors&) const;
template void Muon::move_matrix<float>(WeightMatrix<float>, ConstWeightMatrix<float>,
                                       RuleState<float>, const Factors&, Workers&) const;
template void Muon::move_matrix<double>(WeightMatrix<double>, ConstWeightMatrix<double>,
                                        RuleState<double>, const Factors&, Workers&) const;
template struct UpdateRule<float>::Holder<Muon>;
template struct UpdateRule<double>::Holder<Muon>;
#endif

}  // namespace gloro
