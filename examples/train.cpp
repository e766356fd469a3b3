// Trains a GloRo Net from the command line, with the flags of the original package's train_gloro.py.
//   train --dataset mnist --architecture 4C3F --epsilon 1.58 --loss trades_kl.1.5 --epochs 300 ...
// Built with the component mpi, several processes train together: mpirun -np 4 train ...
#include <gloro/core/decimal.hpp>
#include <gloro/core/input_file.hpp>
#include <gloro/data/load.hpp>
#include <gloro/gloro.hpp>
#include <gloro/io/guarantee_json.hpp>
#include <gloro/io/model_file.hpp>
#include <gloro/report/content.hpp>
#include <gloro/wording/architecture.hpp>
#include <gloro/wording/augmentation.hpp>
#include <gloro/wording/loss.hpp>
#include <gloro/wording/optimizer.hpp>
#include <gloro/wording/products.hpp>
#include <gloro/wording/schedule.hpp>
#ifdef GLORO_WITH_MPI
#include <gloro/parallel/mpi_processes.hpp>
#endif

#include "command_line.hpp"
#include "interruption.hpp"
#include "outputs.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

struct Options {
  std::string dataset = "mnist", data, architecture = "2C2F", initialization = "orthogonal";
  double epsilon = 0.3, lr = 1e-3, weight_decay = 0, clip_norm = 0;
  std::string epsilon_schedule = "fixed", lr_schedule = "fixed", trades_schedule = "fixed";
  std::string loss = "trades_kl.1.5", optimizer = "adam", augmentation = "none", products = "float";
  double products_share = 1;
  gloro::Index epochs = 100, batch_size = 128;
  int lookahead = 0, power_iterations = 5, threads = 0;
  gloro::Index shards = 0;
  std::uint64_t seed = 0;
  gloro::Index top_k = 1;
  std::string affinity, save, log;
  bool resume = false;
};

void add_options(command_line::Program& program, Options& o) {
  using namespace command_line;
  const Checked schedule{gloro::read_schedule};
  program.add("--dataset", o.dataset, gloro::data::benchmark_names(),
              Checked{gloro::data::benchmark});
  program.add("--data", o.data, "directory of its files; default data/DATASET");
  program.add(
      "--architecture", o.architecture,
      "2C2F, 4C3F, 6C2F, 8C2F, LiResNet-S, CPL-S, or spelled: (32,3).r3.(32,4,2).512",
      Checked{[](const std::string& text) { return gloro::read_architecture<float>(text, 10); }});
  program.add("--initialization", o.initialization, "orthogonal or glorot")
      ->check(CLI::IsMember({"orthogonal", "glorot"}));
  program.add("--epsilon", o.epsilon, "radius to certify, in pixel units", not_negative);
  program.add("--epsilon_schedule", o.epsilon_schedule, "of epsilon, such as [0.01]-log-[50%:1]",
              schedule);
  program.add("--loss", o.loss,
              "crossentropy, trades_kl.LAMBDA, trades_ce.LAMBDA, emma, lipschitz_margin, "
              "cll[.SLACK[,DECAY]], cll_held[...], hkr[.ALPHA[,MARGIN]] or standard_crossentropy",
              Checked{gloro::read_loss<float>});
  auto* top_k = program.add("--top_k", o.top_k, "relaxed: certify up to K leading classes as a set",
                            count_from(1));
  program
      .add("--affinity", o.affinity,
           "relaxed: a file of sets of classes that may be certified together, such as "
           "[[3,5],[0,8]]")
      ->excludes(top_k);
  program.add("--trades_schedule", o.trades_schedule, "of the TRADES weight", schedule);
  program.add("--epochs", o.epochs, "passes over the training images", count_from(0));
  program.add("--batch_size", o.batch_size, "images a step", count_from(1));
  program.add("--optimizer", o.optimizer, "adam, nadam, sgd or sgd.MOMENTUM",
              Checked{gloro::read_optimizer<float>});
  program.add("--lr", o.lr, "learning rate", positive);
  program.add("--lr_schedule", o.lr_schedule, "of the learning rate", schedule);
  program.add("--weight_decay", o.weight_decay, "decoupled", not_negative);
  program.add("--lookahead", o.lookahead, "fast steps for each slow one, 5 for example; 0: off",
              count_from(0));
  program.add("--clip_norm", o.clip_norm, "largest gradient norm; 0: any", not_negative);
  program.add("--power_iterations", o.power_iterations, "a step and layer", count_from(0));
  program.add(
      "--products", o.products,
      "what training passes multiply in: float, bfloat16 (AMX or AVX512-BF16), auto: bfloat16 "
      "where that is faster",
      Checked{gloro::read_products});
  program.add("--products_share", o.products_share,
              "of the epochs that is for, from the first on; the rest in float", not_negative);
  program.add("--augmentation", o.augmentation,
              "none, standard, no_flip, all, or parts such as flip+crop:4",
              Checked{gloro::read_augmentation});
  program.add("--threads", o.threads, "of each process; 0: one a core", threads());
  program.add("--shards", o.shards,
              "of a batch, a process or thread each at most; 0: by its size, at most eight",
              count_from(0));
  program.add("--seed", o.seed, "of the weights, the order and the augmentation", seed());
  auto* save = program.add("--save", o.save,
                           "model file to write at the end (.safetensors); the run's state is kept "
                           "in FILE.run after every epoch; -: the standard output");
  program.add_flag("--resume", o.resume, "go on from FILE.run if it is there")->needs(save);
  program.add("--log", o.log, "CSV file, a line an epoch; a new run begins a new log");
}

/// What is written; by the first process alone.
struct Outputs {
  Output model, state, log;

  explicit Outputs(const Options& o)
      : model(output(o.save)),
        state(model && !model->is_stream() ? output(o.save + ".run") : Output()),
        log(output(o.log)) {
    require_apart({&model, &state, &log}, {o.affinity}, o.data);
    if (o.resume && !state)
      throw command_line::Mistake(
          "--resume needs a --save that is a file: the state lies beside it");
  }
};

/// "epoch 3", "epoch 3 and step 12 of the next".
std::string progress(const gloro::Trainer<float>& trainer) {
  const gloro::Index step = trainer.current().step;
  return gloro::message("epoch ", trainer.epoch()) +
         (step > 0 ? gloro::message(" and step ", step, " of the next") : "");
}

/// The signal that came to one of the processes; 0: none.
int signal_of(gloro::Processes& processes) {
  const std::vector<int> signals = processes.gather(Interruption::signal());
  return *std::max_element(signals.begin(), signals.end());
}

/// Throws ArgumentError where the command line asks for what cannot be.
gloro::TrainerOptions<float> options_of(const Options& o) {
  using namespace gloro;
  TrainerOptions<float> options{.epochs = o.epochs,
                                .batch_size = o.batch_size,
                                .epsilon = read_schedule(o.epsilon_schedule) * o.epsilon,
                                .loss = read_loss<float>(o.loss),
                                .lambda_factor = read_schedule(o.trades_schedule),
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

/// What each of the processes does; `processes` is a process by itself without mpirun.
int train(const Options& o, gloro::Processes& processes) {
  using namespace gloro;
  std::optional<Outputs> outputs;
  if (processes.is_first()) outputs.emplace(o);
  std::ostream& people =
      outputs ? ::people({&outputs->model, &outputs->log}) : static_cast<std::ostream&>(std::cout);
  const auto [train, test] = data::load(o.dataset, o.data);
  const auto initializer =
      o.initialization == "glorot" ? Initializer::glorot : Initializer::orthogonal;
  GloroModel<float> model(train.shape(),
                          read_architecture<float>(o.architecture, train.classes(), initializer),
                          o.seed);
  if (o.affinity.empty())
    command_line::checked([&] { model.set_guarantee(Guarantee::top_k(o.top_k)); });
  else
    model.set_guarantee(read_affinity(o.affinity, model.classes(), train.class_names()));

  TrainerOptions<float> options = options_of(o);
  options.processes = &processes;
  options.should_stop = [] { return Interruption::signal() != 0; };
  Trainer<float> trainer(model, options);

  std::filesystem::path state;
  if (outputs && outputs->state) state = outputs->state->path();
  if (o.resume && processes.first(outputs && is_there(state))) {
    trainer.resume(state, train, test);
    if (outputs) people << "resuming after " << progress(trainer) << '\n';
  }
  std::optional<CsvLog> log;
  if (outputs && outputs->log) log.emplace(std::move(*outputs->log), trainer.reports());
  KeepCheckpoint keep(trainer, state);

  const auto start = std::chrono::steady_clock::now();
  {
    const Interruption interruption;
    // What mpirun shows as a terminal may end in a file: a plain line an epoch is right for both.
    std::ostream plain(people.rdbuf());
    trainer.fit(train, test, ProgressBar{processes.count() > 1 ? plain : people},
                log ? &*log : nullptr, state.empty() ? nullptr : &keep);
    const bool is_stopped = trainer.epoch() < o.epochs;
    if (outputs && is_stopped) {
      const bool is_kept = !state.empty();
      if (is_kept) trainer.save_checkpoint(state);
      std::cerr << "train: stopped after " << progress(trainer)
                << (is_kept ? "; the same command with --resume goes on from there\n"
                            : "; without --save nothing is kept\n");
    } else if (outputs && outputs->model) {
      save_model(std::move(*outputs->model), model,
                 {.epsilon = o.epsilon, .input_range = train.range()});
      people << "saved " << o.save << std::endl;
    }
    if (const int signal = signal_of(processes); is_stopped || signal != 0) return 128 + signal;
  }
  const std::chrono::duration<double> train_time = std::chrono::steady_clock::now() - start;
  const Certifier<float> certifier(model);
  const auto begin = std::chrono::steady_clock::now();
  const auto share = processes.share(test.size());
  const CertifiedMetrics metrics = processes.sum(certified_metrics(
      certifier, test.part(share.first, share.size()), o.epsilon, trainer.workers()));
  const std::chrono::duration<double> certify_time = std::chrono::steady_clock::now() - begin;
  if (!processes.is_first()) return 0;
  people << "result dataset=" << o.dataset << " architecture=" << o.architecture
         << " epsilon=" << number_text(o.epsilon)
         << " clean=" << percent_down(metrics.right, metrics.samples)
         << " vra=" << percent_down(metrics.right_and_certified, metrics.samples)
         << " rejected=" << percent_rest(metrics.certified, metrics.samples);
  if (model.guarantee().is_relaxed())
    people << " guarantee=\"" << model.guarantee().text()
           << "\" set_vra=" << percent_down(metrics.right_and_set_certified, metrics.samples)
           << " set_rejected=" << percent_rest(metrics.set_certified, metrics.samples);
  people << " train_seconds=" << train_time.count()
         << " certify_images_per_second=" << static_cast<double>(test.size()) / certify_time.count()
         << std::endl;
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options o;
  command_line::Program program("train", "Trains a globally-robust network and saves it.");
  add_options(program, o);
  return program.run(argc, argv, [&] {
    if (o.data.empty()) o.data = "data/" + o.dataset;
    command_line::checked([&] { return options_of(o); });
#ifdef GLORO_WITH_MPI
    return gloro::mpi::run(argc, argv,
                           [&](gloro::Processes& processes) { return train(o, processes); });
#else
    return train(o, gloro::Processes::alone());
#endif
  });
}
