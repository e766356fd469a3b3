// Images of one's own in every form: trained on, certified with labels, written as image files, mixed in.
#include "programs/run.hpp"

#include <bit>
#include <cstdint>
#include <string>

#include "gloro/core/detail/endian.hpp"

using programs::Folder;
using programs::Outcome;

namespace {

/// A .npy file of bytes.
std::string npy(const std::string& shape, const std::string& values) {
  std::string header = "{'descr': '|u1', 'fortran_order': False, 'shape': " + shape + ", }";
  header += std::string(117 - header.size(), ' ') + '\n';
  return "\x93NUMPY\x01" + std::string(1, '\0') + static_cast<char>(header.size()) +
         std::string(1, '\0') + header + values;
}

/// The small data of MNIST's form, as .npy files too: x.npy, y.npy, tx.npy, ty.npy.
void write_all(const Folder& folder) {
  programs::write_small_data(folder / "small");
  const auto values = [&](const std::string& name, std::size_t header) {
    return programs::read(folder / ("small/" + name)).substr(header);
  };
  programs::write(folder / "x.npy", npy("(200, 8, 8)", values("train-images-idx3-ubyte", 16)));
  programs::write(folder / "y.npy", npy("(200,)", values("train-labels-idx1-ubyte", 8)));
  programs::write(folder / "tx.npy", npy("(50, 1, 8, 8)", values("t10k-images-idx3-ubyte", 16)));
  programs::write(folder / "ty.npy", npy("(50,)", values("t10k-labels-idx1-ubyte", 8)));
}

const std::string train_on =
    "gloro train --architecture '(8,3).16' --epochs 2 --threads 1 --epsilon 0.1 --batch_size 20 ";
const std::string own =
    "--images x.npy --labels y.npy --test_images tx.npy --test_labels ty.npy --layout NCHW ";

}  // namespace

TEST_CASE("The same images as IDX, as NumPy's arrays and as image files make the same network") {
  const Folder folder;
  write_all(folder);
  REQUIRE(folder.run(train_on + "--data small --save idx.st").code == 0);
  const Outcome numpy = folder.run(train_on + own + "--save npy.st");
  INFO(numpy.err);
  REQUIRE(numpy.code == 0);
  CHECK(programs::read(folder / "npy.st") == programs::read(folder / "idx.st"));
  REQUIRE(folder
              .run(train_on + "--images small/train-images-idx3-ubyte --labels y.npy --test_images "
                              "tx.npy --test_labels small/t10k-labels-idx1-ubyte --layout NCHW "
                              "--save both.st")
              .code == 0);
  CHECK(programs::read(folder / "both.st") == programs::read(folder / "idx.st"));
  const Outcome prepared = folder.run("gloro data files " + own);
  INFO(prepared.err);
  REQUIRE(prepared.code == 0);
  CHECK(prepared.out == "files: 200 images to train on, 50 to test, 8x8x1, 10 classes\n");
  REQUIRE(folder.run(train_on + "--dataset mapped --data files --save mapped.st").code == 0);
  CHECK(programs::read(folder / "mapped.st") == programs::read(folder / "idx.st"));

  const std::string certify = "gloro certify idx.st --epsilon 0.1 --csv - 2>words ";
  const std::string expected = folder.run(certify + "--dataset mnist --data small").out;
  CHECK_THAT(programs::read(folder / "words"), ContainsText("VRA"));
  CHECK(folder.run(certify + "--images tx.npy --labels ty.npy --layout NCHW").out == expected);
  CHECK(folder.run(certify + "--images files/test.images").out == expected);
  CHECK(folder.run(certify + "--images files").out == expected);  // those to test on
  REQUIRE(folder.run(train_on + "--images files --test_images files --save same.st").code == 0);
  CHECK(programs::read(folder / "same.st") == programs::read(folder / "idx.st"));
  CHECK(folder.run("gloro attack idx.st --images tx.npy --labels ty.npy --layout NCHW --steps 1")
            .code == 0);
}

TEST_CASE("Arrays of floats are mapped as floats, and make the network that they make unmapped") {
  const Folder folder;
  write_all(folder);
  // The same images as float32, by a header of its own: value / 64, beyond the unit of bytes.
  const auto floats = [&](const std::string& name, const std::string& shape) {
    const std::string bytes = programs::read(folder / name).substr(128);
    std::string values;
    for (const char byte : bytes)
      for (const auto part : gloro::detail::little_endian(std::bit_cast<std::uint32_t>(
               static_cast<float>(static_cast<unsigned char>(byte)) / 64)))
        values += static_cast<char>(part);
    std::string file = npy(shape, values);
    programs::write(folder / ("f" + name), file.replace(file.find("|u1"), 3, "<f4"));
  };
  floats("x.npy", "(200, 8, 8)");
  floats("tx.npy", "(50, 8, 8)");
  const std::string images =
      "--images fx.npy --labels y.npy --test_images ftx.npy --test_labels ty.npy ";
  REQUIRE(folder.run(train_on + images + "--save npy.st").code == 0);
  REQUIRE(folder.run("gloro data files " + images).code == 0);
  REQUIRE(folder.run(train_on + "--dataset mapped --data files --save mapped.st").code == 0);
  CHECK(programs::read(folder / "mapped.st") == programs::read(folder / "npy.st"));
}

TEST_CASE(
    "A folder of pictures by class is trained on and a part of its classes certified by name") {
  const Folder folder;
  const auto picture = [](int grey) {
    return "P5 4 4 255\n" + std::string(16, static_cast<char>(grey));
  };
  for (const auto& [name, grey] : {std::pair("ash", 20), {"birch", 120}, {"yew", 220}})
    for (int k = 0; k < 8; ++k)
      for (const std::string part : {"train", "test"}) {
        std::filesystem::create_directories(folder / (part + "/" + name));
        programs::write(folder / (part + "/" + name + "/" + std::to_string(k) + ".pgm"),
                        picture(grey + 2 * k + (part == "test" ? 1 : 0)));
      }
  const Outcome trained = folder.run(
      "gloro train --images train --test_images test --architecture 16 --epochs 60 --batch_size 8 "
      "--lr 0.01 --threads 1 --epsilon 0.1 --save m.st");
  INFO(trained.out << trained.err);
  REQUIRE(trained.code == 0);
  CHECK_THAT(trained.out, ContainsText(" vra=100.00 "));
  REQUIRE(folder.run("rm -r test/ash test/birch").code == 0);
  const Outcome yews = folder.run("gloro certify m.st --images test --epsilon 0.1");
  CHECK_THAT(yews.out, ContainsText("8 images of test, clean accuracy 100.00 %"));
  REQUIRE(folder.run("mv test/yew test/oak").code == 0);
  const Outcome oaks = folder.run("gloro certify m.st --images test --epsilon 0.1");
  CHECK(oaks.code == 1);
  CHECK_THAT(oaks.err, ContainsText("test/oak: is none of the 3 classes"));
}

TEST_CASE("Image files whose classes have other names than the network's are refused") {
  const Folder folder;
  const auto write = [&](const std::string& part, const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      std::filesystem::create_directories(folder / (part + "/" + name));
      programs::write(folder / (part + "/" + name + "/0.pgm"), "P5 2 2 255\n" + name.substr(0, 4));
    }
  };
  const std::string train_with =
      "gloro train --architecture 4 --epochs 1 --batch_size 2 --threads 1 --epsilon 0.1 ";
  write("all", {"abcd", "fghi", "klmn", "caf\xE9"});
  write("less", {"fghi", "klmn"});
  REQUIRE(folder.run(train_with + "--images all --test_images all --save m.st").code == 0);
  CHECK(folder.run("gloro certify m.st --images all").code ==
        0);  // by a name that is no UTF-8, too
  for (const std::string set : {"all", "less"})
    REQUIRE(
        folder.run("gloro data " + set + ".set --images " + set + " --test_images " + set).code ==
        0);
  CHECK(folder.run("gloro certify m.st --images all.set").code == 0);
  for (const std::string& command :
       {std::string("gloro certify m.st --images less.set"),
        std::string("gloro certify m.st --dataset mapped --data less.set"),
        std::string("gloro attack m.st --images less.set/test.images --steps 1"),
        train_with + "--images all --test_images less.set",
        train_with + "--images all --test_images all --extra less.set --extra_share 0.5"}) {
    const Outcome outcome = folder.run(command);
    INFO(command << '\n' << outcome.err);
    CHECK(outcome.code == 1);
    CHECK_THAT(outcome.err, ContainsText("calls label 0 'fghi', expected 'abcd'"));
  }
}

TEST_CASE("A set that cannot be made anew is the old one, whole, and no picture is written over") {
  const Folder folder;
  const auto write = [&](const std::string& path, const std::string& bytes) {
    std::filesystem::create_directories((folder / path).parent_path());
    programs::write(folder / path, "P5 2 2 255\n" + bytes);
  };
  for (const std::string part : {"train", "test"})
    for (const std::string name : {"a", "b"}) write(part + "/" + name + "/0.pgm", name + "xyz");
  const std::string data = "gloro data set --images train --test_images test ";
  REQUIRE(folder.run(data).code == 0);
  const std::string before = folder.run("cat set/*").out;
  write("test/a/0.pgm", "1234");
  programs::write(folder / "train/b/1.pgm",
                  "P5 2 2 255\nxy");  // cut short, found after test.images
  CHECK(folder.run(data).code == 1);
  CHECK(folder.run("cat set/*").out == before);
  CHECK(folder.run("ls -A set").out == "classes.txt\ntest.images\ntrain.images\n");
  REQUIRE(folder.run("rm train/b/1.pgm").code == 0);
  const Outcome written = folder.run(data + "--json train/a/0.pgm");
  CHECK(written.code == 2);
  CHECK_THAT(written.err, ContainsText("train/a/0.pgm is read, as it lies in train"));
  REQUIRE(folder.run(data).code == 0);
  CHECK(folder.run("cat set/*").out != before);
  REQUIRE(folder.run("chmod a-w set/classes.txt").code == 0);
  CHECK(folder.run(data).code == 1);  // before the work
}

TEST_CASE("Arrays of float64 are attacked as float32, and it is said") {
  const Folder folder;
  programs::train_small_model(folder);
  std::string values, labels(4, '\0');
  for (int i = 0; i < 4 * 64; ++i)
    for (const auto part : gloro::detail::little_endian(std::bit_cast<std::uint64_t>(i / 255.0)))
      values += static_cast<char>(part);
  std::string file = npy("(4, 8, 8)", values);
  programs::write(folder / "x.npy", file.replace(file.find("|u1"), 3, "<f8"));
  programs::write(folder / "y.npy", npy("(4,)", labels));
  const Outcome outcome =
      folder.run("gloro attack model.st --images x.npy --labels y.npy --steps 1");
  INFO(outcome.out << outcome.err);
  CHECK(outcome.code == 0);
  CHECK_THAT(outcome.out, ContainsText("x.npy: numbers of float64 are rounded to float32"));
  labels.back() = 10;  // of ten classes: found before the work
  programs::write(folder / "y.npy", npy("(4,)", labels));
  const Outcome refused = folder.run("gloro attack model.st --images x.npy --labels y.npy");
  CHECK(refused.code == 1);
  CHECK_THAT(refused.err, ContainsText("model.st knows 10 classes, and x.npy has labels of 11"));
}

TEST_CASE("Extra images are mixed in by their share and another share is another run") {
  const Folder folder;
  write_all(folder);
  const std::string mixed =
      train_on + "--data small --extra tx.npy --extra_labels ty.npy --layout NCHW ";
  CHECK(folder.run(mixed + "--save no.st").code == 2);  // --layout goes with --images
  const std::string run = train_on + own + "--extra files --extra_share 0.5 --lr_schedule linear ";
  REQUIRE(folder.run("gloro data files " + own).code == 0);
  REQUIRE(folder.run(run + "--save straight.st").code == 0);
  REQUIRE(folder.run(run + "--save model.st").code == 0);
  CHECK(programs::read(folder / "model.st") == programs::read(folder / "straight.st"));
  REQUIRE(folder.run(train_on + own + "--lr_schedule linear --save plain.st").code == 0);
  CHECK(programs::read(folder / "plain.st") != programs::read(folder / "straight.st"));
  for (const std::string no_share : {"0", "1", "2", "nan"})
    CHECK_THAT(folder.run(train_on + own + "--extra files --extra_share " + no_share).err,
               ContainsText("a number between 0 and 1"));
  const Outcome other = folder.run(run + "--save model.st --resume --extra_share 0.25");
  CHECK(other.code == 2);  // given twice
  const Outcome less = folder.run(train_on + own +
                                  "--extra files --extra_share 0.25 --lr_schedule "
                                  "linear --save model.st --resume");
  CHECK(less.code == 1);
  CHECK_THAT(less.err, ContainsText("they differ in the extra training data"));
}

TEST_CASE("One's own images without what goes with them are refused in one sentence") {
  const Folder folder;
  write_all(folder);
  const auto refused = [&](const std::string& options, int code, const std::string& words) {
    const Outcome outcome = folder.run(train_on + options);
    INFO(options << '\n' << outcome.err);
    CHECK(outcome.code == code);
    CHECK_THAT(outcome.err, ContainsText(words));
  };
  refused("--images x.npy --labels y.npy", 2, "--test_images");
  refused("--images x.npy --dataset mnist", 2, "--images");
  refused("--labels y.npy", 2, "--images");
  refused("--test_images tx.npy", 2, "--images");
  refused("--layout NHCW " + own.substr(0, own.find("--layout")), 2, "NHWC or NCHW");
  refused("--images x.npy --test_images tx.npy --layout NCHW", 1, "x.npy: has no labels");
  refused("--images x.npy --labels ty.npy --test_images tx.npy --test_labels ty.npy", 1,
          "50 labels for the 200 images of x.npy");
  refused("--images x.npy --labels y.npy --test_images tx.npy --test_labels ty.npy", 1,
          "test images of 1x8x8");
  const Outcome named = folder.run("gloro train --dataset cifar10 --data nowhere");
  CHECK_THAT(named.err, ContainsText("the data set cifar10 is called cifar-10"));
}
