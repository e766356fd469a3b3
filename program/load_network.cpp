// The bodies of load_network.hpp: all that the program reads of ONNX goes through here.
#include "load_network.hpp"

#include "readers.hpp"

#if defined(GLORO_WITH_ONNX) && GLORO_WITH_ONNX
#include <gloro/core/number.hpp>
#include <gloro/core/shape.hpp>
#include <gloro/core/tensor.hpp>
#include <gloro/io/onnx_reader.hpp>

#include <algorithm>
#endif

#include <filesystem>
#include <utility>

using namespace gloro;

bool is_onnx(const std::string& path) { return std::filesystem::path(path).extension() == ".onnx"; }

#if defined(GLORO_WITH_ONNX) && GLORO_WITH_ONNX
namespace {

/// The largest difference between logits of `model` and those of the file's own operators, in double,
/// on the first of `images`: what folding and rounding of weights and passes come to.
template <std::floating_point Scalar>
double difference_to_file(const std::string& path, const GloroModel<Scalar>& model,
                          const data::Dataset& images, const OnnxOptions& options) {
  OnnxOptions as_it_stands = options;
  as_it_stands.is_folded = false;
  const GloroModel<double> file = load_onnx<double>(path, as_it_stands).model;
  data::Dataset first = images.head(256);
  if (std::same_as<Scalar, float>) first = first.rounded();  // both see the same
  const Tensor<double> wanted = file.logits(first.images<double>(0, first.size()));
  const Tensor<Scalar> found = model.logits(first.images<Scalar>(0, first.size()));
  return (found.matrix().template cast<double>() - wanted.matrix()).cwiseAbs().maxCoeff();
}

template <std::floating_point Scalar>
LoadedModel<Scalar> from_onnx(const std::string& path, const LoadOptions& limits,
                              const data::Dataset& images, std::ostream& people) {
  const OnnxOptions options{.input = images.shape(), .most_memory = limits.most_memory};
  OnnxModel<Scalar> read = load_onnx<Scalar>(path, options);
  for (const std::string& remark : read.remarks) people << remark << '\n';
  if (read.model.input_shape() == images.shape())
    people << "logits differ from those of the file's operators in double by at most "
           << rounded_text(difference_to_file(path, read.model, images, options), 2) << " on "
           << std::min<Index>(256, images.size()) << " images; what is proved is of these\n\n";
  return {std::move(read.model), std::move(read.metadata)};
}

}  // namespace
#endif

template <std::floating_point Scalar>
LoadedModel<Scalar> load_network(const std::string& path, const LoadOptions& limits,
                                 [[maybe_unused]] const data::Dataset& images,
                                 [[maybe_unused]] std::ostream& people) {
  if (!is_onnx(path)) return load_model<Scalar>(path, limits);
#if defined(GLORO_WITH_ONNX) && GLORO_WITH_ONNX
  return from_onnx<Scalar>(path, limits, images, people);
#else
  throw command_line::Mistake(
      path + ": this program was built without gloro::onnx, and reads no ONNX files");
#endif
}

template LoadedModel<float> load_network(const std::string&, const LoadOptions&,
                                         const data::Dataset&, std::ostream&);
template LoadedModel<double> load_network(const std::string&, const LoadOptions&,
                                          const data::Dataset&, std::ostream&);
