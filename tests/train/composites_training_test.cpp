// Training of layers made of layers: it learns, has the same bits on any number of threads and after a
// resume, and a run of other layers inside is another run.
#include "catch.hpp"

#include <vector>

#include "data/files.hpp"
#include "gloro/layers/chain.hpp"
#include "gloro/layers/parallel.hpp"
#include "gloro/layers/residual.hpp"
#include "gloro/train/trainer.hpp"
#include "train/small_problem.hpp"

using namespace gloro;
using small_problem::bits;

namespace {

const data::Dataset blocks_seen = small_problem::dataset(150, 1);
const data::Dataset blocks_unseen = small_problem::dataset(60, 2);

GloroModel<float> composed(MinMaxPairs pairs = MinMaxPairs::adjacent) {
  const auto conv = [](Index filters, Index kernel) {
    return Conv2D<float>({.filters = filters, .kernel = kernel});
  };
  return GloroModel<float>(
      small_problem::shape,
      {Conv2D<float>({.filters = 4, .kernel = 3, .stride = 2}),
       Residual<float>({.body = {conv(4, 3), MinMax<float>(pairs), conv(4, 1)}}),
       Parallel<float>({.branches = {Chain<float>(), Residual<float>({.body = {conv(4, 2)}})},
                        .join = Join::concatenate}),
       Dense<float>(6), MinMax<float>(), Dense<float>(small_problem::classes)},
      1);
}

TrainerOptions<float> options(int threads) {
  TrainerOptions<float> chosen;
  chosen.epochs = 4;
  chosen.batch_size = 64;
  chosen.epsilon = 0.02;
  chosen.learning_rate = Schedule::from(1).linear_to(0) * 0.02;
  chosen.seed = 3;
  chosen.threads = threads;
  return chosen;
}

}  // namespace

TEST_CASE(
    "Layers made of layers learn, with the same bits on 1, 2 and 3 threads and after a resume") {
  auto model = composed();
  const std::vector<float> before = bits(model);
  const Metrics metrics = Trainer<float>(model, options(1)).fit(blocks_seen, blocks_unseen);
  CHECK(metrics.clean_accuracy() > 0.9);
  const std::vector<float> expected = bits(model);
  CHECK((expected != before));
  for (const int threads : {2, 3}) {
    auto other = composed();
    (void)Trainer<float>(other, options(threads)).fit(blocks_seen, blocks_unseen);
    CHECK((bits(other) == expected));
  }
  const files::TemporaryDirectory directory;
  auto stopping = options(1);
  int steps = 0;
  stopping.should_stop = [&] { return ++steps == 5; };
  auto half = composed();
  Trainer<float> first(half, stopping);
  (void)first.fit(blocks_seen, blocks_unseen);
  first.save_checkpoint(directory / "run");
  auto rest = composed();
  Trainer<float> second(rest, options(2));
  second.resume(directory / "run", blocks_seen, blocks_unseen);
  (void)second.fit(blocks_seen, blocks_unseen);
  CHECK((bits(rest) == expected));

  auto wrong = composed(MinMaxPairs::halves);  // as many weights, of the same extents
  Trainer<float> third(wrong, options(1));
  CHECK_THROWS_WITH(third.resume(directory / "run", blocks_seen, blocks_unseen),
                    ContainsText("the layers"));
}
