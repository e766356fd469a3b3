// Fuzzes NumPy's .npy files, plain and (behind a first byte 'z', packed here) gzip, as images with the
// channels last and first, and as labels.
#include <gloro/core/error.hpp>
#include <gloro/data/npy.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "fuzzed_file.hpp"
#include "gzip_of.hpp"

namespace {

using namespace gloro;

/// The same values in another order, and finite.
void check_images(const std::filesystem::path& path) {
  const auto last = data::npy_images(path);
  const auto first = data::npy_images(path, data::Channels::first);
  fuzz::require(last.size() > 0 && last.shape().size() > 0, "an array that loads has values");
  fuzz::require(first.size() == last.size() && first.shape().size() == last.shape().size(),
                "channels first are as many values");
  for (Index i = 0; i < last.size(); ++i) {
    Tensor<double> a = last.image<double>(i), b = first.image<double>(i);
    fuzz::require(a.matrix().allFinite(), "values are finite");
    std::sort(a.data(), a.data() + a.size());
    std::sort(b.data(), b.data() + b.size());
    fuzz::require(std::equal(a.data(), a.data() + a.size(), b.data()),
                  "channels first are the same values");
  }
}

void check_labels(const std::filesystem::path& path) {
  const auto labels = data::npy_labels(path);
  fuzz::require(!labels.empty(), "labels that load are some");
  fuzz::require(*std::min_element(labels.begin(), labels.end()) >= 0, "labels are >= 0");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = fuzz::as_text(data, size);
  const fuzz::FuzzedFile file(input.starts_with('z') ? fuzz::gzip_of(input.substr(1))
                                                     : std::string(input));
  for (const auto& check : {check_images, check_labels}) {
    try {
      check(file.path());
    } catch (const gloro::Error&) {
    }
  }
  return 0;
}
