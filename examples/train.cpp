// Trains a GloRo Net from the command line, with the flags of the original package's train_gloro.py.
//   train --dataset mnist --architecture 4C3F --epsilon 1.58 --loss trades_kl.1.5 --epochs 300 ...
// Built with the component mpi, several processes train together: mpirun -np 4 train ...
#include <gloro/gloro.hpp>
#include <gloro/io/guarantee_json.hpp>
#include <gloro/io/model_file.hpp>
#include <gloro/io/report/content.hpp>
#ifdef GLORO_WITH_MPI
#include <gloro/distributed/mpi_processes.hpp>
#endif

#include <CLI/CLI.hpp>

#include <chrono>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>

namespace {

struct Options {
  std::string dataset = "mnist", data, architecture = "2C2F", initialization = "orthogonal";
  double epsilon = 0.3, lr = 1e-3, weight_decay = 0, clip_norm = 0;
  std::string epsilon_schedule = "fixed", lr_schedule = "fixed", trades_schedule = "fixed";
  std::string loss = "trades_kl.1.5", optimizer = "adam", augmentation = "none";
  gloro::Index epochs = 100, batch_size = 128;
  int lookahead = 0, power_iterations = 5, threads = 0;
  gloro::Index shards = 0;
  std::uint64_t seed = 0;
  gloro::Index top_k = 1;
  std::string affinity, save, log;
  bool resume = false;
};

void add_options(CLI::App& app, Options& o) {
  app.add_option("--dataset", o.dataset, "mnist, fashion_mnist, cifar10 or mapped")
      ->capture_default_str();
  app.add_option("--data", o.data, "directory of its files; default data/DATASET");
  app.add_option("--architecture", o.architecture,
                 "2C2F, 4C3F, 6C2F, 8C2F, LiResNet-S, CPL-S, or spelled: (32,3).r3.(32,4,2).512")
      ->capture_default_str();
  app.add_option("--initialization", o.initialization, "orthogonal or glorot")
      ->check(CLI::IsMember({"orthogonal", "glorot"}))
      ->capture_default_str();
  app.add_option("--epsilon", o.epsilon, "radius to certify, in pixel units")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--epsilon_schedule", o.epsilon_schedule)->capture_default_str();
  app.add_option("--loss", o.loss,
                 "crossentropy, trades_kl.LAMBDA, trades_ce.LAMBDA, emma, lipschitz_margin, "
                 "cll[.SLACK[,DECAY]], cll_held[...] or standard_crossentropy")
      ->capture_default_str();
  auto* top_k = app.add_option("--top_k,--top-k", o.top_k,
                               "relaxed: certify up to K leading classes as a set")
                    ->check(CLI::PositiveNumber)
                    ->capture_default_str();
  app.add_option("--affinity", o.affinity,
                 "relaxed: a file of sets of classes that may be certified together, such as "
                 "[[3,5],[0,8]]")
      ->excludes(top_k);
  app.add_option("--trades_schedule", o.trades_schedule, "of the TRADES weight")
      ->capture_default_str();
  app.add_option("--epochs", o.epochs)->check(CLI::NonNegativeNumber)->capture_default_str();
  app.add_option("--batch_size", o.batch_size)->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--optimizer", o.optimizer, "adam, nadam, sgd or sgd.MOMENTUM")
      ->capture_default_str();
  app.add_option("--lr", o.lr, "learning rate")->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--lr_schedule", o.lr_schedule)->capture_default_str();
  app.add_option("--weight_decay", o.weight_decay, "decoupled")->check(CLI::NonNegativeNumber);
  app.add_option("--lookahead", o.lookahead, "fast steps for each slow one, 5 for example; 0: off")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--clip_norm", o.clip_norm, "largest gradient norm; 0: any")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--power_iterations", o.power_iterations, "a step and layer")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--augmentation", o.augmentation,
                 "none, standard, no_flip, all, or parts such as flip+crop:4")
      ->capture_default_str();
  app.add_option("--threads", o.threads, "of each process; 0: one a core")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--shards", o.shards,
                 "of a batch, a process or thread each at most; 0: by its size, at most eight")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--seed", o.seed)->capture_default_str();
  app.add_option(
      "--save", o.save, "model file to write at the end (.safetensors); the run's state is kept in "
                        "FILE.run after every epoch");
  app.add_flag("--resume", o.resume, "go on from FILE.run if it is there")->needs("--save");
  app.add_option("--log", o.log, "CSV file, a line an epoch");
}

/// Keeps the run's state on disk, so that it can be resumed after any epoch.
struct KeepState {
  gloro::Trainer<float>& trainer;
  std::filesystem::path path;
  void epoch(const gloro::EpochReport&) {
    if (!path.empty()) trainer.save_checkpoint(path);
  }
};

struct Log {
  std::optional<gloro::CsvLog> file;
  void epoch(const gloro::EpochReport& report) {
    if (file) file->epoch(report);
  }
};

/// What each of the processes does; `processes` is a process by itself without mpirun.
int train(const Options& o, gloro::Processes& processes) {
  using namespace gloro;
  const auto [train, test] = data::load(o.dataset, o.data);
  const auto initializer =
      o.initialization == "glorot" ? Initializer::glorot : Initializer::orthogonal;
  GloroModel<float> model(train.shape(),
                          architecture<float>(o.architecture, train.classes(), initializer), o.seed);
  model.set_guarantee(o.affinity.empty()
                          ? Guarantee::top_k(o.top_k)
                          : read_affinity(o.affinity, model.classes(),
                                          usual_class_names(train.name())));

  const NamedLoss<float> loss = named_loss<float>(o.loss);
  OptimizerOptions optimizer = OptimizerOptions::parse(o.optimizer);
  optimizer.weight_decay = o.weight_decay;
  optimizer.lookahead_steps = o.lookahead;
  Trainer<float> trainer(
      model, {.epochs = o.epochs,
              .batch_size = o.batch_size,
              .epsilon = Schedule(std::string_view(o.epsilon_schedule)) * o.epsilon,
              .loss = loss.loss,
              .lambda_factor = Schedule(std::string_view(o.trades_schedule)) * loss.lambda,
              .optimizer = optimizer,
              .learning_rate = Schedule(std::string_view(o.lr_schedule)) * o.lr,
              .clip_norm = o.clip_norm,
              .power_iterations = o.power_iterations,
              .augmentation = data::Augmentation::parse(o.augmentation),
              .seed = o.seed,
              .threads = o.threads,
              .shards = o.shards,
              .processes = &processes});

  const std::filesystem::path state = o.save.empty() ? "" : o.save + ".run";
  if (o.resume && processes.first(is_there(state))) {
    trainer.resume(state);
    if (processes.is_first()) std::cout << "resuming after epoch " << trainer.epoch() << '\n';
  }
  Log log;
  if (!o.log.empty() && processes.is_first()) log.file.emplace(o.log);

  const auto start = std::chrono::steady_clock::now();
  // What mpirun shows as a terminal may end in a file: a plain line an epoch is right for both.
  std::ostream plain(std::cout.rdbuf());
  trainer.fit(train, test, ProgressBar{processes.count() > 1 ? plain : std::cout},
              KeepState{trainer, state}, log);
  const std::chrono::duration<double> train_time = std::chrono::steady_clock::now() - start;

  if (!o.save.empty() && processes.is_first()) {
    save_model(o.save, model, {.epsilon = o.epsilon});
    std::cout << "saved " << o.save << '\n';
  }
  const Certifier<float> certifier(model);
  const auto begin = std::chrono::steady_clock::now();
  const auto share = processes.share(test.size());
  const CertifiedMetrics metrics = processes.sum(certified_metrics(
      certifier, test.part(share.first, share.size()), o.epsilon, trainer.workers()));
  const std::chrono::duration<double> certify_time = std::chrono::steady_clock::now() - begin;
  if (!processes.is_first()) return 0;
  std::cout << "result dataset=" << o.dataset << " architecture=" << o.architecture
            << " epsilon=" << o.epsilon << " clean=" << 100 * metrics.clean_accuracy()
            << " vra=" << 100 * metrics.vra() << " rejected=" << 100 * metrics.rejection_rate()
            << " train_seconds=" << train_time.count() << " certify_images_per_second="
            << static_cast<double>(test.size()) / certify_time.count() << std::endl;
  return 0;
}

}  // namespace

int main(int argc, char** argv) try {
  Options o;
  CLI::App app("Trains a globally-robust network and saves it.");
  add_options(app, o);
  CLI11_PARSE(app, argc, argv);
  if (o.data.empty()) o.data = "data/" + o.dataset;

#ifdef GLORO_WITH_MPI
  return gloro::mpi::run(argc, argv,
                         [&](gloro::Processes& processes) { return train(o, processes); });
#else
  return train(o, gloro::Processes::alone());
#endif
} catch (const std::exception& error) {
  std::cerr << "train: " << error.what() << '\n';
  return 1;
}
