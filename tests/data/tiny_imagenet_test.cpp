// Tiny-ImageNet on a small archive of the same form, its images encoded here: what goes in as a
// colour comes out as that colour under the right label, and each defect is reported by its file.
// Without the component gloro::jpeg there is nothing to test.
#include "catch.hpp"

#if defined(GLORO_WITH_JPEG) && GLORO_WITH_JPEG

#include "gloro/data/jpeg.hpp"
#include "gloro/data/tiny_imagenet.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include <jpeglib.h>  // after <cstdio>, which it needs

#include "data/files.hpp"
#include "gloro/data/load.hpp"
#include "gloro/wording/augmentation.hpp"

using namespace gloro;
using data::TinyImageNet;
using files::Bytes;
using files::TemporaryDirectory;
namespace fs = std::filesystem;

namespace {

using Colour = std::array<int, 3>;
/// The colour at a row and a column, the same within each block of 8 x 8 pixels.
using Picture = std::function<Colour(Index, Index)>;

Picture plain(Colour colour) {
  return [=](Index, Index) { return colour; };
}

/// Quality 100 and no subsampling: each coefficient of a block of one colour is exact, and what is
/// lost is lost where Y, Cb and Cr are rounded, at most 1/2 each, and the result: less than
/// 1/2 + 1.772 / 2 + 1/2 < 2 for each of R, G, B, so 1 in whole numbers.
constexpr int tolerance = 1;

/// Of size x size pixels; with one channel, grey, of the first value. With four, CMYK.
Bytes jpeg(const Picture& picture, Index size = 64, int channels = 3, bool is_progressive = false) {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* memory = nullptr;
  unsigned long filled = 0;
  jpeg_mem_dest(&info, &memory, &filled);
  info.image_width = info.image_height = static_cast<JDIMENSION>(size);
  info.input_components = channels;
  info.in_color_space = channels == 1 ? JCS_GRAYSCALE : channels == 3 ? JCS_RGB : JCS_CMYK;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, 100, TRUE);
  info.comp_info[0].h_samp_factor = info.comp_info[0].v_samp_factor = 1;
  if (is_progressive) jpeg_simple_progression(&info);
  jpeg_start_compress(&info, TRUE);
  for (Index y = 0; y < size; ++y) {
    std::vector<JSAMPLE> row;
    for (Index x = 0; x < size; ++x) {
      const Colour colour = picture(y, x);
      for (int c = 0; c < channels; ++c)
        row.push_back(static_cast<JSAMPLE>(colour[static_cast<std::size_t>(c % 3)]));
    }
    JSAMPROW pixels = row.data();
    jpeg_write_scanlines(&info, &pixels, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  Bytes bytes(memory, memory + filled);
  std::free(memory);
  return bytes;
}

bool resembles(const std::vector<std::uint8_t>& pixels, const Picture& picture, int most) {
  if (pixels.size() != 64 * 64 * 3) return false;
  for (Index i = 0; i < 64 * 64; ++i)
    for (std::size_t c = 0; c < 3; ++c) {
      const int found = pixels[static_cast<std::size_t>(3 * i) + c];
      if (std::abs(found - picture(i / 64, i % 64)[c]) > most) return false;
    }
  return true;
}

std::string bytes_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// An archive of three classes, not in the order of their names, with two training images each and
/// three to validate. Image k of class c is of the colour colour(c, k).
struct Archive {
  TemporaryDirectory directory;
  fs::path root = directory / "tiny-imagenet-200";
  const std::vector<std::string> ids{"n03", "n01", "n02"};

  static Colour colour(std::size_t label, int k) {
    return {static_cast<int>(80 * label) + 10, 40 * k + 20, 200 - 30 * k};
  }
  fs::path image(std::size_t label, int k) const {
    return root / "train" / ids[label] / "images" /
           (ids[label] + "_" + std::to_string(k) + ".JPEG");
  }
  fs::path annotations() const { return root / "val" / "val_annotations.txt"; }

  Archive() {
    for (std::size_t label = 0; label < ids.size(); ++label) {
      fs::create_directories(root / "train" / ids[label] / "images");
      files::write(root / "train" / ids[label] / (ids[label] + "_boxes.txt"), files::text("0"));
      for (const int k : {1, 0}) files::write(image(label, k), jpeg(plain(colour(label, k))));
    }
    files::write(root / "wnids.txt", files::text("n03\nn01\nn02\n"));
    files::write(root / "words.txt",
                 files::text("n00\tentity\nn01\tgoldfish, Carassius\r\nn02\ttench\n"));
    fs::create_directories(root / "val" / "images");
    for (int k = 2; k < 5; ++k)
      files::write(root / "val" / "images" / ("val_" + std::to_string(k) + ".JPEG"),
                   jpeg(plain(colour(static_cast<std::size_t>(k) - 2, k))));
    files::write(annotations(), files::text("val_3.JPEG\tn01\t0\t0\t62\t62\n"
                                            "val_4.JPEG\tn02\t3\t4\t5\t6\r\n"
                                            "val_2.JPEG\tn03\n"));
  }

  fs::path made() const { return directory / "made"; }
  void convert() const { data::write_tiny_imagenet(root, made()); }
};

/// That converting says which file is at fault and leaves no image file of that part behind.
void check_refused(const Archive& archive, const fs::path& culprit, const std::string& why) {
  CHECK_THROWS_AS(archive.convert(), FileError);
  CHECK_THROWS_WITH(archive.convert(), ContainsText(culprit.string()) && ContainsText(why));
  CHECK_FALSE(fs::exists(archive.made() / "train.images"));
}

}  // namespace

TEST_CASE("a JPEG comes out in its colours, its rows from the top and its columns from the left") {
  const TemporaryDirectory directory;
  const fs::path path = directory / "a.JPEG";
  const Picture blocks = [](Index y, Index x) -> Colour {
    const int blue = y < 32 && x >= 32 ? 250 : 9;
    return {static_cast<int>(y / 8 * 30), static_cast<int>(x / 8 * 30), blue};
  };
  files::write(path, jpeg(blocks));
  const auto pixels = data::read_jpeg(path, 64, 64);
  CHECK(resembles(pixels, blocks, tolerance));
  CHECK_FALSE(resembles(
      pixels, [&](Index y, Index x) { return blocks(x, y); }, 20));
}

TEST_CASE("a grey JPEG becomes RGB of three equal channels, to the bit") {
  const TemporaryDirectory directory;
  const fs::path path = directory / "grey.JPEG";
  const auto grey = [](Index y, Index x) {
    const int value = static_cast<int>(y / 8 * 8 + x / 8) * 4;
    return Colour{value, value, value};
  };
  files::write(path, jpeg(grey, 64, 1));
  CHECK(resembles(data::read_jpeg(path, 64, 64), grey, 0));
}

TEST_CASE("a JPEG that is missing, cut, of another size, in CMYK or none is refused by name") {
  const TemporaryDirectory directory;
  const fs::path path = directory / "a.JPEG";
  const auto refused = [&](const std::string& why) {
    CHECK_THROWS_AS(data::read_jpeg(path, 64, 64), FileError);
    CHECK_THROWS_WITH(data::read_jpeg(path, 64, 64),
                      ContainsText(path.string()) && ContainsText(why));
  };
  refused("no such file");
  files::write(path, {});
  refused("no JPEG");
  files::write(path, files::text("GIF89a"));
  refused("no JPEG");
  const Bytes whole = jpeg(plain({9, 99, 199}));
  for (auto size = static_cast<std::ptrdiff_t>(whole.size()) - 1; size > 0; --size) {
    files::write(path, Bytes(whole.begin(), whole.begin() + size));
    REQUIRE_THROWS_AS(data::read_jpeg(path, 64, 64), FileError);
  }
  files::write(path, jpeg(plain({9, 99, 199}), 56));
  refused("56 x 56 pixels, expected 64 x 64");
  files::write(path, jpeg(plain({9, 99, 199}), 64, 4));
  refused("its colours are CMYK, expected RGB or grey");
}

TEST_CASE("a progressive JPEG is read as any other") {
  const TemporaryDirectory directory;
  const Picture picture = plain({9, 99, 199});
  files::write(directory / "a.jpg", jpeg(picture, 64, 3, true));
  CHECK(resembles(data::read_jpeg(directory / "a.jpg", 64, 64), picture, tolerance));
}

TEST_CASE("a JPEG with any one byte changed is refused or read, and nothing worse") {
  const TemporaryDirectory directory;
  const fs::path path = directory / "a.JPEG";
  const Bytes whole = jpeg(plain({9, 99, 199}));
  Index refused = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    Bytes damaged = whole;
    damaged[at] = static_cast<std::uint8_t>(damaged[at] + 1 + 37 * at % 255);
    files::write(path, damaged);
    std::size_t size = 64 * 64 * 3;
    try {
      size = data::read_jpeg(path, 64, 64).size();
    } catch (const FileError&) {
      ++refused;
    }
    CHECK(size == 64 * 64 * 3);
  }
  CHECK(refused > 20);  // the frame's and the tables' own numbers, at the least
}

TEST_CASE("Tiny-ImageNet becomes image files with each image under its class") {
  const Archive archive;
  std::vector<Index> counted;
  data::write_tiny_imagenet(archive.root, archive.made(), [&](Index done, Index all) {
    CHECK(all == 9);
    counted.push_back(done);
  });
  CHECK(counted == std::vector<Index>{1, 2, 3, 4, 5, 6, 7, 8, 9});

  const auto [train, test] = data::load("mapped", archive.made());
  CHECK(train.shape() == TinyImageNet::shape);
  CHECK(train.classes() == 3);
  CHECK(train.labels() == std::vector<int>{0, 0, 1, 1, 2, 2});
  CHECK(test.labels() == std::vector<int>{0, 1, 2});
  const auto shows = [](const data::Dataset& set, Index i, Colour colour) {
    const auto image = set.image<double>(i);
    for (Index k = 0; k < image.size(); ++k)
      if (std::abs(255 * image.data()[k] - colour[static_cast<std::size_t>(k % 3)]) >
          tolerance + 1e-4)
        return false;
    return true;
  };
  for (int i = 0; i < 6; ++i)
    CHECK(shows(train, i, Archive::colour(static_cast<std::size_t>(i / 2), i % 2)));
  for (int i = 0; i < 3; ++i)
    CHECK(shows(test, i, Archive::colour(static_cast<std::size_t>(i), i + 2)));
  CHECK(data::mapped_split(archive.made() / "").test.name() == "made test");
  CHECK(test.class_names() == std::vector<std::string>{"n03", "goldfish, Carassius", "tench"});
  CHECK(bytes_of(archive.made() / "classes.txt") == "n03\ngoldfish, Carassius\ntench\n");

  fs::remove(archive.root / "words.txt");
  CHECK(TinyImageNet(archive.root).class_names() == archive.ids);
}

TEST_CASE("converting Tiny-ImageNet again gives the same bytes") {
  const Archive archive;
  archive.convert();
  const std::string train = bytes_of(archive.made() / "train.images");
  const std::string test = bytes_of(archive.made() / "test.images");
  archive.convert();
  CHECK(bytes_of(archive.made() / "train.images") == train);
  CHECK(bytes_of(archive.made() / "test.images") == test);
}

TEST_CASE("every name of a JPEG counts and what systems hide does not") {
  const Archive archive;
  archive.convert();
  const std::string train = bytes_of(archive.made() / "train.images");
  const fs::path images = archive.image(0, 0).parent_path();
  fs::rename(archive.image(0, 0), images / "n03_0.jpg");
  fs::rename(archive.image(1, 0), archive.image(1, 0).parent_path() / "n01_0.Jpeg");
  fs::rename(archive.image(2, 1), archive.image(2, 1).parent_path() / "n02_1.JPG");
  for (const std::string name : {"._n03_0.JPEG", ".DS_Store", "Thumbs.db", "desktop.ini"})
    files::write(images / name, files::text("nothing to see"));
  files::write(archive.root / "train" / ".DS_Store", {});
  files::write(archive.root / "val" / "images" / "._val_2.JPEG", {});
  fs::create_directory(archive.root / "train" / ".git");
  archive.convert();
  CHECK(bytes_of(archive.made() / "train.images") == train);
}

TEST_CASE("validation images sorted by class are the same image file") {
  const Archive archive;
  archive.convert();
  const std::string test = bytes_of(archive.made() / "test.images");
  const fs::path val = archive.root / "val";
  const std::string nested = GENERATE(as<std::string>(), "", "images");
  for (int k = 2; k < 5; ++k) {
    const std::string name = "val_" + std::to_string(k) + ".JPEG";
    const fs::path folder = val / archive.ids[static_cast<std::size_t>(k) - 2] / nested;
    fs::create_directories(folder);
    fs::rename(val / "images" / name, folder / name);
  }
  const bool leaves_folder = GENERATE(true, false);  // and the annotations, as scripts do
  if (!leaves_folder) fs::remove(val / "images");
  archive.convert();
  CHECK(bytes_of(archive.made() / "test.images") == test);
}

TEST_CASE("augmentation changes images of a mapped data set as it does those in memory") {
  const Archive archive;
  archive.convert();
  const auto [train, test] = data::mapped_split(archive.made());
  std::vector<float> pixels;
  for (Index i = 0; i < train.size(); ++i) {
    const auto image = train.image(i);
    pixels.insert(pixels.end(), image.data(), image.data() + image.size());
  }
  const data::Dataset memory("memory", train.shape(), pixels, train.labels(), 3);
  const std::vector<Index> which{5, 0, 3};
  auto one = train.batch(which), other = memory.batch(which);
  const auto before = one.matrix().eval();
  const auto change = read_augmentation("flip+crop:8+zoom:0.25");
  change.apply(one, which, 7, 2);
  change.apply(other, which, 7, 2);
  CHECK(one.matrix() == other.matrix());
  CHECK(one.matrix() != before);
}

TEST_CASE("a defect of Tiny-ImageNet's archive is reported by the file that it is in") {
  const Archive archive;
  const fs::path& root = archive.root;
  const auto write = [](const fs::path& path, const std::string& text) {
    files::write(path, files::text(text));
  };
  SECTION("no folder at all") {
    fs::remove_all(root);
    check_refused(archive, root / "wnids.txt", "no such file");
  }
  SECTION("wnids.txt is empty") {
    write(root / "wnids.txt", "\n");
    check_refused(archive, root / "wnids.txt", "no class");
  }
  SECTION("wnids.txt repeats itself") {
    write(root / "wnids.txt", "n01\nn02\nn03\nn02\n");
    check_refused(archive, root / "wnids.txt", "n02 twice");
  }
  SECTION("a class has no folder") {
    fs::remove_all(root / "train" / "n01");
    check_refused(archive, root / "train" / "n01", "cannot be listed");
  }
  SECTION("a class has no image") {
    fs::remove(archive.image(1, 0));
    fs::remove(archive.image(1, 1));
    check_refused(archive, root / "train" / "n01" / "images", "holds no JPEG");
  }
  SECTION("a folder is of no known class") {
    fs::create_directory(root / "train" / "n99");
    check_refused(archive, root / "train" / "n99", "wnids.txt");
  }
  SECTION("a picture of another kind") {
    write(root / "train" / "n01" / "images" / "a.png", "\x89PNG");
    check_refused(archive, root / "train" / "n01" / "images" / "a.png", "expected JPEG files");
  }
  SECTION("an image beside the folders") {
    write(root / "train" / "a.jpg", "");
    check_refused(archive, root / "train" / "a.jpg", "no folder of a class");
  }
  SECTION("an image beside its class's folder images") {
    write(root / "train" / "n01" / "a.JPG", "");
    check_refused(archive, root / "train" / "n01" / "a.JPG", "beside images/");
  }
  SECTION("validation images in both forms") {
    fs::create_directory(root / "val" / "n01");
    check_refused(archive, root / "val", "images/ and folders of classes");
  }
  SECTION("sorted validation images of an unknown class") {
    fs::rename(root / "val" / "images", root / "val" / "n01");
    fs::create_directory(root / "val" / "n99");
    check_refused(archive, root / "val" / "n99", "does not know");
  }
  SECTION("an image is cut short") {
    fs::resize_file(archive.image(2, 1), fs::file_size(archive.image(2, 1)) / 2);
    check_refused(archive, archive.image(2, 1), "damaged");
  }
  SECTION("an image is of another size") {
    files::write(archive.image(0, 1), jpeg(plain({1, 2, 3}), 32));
    check_refused(archive, archive.image(0, 1), "32 x 32 pixels, expected 64 x 64");
  }
  SECTION("the validation images are gone") {
    fs::remove_all(root / "val" / "images");
    check_refused(archive, root / "val" / "images", "cannot be listed");
  }
  SECTION("the annotations are gone") {
    fs::remove(archive.annotations());
    check_refused(archive, archive.annotations(), "no such file");
  }
  SECTION("an annotation has no image") {
    fs::remove(root / "val" / "images" / "val_4.JPEG");
    check_refused(archive, archive.annotations(), "line 2 names val_4.JPEG");
  }
  SECTION("an image has no annotation") {
    write(archive.annotations(), "val_2.JPEG\tn03\nval_4.JPEG\tn02\n");
    check_refused(archive, root / "val" / "images" / "val_3.JPEG", "no line");
  }
  SECTION("an annotation is of no known class") {
    write(archive.annotations(), "val_2.JPEG\tn03\nval_4.JPEG\tn77\n");
    check_refused(archive, archive.annotations(), "line 2 names the class n77");
  }
  SECTION("an annotation names no class") {
    write(archive.annotations(), "val_2.JPEG\n");
    check_refused(archive, archive.annotations(), "line 1 has no class for val_2.JPEG");
  }
  SECTION("an image is annotated twice") {
    write(archive.annotations(), "val_2.JPEG\tn03\n\nval_2.JPEG\tn02\n");
    check_refused(archive, archive.annotations(), "line 3 names val_2.JPEG again");
  }
}

#endif
