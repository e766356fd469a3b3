// gloro train: trains a GloRo Net, with the flags of the original package's train_gloro.py.
//   gloro train --dataset mnist --architecture 4C3F --epsilon 1.58 --loss trades_kl.1.5 --epochs 300 ...
//   gloro train --images x.npy --labels y.npy --test_images tx.npy --test_labels ty.npy ...
// Built with the component mpi, several processes train together: mpirun -np 4 gloro train ...
#include <gloro/core/decimal.hpp>
#include <gloro/core/input_file.hpp>
#include <gloro/core/utf8.hpp>
#include <gloro/data/mixture.hpp>
#include <gloro/gloro.hpp>
#include <gloro/io/class_names.hpp>
#include <gloro/io/guarantee_json.hpp>
#include <gloro/io/input_range.hpp>
#include <gloro/io/keep_model.hpp>
#include <gloro/io/model_file.hpp>
#include <gloro/train/closing_note.hpp>
#ifdef GLORO_WITH_MPI
#include <gloro/parallel/mpi_processes.hpp>
#endif

#include "commands.hpp"
#include "existing_run.hpp"
#include "interruption.hpp"
#include "load_network.hpp"
#include "outputs.hpp"
#include "train_options.hpp"
#include "train_result.hpp"
#include "uncertified.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace gloro;
using train_command::Options;

/// What is written; by the first process alone.
struct Outputs {
  Output model, state, log, json;

  explicit Outputs(const Options& o)
      : model(output(o.save)),
        state(model && !model->is_stream() ? output(o.save + ".run") : Output()),
        log(output(o.log)),
        json(output(o.json)) {
    std::vector<std::filesystem::path> inputs = o.images.inputs();
    inputs.insert(inputs.end(), {o.affinity, o.init, o.extra, o.extra_labels});
    require_apart({&model, &state, &log, &json}, std::move(inputs), o.images.folder());
    if ((o.resume || o.keep.which != KeptEpochs::Which::none) && !state)
      throw command_line::Mistake(
          "--resume and --keep need a --save that is a file: the run's state lies beside it");
    const bool goes_on = o.resume && is_there(state->path());
    if (!goes_on && !o.overwrite) require_nothing_there({&state, &model});
  }
};

/// "epoch 3", "epoch 3 and step 12 of the next".
std::string progress(const Trainer<float>& trainer) {
  const Index step = trainer.current().step;
  return message("epoch ", trainer.epoch()) +
         (step > 0 ? message(" and step ", step, " of the next") : "");
}

/// The signal that came to one of the processes; 0: none.
int signal_of(Processes& processes) {
  const std::vector<int> signals = processes.gather(Interruption::signal());
  return *std::max_element(signals.begin(), signals.end());
}

/// The network to begin with: of an architecture, or of a file.
GloroModel<float> first_model(const Options& o, const Catalogue& catalogue,
                              const data::Dataset& train, std::ostream& told) {
  std::optional<GloroModel<float>> model;
  if (!o.init.empty()) {
    LoadedModel<float> loaded = load_network<float>(o.init, {.catalogue = catalogue}, train, told);
    model.emplace(std::move(loaded.model));
    model->require_input(train.shape());
    o.images.require_classes(train,
                             class_names_of(loaded.metadata, static_cast<int>(model->classes())));
    const RangeCheck range = check_range(train, o.init, loaded.metadata.input_range);
    if (!range.warning.empty()) command_line::warn(o.name, range.warning);
  } else {
    const auto initializer =
        o.initialization == "glorot" ? Initializer::glorot : Initializer::orthogonal;
    model.emplace(train.shape(),
                  read_architecture<float>(o.architecture, train.classes(), initializer), o.seed);
  }
  if (!o.affinity.empty())
    model->set_guarantee(read_affinity(o.affinity, model->classes(), train.class_names()));
  else if (o.top_k > 0 || o.init.empty())
    command_line::checked(
        [&] { model->set_guarantee(Guarantee::top_k(std::max<Index>(1, o.top_k))); });
  return std::move(*model);
}

/// What is proved about the test images, shared out among the processes.
CertifiedMetrics proved_by(const Certifier<float>& certifier, const data::Dataset& test,
                           double epsilon, Processes& processes, Workers& workers) {
  const auto share = processes.share(test.size());
  return processes.sum(
      certified_metrics(certifier, test.part(share.first, share.size()), epsilon, workers));
}

/// What a file's network can do before it is trained here.
void tell_beginning(const Options& o, const GloroModel<float>& model, const data::Dataset& test,
                    Processes& processes, Workers& workers, std::ostream& people) {
  const Certifier<float> certifier(model);
  const CertifiedMetrics proved = proved_by(certifier, test, o.epsilon, processes, workers);
  if (!processes.is_first()) return;
  people << o.init << " before training: clean " << percent_down(proved.right, proved.samples)
         << " %, VRA " << percent_down(proved.right_and_certified, proved.samples) << " % at "
         << number_text(o.epsilon) << '\n';
  if (proved.certified == 0)
    people << why_nothing_is_certified(o.epsilon, certifier.layer_bounds()) << '\n';
}

/// What becomes of the schedules where a run is gone on with for more epochs than it had.
void tell_more_epochs(const Trainer<float>& trainer, Index planned, std::ostream& people) {
  const TrainerOptions<float>& options = trainer.options();
  if (planned >= options.epochs) return;
  const auto epoch = static_cast<double>(trainer.epoch());
  const auto move = [&](const Schedule& schedule) {
    return message(
        rounded_text(schedule.at(std::min(epoch, static_cast<double>(planned)), planned), 3),
        " to ", rounded_text(schedule.at(epoch, options.epochs), 3));
  };
  people << "the run was to have " << planned << " epochs and now has " << options.epochs
         << ": its schedules are from here on those of " << options.epochs
         << " epochs, so that epsilon goes from " << move(options.epsilon)
         << " and the learning rate from " << move(options.learning_rate) << '\n';
}

/// What each of the processes does; `processes` is a process by itself without mpirun.
int train(const Options& o, const Catalogue& catalogue, Processes& processes) {
  std::optional<Outputs> outputs;
  if (processes.is_first()) outputs.emplace(o);
  std::ostream& people = outputs ? ::people({&outputs->model, &outputs->log, &outputs->json})
                                 : static_cast<std::ostream&>(std::cout);
  std::ostream nobody(nullptr);
  std::ostream& told = outputs ? people : nobody;
  auto [train_images, test] = o.images.split();
  test = image_options::in_float(std::move(test), told);
  data::Mixture train(image_options::in_float(std::move(train_images), told));
  if (!o.extra.empty()) {
    const data::OpenOptions how{.labels = o.extra_labels,
                                .channels = o.images.layout,
                                .classes = train.images().class_names()};
    train = {train.images(), image_options::in_float(data::open_images(o.extra, how), told),
             o.extra_share};
  }
  GloroModel<float> model = first_model(o, catalogue, train.images(), told);

  TrainerOptions<float> options = train_command::options_of(o);
  options.processes = &processes;
  options.should_stop = [] { return Interruption::signal() != 0; };
  Trainer<float> trainer(model, options);

  std::filesystem::path state;
  if (outputs && outputs->state) state = outputs->state->path();
  if (o.resume && processes.first(outputs && is_there(state))) {
    const Index planned = trainer.resume(state, train, test, MoreEpochs::allowed);
    told << "resuming after " << progress(trainer) << '\n';
    tell_more_epochs(trainer, planned, told);
  } else if (!o.init.empty()) {
    tell_beginning(o, model, test, processes, trainer.workers(), told);
  }
  std::optional<CsvLog> log;
  if (outputs && outputs->log) log.emplace(std::move(*outputs->log), trainer.reports());
  ModelMetadata metadata{.epsilon = o.epsilon, .input_range = train.images().range()};
  set_class_names(metadata, train.images().class_names());
  KeepModel keep_model(model, o.save, metadata, o.keep, trainer.reports());
  KeepCheckpoint keep(trainer, state);

  const auto start = std::chrono::steady_clock::now();
  const bool is_best = o.keep.which == KeptEpochs::Which::best;
  {
    const Interruption interruption;
    // What mpirun shows as a terminal may end in a file: a plain line an epoch is right for both.
    std::ostream plain(people.rdbuf());
    trainer.fit(train, test, ProgressBar{processes.count() > 1 ? plain : people},
                log ? &*log : nullptr, outputs ? &keep_model : nullptr,
                state.empty() ? nullptr : &keep);
    const bool is_stopped = trainer.epoch() < o.epochs;
    if (outputs && is_stopped) {
      if (!state.empty()) trainer.save_checkpoint(state);
      std::cerr << o.name << ": stopped after " << progress(trainer)
                << (state.empty() ? "; without --save nothing is kept\n"
                                  : "; saved " + state.string() +
                                        "; the same command with --resume goes on from there\n");
    } else if (outputs && outputs->model && !(is_best && keep_model.best_epoch() > 0)) {
      save_model(std::move(*outputs->model), model, metadata);
      people << "saved " << o.save << std::endl;
    } else if (outputs && outputs->model) {
      people << "saved " << o.save << ", the model after epoch " << keep_model.best_epoch()
             << std::endl;
    }
    if (const int signal = signal_of(processes); is_stopped || signal != 0) return 128 + signal;
  }
  const std::chrono::duration<double> train_time = std::chrono::steady_clock::now() - start;
  for (const std::string& line : closing_note(trainer.reports(), trainer.test_epsilon()))
    told << "note: " << line << '\n';
  if (is_best && processes.first(keep_model.best_epoch() > 0))
    model = load_model<float>(o.save, {.catalogue = catalogue})
                .model;  // what is certified is what was saved
  const Certifier<float> certifier(model);
  const auto begin = std::chrono::steady_clock::now();
  const CertifiedMetrics metrics =
      proved_by(certifier, test, o.epsilon, processes, trainer.workers());
  const std::chrono::duration<double> certify_time = std::chrono::steady_clock::now() - begin;
  if (!processes.is_first()) return 0;
  if (metrics.certified == 0)
    people << why_nothing_is_certified(o.epsilon, certifier.layer_bounds()) << '\n';
  train_command::tell_result(o, model, metrics, train_time.count(),
                             static_cast<double>(test.size()) / certify_time.count(), people,
                             outputs->json);
  return 0;
}

}  // namespace

void add_train(command_line::Program& program, const Catalogue& catalogue) {
  command_line::Command& command =
      program.command("train", "Trains a globally-robust network and saves it.");
  const auto o = std::make_shared<Options>();
  o->name = command.name();
  train_command::add_options(command, *o);
  command.does([o, &catalogue]([[maybe_unused]] const command_line::Arguments& arguments) {
    image_options::check_split(o->images, "mnist");
    command_line::checked([&] { return train_command::options_of(*o); });
#ifdef GLORO_WITH_MPI
    return mpi::run(arguments.argc, arguments.argv,
                    [&](Processes& processes) { return train(*o, catalogue, processes); });
#else
    return train(*o, catalogue, Processes::alone());
#endif
  });
}
