// The kernels by way of the level that was chosen: in gloro::compiled these stand in for the bodies of
// convolution.ipp and its like, which each level_unit.hpp has for itself.
#pragma once

#include "gloro/kernels/detail/functions.hpp"

namespace gloro::kernels {

template <std::floating_point Scalar>
void convolve(const Convolution<Scalar>& all, Workers* workers) {
  detail::chosen_functions().of<Scalar>().convolve(all, workers);
}
template <std::floating_point Scalar>
void convolve_transposed(const TransposedConvolution<Scalar>& all, Workers* workers) {
  detail::chosen_functions().of<Scalar>().convolve_transposed(all, workers);
}
template <std::floating_point Scalar>
void correlate_filters(const FilterCorrelation<Scalar>& all) {
  detail::chosen_functions().of<Scalar>().correlate_filters(all);
}
template <std::floating_point Scalar>
void multiply(const Product<Scalar>& p, Workers* workers) {
  detail::chosen_functions().of<Scalar>().multiply(p, workers);
}
template <std::floating_point Scalar>
void multiply_transposed(const TransposedProduct<Scalar>& p, Workers* workers) {
  detail::chosen_functions().of<Scalar>().multiply_transposed(p, workers);
}
template <std::floating_point Scalar>
void outer_add(const OuterProduct<Scalar>& p) {
  detail::chosen_functions().of<Scalar>().outer_add(p);
}
template <std::floating_point Scalar>
void minmax(const Pairs<Scalar>& p) {
  detail::chosen_functions().of<Scalar>().minmax(p);
}
template <std::floating_point Scalar>
void minmax_backward(const PairGradients<Scalar>& p) {
  detail::chosen_functions().of<Scalar>().minmax_backward(p);
}
template <std::floating_point Scalar>
void step_by_moments(const MomentStep<Scalar>& p) {
  detail::chosen_functions().of<Scalar>().step_by_moments(p);
}

template void convolve<float>(const Convolution<float>&, Workers*);
template void convolve<double>(const Convolution<double>&, Workers*);
template void convolve_transposed<float>(const TransposedConvolution<float>&, Workers*);
template void convolve_transposed<double>(const TransposedConvolution<double>&, Workers*);
template void correlate_filters<float>(const FilterCorrelation<float>&);
template void correlate_filters<double>(const FilterCorrelation<double>&);
template void multiply<float>(const Product<float>&, Workers*);
template void multiply<double>(const Product<double>&, Workers*);
template void multiply_transposed<float>(const TransposedProduct<float>&, Workers*);
template void multiply_transposed<double>(const TransposedProduct<double>&, Workers*);
template void outer_add<float>(const OuterProduct<float>&);
template void outer_add<double>(const OuterProduct<double>&);
template void minmax<float>(const Pairs<float>&);
template void minmax<double>(const Pairs<double>&);
template void minmax_backward<float>(const PairGradients<float>&);
template void minmax_backward<double>(const PairGradients<double>&);
template void step_by_moments<float>(const MomentStep<float>&);
template void step_by_moments<double>(const MomentStep<double>&);

}  // namespace gloro::kernels
