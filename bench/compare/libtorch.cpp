// libtorch's side of the comparison: the same training step by autograd and oneDNN's convolutions.
//   network=N batch=B threads=T samples=S variants=VARIANT[,VARIANT...]
// A variant is LAYOUT-MINMAX, or LAYOUT-MINMAX-bfloat16 for products by autocast: LAYOUT nchw or nhwc
// (channels_last), MINMAX one of the two-tensor forms below. It is a work of its own for the driver,
// which asks for the fastest. Links nothing of gloro.
#include <ATen/autocast_mode.h>
#include <torch/torch.h>

#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "../images.hpp"
#include "protocol.hpp"

namespace {

using torch::Tensor;

struct Layer {
  std::int64_t outputs, kernel, stride;  // kernel 0: dense
};

struct Network {
  std::int64_t size, channels;
  double epsilon;
  std::vector<Layer> layers;
};

Network network(const std::string& name) {
  if (name == "2C2F") return {28, 1, 0.3, {{16, 4, 2}, {32, 4, 2}, {100, 0, 0}, {10, 0, 0}}};
  if (name == "4C3F")
    return {28,
            1,
            1.58,
            {{32, 3, 1}, {32, 4, 2}, {64, 3, 1}, {64, 4, 2}, {512, 0, 0}, {512, 0, 0}, {10, 0, 0}}};
  if (name == "6C2F")
    return {32,
            3,
            36.0 / 255,
            {{32, 3, 1},
             {32, 3, 1},
             {32, 4, 2},
             {64, 3, 1},
             {64, 3, 1},
             {64, 4, 2},
             {512, 0, 0},
             {10, 0, 0}}};
  throw std::invalid_argument("no network is called " + name);
}

// MinMax pairs channel i with channel i + C/2: contiguous halves are faster than neighbours, and
// the network is the same but for the order of its channels.

/// The plain form: autograd differentiates minimum and maximum.
Tensor minmax_plain(const Tensor& x) {
  const auto halves = x.chunk(2, 1);
  const Tensor low = torch::minimum(halves[0], halves[1]);
  return torch::cat({low, torch::maximum(halves[0], halves[1])}, 1);
}

/// min = a - relu(a - b), max = b + relu(a - b): cheaper derivatives.
Tensor minmax_relu(const Tensor& x) {
  const auto halves = x.chunk(2, 1);
  const Tensor excess = torch::relu(halves[0] - halves[1]);
  return torch::cat({halves[0] - excess, halves[1] + excess}, 1);
}

/// A derivative written by hand: the slopes change places where the values did.
struct MinMaxFunction : torch::autograd::Function<MinMaxFunction> {
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& x) {
    const auto halves = x.chunk(2, 1);
    Tensor y = torch::empty_like(x);
    auto sorted = y.chunk(2, 1);
    torch::minimum_out(sorted[0], halves[0], halves[1]);
    torch::maximum_out(sorted[1], halves[0], halves[1]);
    context->save_for_backward({halves[0] > halves[1]});
    return y;
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list slopes) {
    const Tensor swapped = context->get_saved_variables()[0];
    const auto from = slopes[0].chunk(2, 1);
    Tensor dx = torch::empty_like(slopes[0]);
    auto to = dx.chunk(2, 1);
    torch::where_out(to[0], swapped, from[1], from[0]);
    torch::where_out(to[1], swapped, from[0], from[1]);
    return {dx};
  }
};

Tensor minmax_function(const Tensor& x) { return MinMaxFunction::apply(x); }

class TrainingStep {
 public:
  TrainingStep(Network network, const std::string& variant, std::int64_t batch, int samples)
      : network_(std::move(network)), batch_(batch) {
    std::istringstream words(variant);
    std::string layout, form, products;
    std::getline(words, layout, '-');
    std::getline(words, form, '-');
    std::getline(words, products, '-');
    casts_ = products == "bfloat16";
    if (layout == "nhwc") layout_ = torch::MemoryFormat::ChannelsLast;
    minmax_ = form == "plain" ? minmax_plain : form == "relu" ? minmax_relu : minmax_function;

    auto [bytes, labels] = bench::images(samples, static_cast<int>(network_.size),
                                         static_cast<int>(network_.channels));
    images_ =
        torch::from_blob(bytes.data(), {samples, network_.size, network_.size, network_.channels},
                         torch::kUInt8)
            .clone();
    labels_ = torch::tensor(labels, torch::kInt64);
    order_ = torch::randperm(samples, torch::kInt64);

    std::int64_t size = network_.size, channels = network_.channels, inputs = 0;
    for (const Layer& layer : network_.layers) {
      Tensor weight, right;
      if (layer.kernel > 0) {
        weight = torch::empty({layer.outputs, channels, layer.kernel, layer.kernel});
        right = torch::randn({1, channels, size, size}).contiguous(layout_);
        size /= layer.stride;
        channels = layer.outputs;
        inputs = channels * size * size;
      } else {
        weight = torch::empty({layer.outputs, inputs});
        right = torch::randn({inputs});
        inputs = layer.outputs;
      }
      torch::nn::init::xavier_uniform_(weight);
      if (layer.kernel > 0) weight = weight.contiguous(layout_);
      weights_.push_back(weight.set_requires_grad(true));
      biases_.push_back(torch::zeros({layer.outputs}).set_requires_grad(true));
      rights_.push_back(right / right.norm());
    }
    std::vector<Tensor> parameters = weights_;
    parameters.insert(parameters.end(), biases_.begin(), biases_.end());
    optimizer_ = std::make_unique<torch::optim::Adam>(parameters, torch::optim::AdamOptions(1e-3));
  }

  double operator()() {
    refresh_lipschitz();
    const Tensor which = order_.narrow(0, next_ * batch_, batch_);
    next_ = (next_ + 1) % (order_.size(0) / batch_);
    const Tensor x = images_.index_select(0, which)
                         .permute({0, 3, 1, 2})
                         .to(torch::kFloat, false, false, layout_)
                         .div_(255);
    for (auto* list : {&weights_, &biases_})  // autograd then moves its result in
      for (Tensor& parameter : *list) parameter.mutable_grad() = Tensor();
    Tensor y;
    {
      const Autocast autocast(casts_);
      y = logits(x);
    }
    const Tensor mean = loss(y.to(torch::kFloat), labels_.index_select(0, which));
    mean.backward();
    optimizer_->step();
    return mean.item<double>();
  }

 private:
  /// While it lives, convolutions and products are taken in bfloat16 (the default of autocast on a CPU).
  struct Autocast {
    explicit Autocast(bool on) { at::autocast::set_cpu_enabled(on); }
    Autocast(const Autocast&) = delete;
    Autocast& operator=(const Autocast&) = delete;
    ~Autocast() {
      at::autocast::set_cpu_enabled(false);
      at::autocast::clear_cache();  // weights are cast anew after every step
    }
  };

  [[nodiscard]] Tensor convolve(const Tensor& x, std::size_t l, const Tensor& bias) const {
    return torch::conv2d(x, weights_[l], bias, network_.layers[l].stride, /*padding=*/1);
  }

  [[nodiscard]] Tensor logits(Tensor x) const {
    for (std::size_t l = 0; l < weights_.size(); ++l) {
      if (network_.layers[l].kernel > 0) {
        x = convolve(x, l, biases_[l]);
      } else {
        if (x.dim() > 2) x = x.flatten(1);
        x = torch::addmm(biases_[l], x, weights_[l].t());
      }
      if (l + 1 < weights_.size()) x = minmax_(x);
    }
    return x;
  }

  /// Five power iterations a layer, the head's left out: nothing asks for its norm.
  void refresh_lipschitz() {
    const torch::NoGradGuard no_gradients;
    for (std::size_t l = 0; l + 1 < weights_.size(); ++l)
      for (int i = 0; i < 5; ++i) {
        Tensor v;
        if (network_.layers[l].kernel > 0)
          v = torch::conv_transpose2d(convolve(rights_[l], l, {}), weights_[l], {},
                                      network_.layers[l].stride, /*padding=*/1);
        else
          v = torch::mv(weights_[l].t(), torch::mv(weights_[l], rights_[l]));
        rights_[l] = v.div_(v.norm());
      }
  }

  /// The product of the body's estimates, differentiable by the weights.
  [[nodiscard]] Tensor lipschitz() const {
    Tensor product = torch::ones({});
    for (std::size_t l = 0; l + 1 < weights_.size(); ++l) {
      const bool is_dense = network_.layers[l].kernel == 0;
      const Tensor left =
          is_dense ? torch::mv(weights_[l], rights_[l]) : convolve(rights_[l], l, {});
      product = product * left.norm();
    }
    return product;
  }

  /// TRADES: cross-entropy + 1.5 KL(softmax(y) || softmax(y, y_bot)); the divergence comes down to
  /// softplus(y_bot - log sum exp y).
  [[nodiscard]] Tensor loss(const Tensor& y, const Tensor& labels) const {
    const Tensor& head = weights_.back();
    const Tensor distances = (head.unsqueeze(0) - head.unsqueeze(1)).norm(2, -1);
    const Tensor constants = lipschitz() * distances;
    const Tensor top = y.detach().argmax(1);
    const Tensor reach = y + network_.epsilon * constants.index_select(0, top);
    const Tensor bottom = std::get<0>(
        reach.scatter(1, top.unsqueeze(1), -std::numeric_limits<double>::infinity()).max(1));
    const Tensor gap = bottom - y.logsumexp(1);
    return torch::cross_entropy_loss(y, labels) + 1.5 * torch::softplus(gap).mean();
  }

  Network network_;
  std::int64_t batch_, next_ = 0;
  torch::MemoryFormat layout_ = torch::MemoryFormat::Contiguous;
  Tensor (*minmax_)(const Tensor&) = nullptr;
  bool casts_ = false;
  Tensor images_, labels_, order_;
  std::vector<Tensor> weights_, biases_, rights_;
  std::unique_ptr<torch::optim::Adam> optimizer_;
};

}  // namespace

int main(int argc, char** argv) try {
  const bench::Arguments arguments(argc, argv);
  torch::manual_seed(1);
  at::set_num_threads(arguments.number("threads"));
  const auto batch = arguments.number("batch");
  std::map<std::string, std::unique_ptr<TrainingStep>> steps;  // each made when it is first wanted
  std::map<std::string, bench::Work> works;
  double last = 0;
  std::istringstream variants(arguments.text("variants"));
  for (std::string variant; std::getline(variants, variant, ',');)
    works[variant] = [&, variant] {
      auto& step = steps[variant];
      if (!step)
        step = std::make_unique<TrainingStep>(network(arguments.text("network")), variant, batch,
                                              arguments.number("samples"));
      last = (*step)();
      return static_cast<double>(batch);
    };
  bench::note("version", TORCH_VERSION);
  bench::note("onednn", at::globalContext().userEnabledMkldnn() && at::hasMKLDNN());
  bench::serve(works);
  bench::note("loss", last);
} catch (const std::exception& error) {
  std::cerr << "compare_libtorch: " << error.what() << '\n';
  return 1;
}
