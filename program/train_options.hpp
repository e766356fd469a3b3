// The command line of `gloro train`, and what it says as TrainerOptions.
#pragma once

#include <gloro/core/error.hpp>
#include <gloro/io/keep_model.hpp>
#include <gloro/train/trainer_options.hpp>
#include <gloro/wording/architecture.hpp>
#include <gloro/wording/augmentation.hpp>
#include <gloro/wording/loss.hpp>
#include <gloro/wording/optimizer.hpp>
#include <gloro/wording/products.hpp>
#include <gloro/wording/schedule.hpp>

#include "command_line.hpp"
#include "image_options.hpp"

#include <cstdint>
#include <string>
#include <utility>

namespace train_command {

struct Options {
  ImageOptions images;
  std::string extra, extra_labels;
  double extra_share = 0.7;
  std::string architecture = "2C2F", initialization = "orthogonal";
  double epsilon = 0.3, lr = 1e-3, weight_decay = 0, clip_norm = 0;
  std::string epsilon_schedule = "fixed", lr_schedule = "fixed", trades_schedule = "fixed";
  std::string loss = "trades_kl.1.5", optimizer = "adam", augmentation = "none", products = "float";
  double products_share = 1;
  gloro::Index epochs = 100, batch_size = 128;
  int lookahead = 0, power_iterations = 5, threads = 0;
  gloro::Index shards = 0;
  std::uint64_t seed = 0;
  gloro::Index top_k = 0;  // 0: that of --init, or 1
  std::string affinity, init, save, log, json;
  std::string name;  // of the command
  gloro::KeptEpochs keep;
  bool resume = false, overwrite = false;
};

struct Initialization {
  static constexpr const char* kind = "orthogonal|glorot";
  std::string operator()(const std::string& text) const {
    if (text != "orthogonal" && text != "glorot")
      command_line::refuse("orthogonal or glorot", text);
    return text;
  }
};

inline void add_options(command_line::Options& command, Options& o) {
  using namespace command_line;
  const Checked schedule{gloro::read_schedule};
  image_options::add_split(command, o.images);
  const auto extra =
      command.add("--extra", o.extra,
                  "more training images, in any form of --images, mixed into each batch", File{});
  command.add("--extra_labels", o.extra_labels, "their labels", File{}).needs(extra);
  command.add("--extra_share", o.extra_share, "of a batch, between 0 and 1", share).needs(extra);
  const auto architecture = command.add(
      "--architecture", o.architecture,
      "2C2F, 2C2F-L, 4C3F, 6C2F, 8C2F, LiResNet-S, CPL-S, or spelled: (32,3).r3.(32,4,2).512",
      Checked{[](const std::string& text) { return gloro::read_architecture<float>(text, 10); }});
  const auto initialization =
      command.add("--initialization", o.initialization, "of the weights", Initialization{});
  command
      .add("--init", o.init,
           "a model file, or a network in ONNX, to begin with: its layers, its weights and, unless "
           "another is asked for, its guarantee",
           File{})
      .excludes(architecture)
      .excludes(initialization);
  command.add("--epsilon", o.epsilon, "radius to certify, in pixel units", not_negative);
  command.add("--epsilon_schedule", o.epsilon_schedule, "of epsilon, such as [0.01]-log-[50%:1]",
              schedule);
  command.add("--loss", o.loss,
              "crossentropy, trades_kl.LAMBDA, trades_ce.LAMBDA, emma, lipschitz_margin, "
              "cll[.SLACK[,DECAY]], cll_held[...], hkr[.ALPHA[,MARGIN]] or standard_crossentropy",
              Checked{gloro::read_loss<float>});
  const auto top_k =
      command.add("--top_k", o.top_k,
                  "relaxed: certify up to K leading classes as a set; default 1, or that of --init",
                  count_from(1));
  command
      .add("--affinity", o.affinity,
           "relaxed: a file of sets of classes that may be certified together, such as "
           "[[3,5],[0,8]]",
           File{})
      .excludes(top_k);
  command.add("--trades_schedule", o.trades_schedule,
              "of the weight of a loss that has one, such as linear_from_0.5", schedule);
  command.add("--epochs", o.epochs, "passes over the training images", count_from(0));
  command.add("--batch_size", o.batch_size, "images a step", count_from(1));
  command.add("--optimizer", o.optimizer, "adam, nadam, muon, sgd or sgd.MOMENTUM",
              Checked{gloro::read_optimizer<float>});
  command.add("--lr", o.lr, "learning rate", positive);
  command.add("--lr_schedule", o.lr_schedule, "of the learning rate", schedule);
  command.add("--weight_decay", o.weight_decay, "decoupled", not_negative);
  command.add("--lookahead", o.lookahead, "fast steps for each slow one, 5 for example; 0: off",
              count_from(0));
  command.add("--clip_norm", o.clip_norm, "largest gradient norm; 0: any", not_negative);
  command.add("--power_iterations", o.power_iterations, "a step and layer", count_from(0));
  command
      .add("--products", o.products,
           "what training passes multiply in: bfloat16 needs AMX, AVX512-BF16 or ARM's BF16, auto "
           "takes it where that is faster",
           Checked{gloro::read_products})
      .kind("float|bfloat16|auto");
  command.add("--products_share", o.products_share,
              "of the epochs that is for, from the first on; the rest in float", not_negative);
  command.add("--augmentation", o.augmentation,
              "none, standard, no_flip, all, or parts such as flip+crop:4",
              Checked{gloro::read_augmentation});
  command.add("--threads", o.threads, "of each process; 0: one a core", threads());
  command.add("--shards", o.shards,
              "of a batch, a process or thread each at most; 0: by its size, at most eight",
              count_from(0));
  command.add("--seed", o.seed, "of the weights, the order and the augmentation", seed());
  const auto save =
      command.add("--save", o.save,
                  "model file to write at the end (.safetensors); the run's state is kept "
                  "in FILE.run after every epoch; -: the standard output",
                  File{});
  command
      .add_texts(
          "--keep",
          "write FILE while the run goes on: last (after every epoch), best (of the highest "
          "test VRA) or every:N (beside it, with -epoch-N in its name)",
          "last|best|every:N",
          [&o](const command_line::Texts& texts) { o.keep = gloro::read_kept_epochs(texts[0]); })
      .needs(save);
  const auto resume =
      command
          .add_flag("--resume", o.resume,
                    "go on from FILE.run if it is there; --epochs may be more than before")
          .needs(save);
  command
      .add_flag("--overwrite", o.overwrite, "begin anew where FILE or FILE.run are there already")
      .excludes(resume);
  command.add("--log", o.log, "CSV file, a line an epoch; a new run begins a new log", File{});
  command.add("--json", o.json, "file to write the result to", File{});
}

/// Throws ArgumentError where the command line asks for what cannot be.
inline gloro::TrainerOptions<float> options_of(const Options& o) {
  using namespace gloro;
  auto [loss, weight] = read_scheduled_loss<float>(o.loss);
  const Schedule of_weight = read_schedule(o.trades_schedule);
  if (!weight && of_weight != read_schedule("fixed"))
    throw ArgumentError(message("--trades_schedule moves the weight of a loss, and ", o.loss,
                                " has none: expected trades_kl.LAMBDA, for example"));
  TrainerOptions<float> options{.epochs = o.epochs,
                                .batch_size = o.batch_size,
                                .epsilon = read_schedule(o.epsilon_schedule) * o.epsilon,
                                .loss = std::move(loss),
                                .lambda_factor = of_weight * weight.value_or(1),
                                .optimizer = read_optimizer<float>(o.optimizer),
                                .weight_decay = o.weight_decay,
                                .lookahead = {.steps = o.lookahead},
                                .learning_rate = read_schedule(o.lr_schedule) * o.lr,
                                .clip_norm = o.clip_norm,
                                .power_iterations = o.power_iterations,
                                .products = read_products(o.products),
                                .products_share = o.products_share,
                                .augmentation = read_augmentation(o.augmentation),
                                .seed = o.seed,
                                .threads = o.threads,
                                .shards = o.shards};
  options.check();
  return options;
}

}  // namespace train_command
