// The bodies of muon.hpp.
#pragma once

#include "gloro/train/rules/muon.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "gloro/core/compiled.hpp"
#include "gloro/core/error.hpp"
#include "gloro/parallel/detail/segments.hpp"
#include "gloro/train/rules/detail/moments.hpp"
#include "gloro/train/rules/detail/newton_schulz.hpp"

namespace gloro {

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
  const std::vector<Piece> pieces = pieces_of(std::array{w.size()});
  const auto for_pieces = [&](auto&& body) {
    const auto piece = [&](Index i) { body(pieces[static_cast<std::size_t>(i)]); };
    workers.for_each(static_cast<Index>(pieces.size()), std::cref(piece));
  };
  const auto kept = static_cast<Scalar>(momentum);
  Matrix<Scalar> ahead(w.rows(), w.cols());
  for_pieces([&](const Piece& piece) {
    Slice<Scalar> means(state[0].data() + piece.begin, piece.size);
    const ConstSlice<Scalar> gradients(g.data() + piece.begin, piece.size);
    means = kept * means + gradients;
    Slice<Scalar>(ahead.data() + piece.begin, piece.size) = kept * means + gradients;
  });
  const Matrix<Scalar> direction = detail::orthogonalized(ahead, workers);
  const double scale = 0.2 * std::sqrt(static_cast<double>(std::max(w.rows(), w.cols())));
  const auto rate = static_cast<Scalar>(at.matrices * scale);
  for_pieces([&](const Piece& piece) {
    Slice<Scalar>(w.data() + piece.begin, piece.size) -=
        rate * ConstSlice<Scalar>(direction.data() + piece.begin, piece.size);
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
