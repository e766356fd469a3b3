// Guarantees as JSON and affinity files: what is read, and how what is not is refused.
#include "gloro/io/guarantee_json.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

#include "catch.hpp"
#include "data/files.hpp"
#include "gloro/core/error.hpp"
#include "gloro/io/json.hpp"

using namespace gloro;

namespace {

const std::vector<std::string> animals{"cat", "dog", "a [deer]", "say \"moo\"", "horse"};

Guarantee read(const std::string& text, const std::vector<std::string>& names = animals) {
  const files::TemporaryDirectory directory;
  files::write(directory / "sets.json", files::text(text));
  return read_affinity(directory / "sets.json", 5, names);
}

std::string refusal(const std::string& text, const std::vector<std::string>& names = animals) {
  try {
    (void)read(text, names);
  } catch (const FileError& error) {
    CHECK_THAT(error.what(), ContainsText("sets.json: "));
    return error.what();
  }
  return "not refused";
}

}  // namespace

TEST_CASE("A guarantee comes back from its JSON") {
  for (const Guarantee& guarantee :
       {Guarantee::top_1(), Guarantee::top_k(7), Guarantee::affinity({{3, 1}, {0}, {1, 2, 4}})})
    CHECK(guarantee_from_json(parse_json(print_json(to_json(guarantee)))) == guarantee);
  CHECK(print_json(to_json(Guarantee::top_k(3))) == "{\"top_k\":3}");
  CHECK(print_json(to_json(Guarantee::affinity({{2, 0}, {1}}))) == "{\"affinity\":[[0,2],[1]]}");
}

TEST_CASE("An affinity file lists sets of classes, by number or name, as JSON or one by one") {
  const Guarantee expected = Guarantee::affinity({{0}, {1, 2, 3}, {3, 4}});
  CHECK(read("[[0],[1,2,3],[3,4]]") == expected);
  CHECK(read(" [ [0],\n [1, 2, 3],\n [4, 3] ]\n") == expected);
  CHECK(read("[0][1,2,3][3,4]") == expected);
  CHECK(read("[0]\n[1,2,3]\n[3,4]\n") == expected);
  CHECK(read("[[0], [\"dog\", \"a [deer]\", \"say \\\"moo\\\"\"], [3, \"horse\"]]") == expected);
  CHECK(read("[\"cat\"][\"dog\",\"a [deer]\",\"say \\\"moo\\\"\"][3,4]") == expected);
  CHECK(read("[1,2]") == Guarantee::affinity({{1, 2}}));
  CHECK(read("[[1,2]]") == Guarantee::affinity({{1, 2}}));
}

TEST_CASE("An affinity file that is none is refused with what was expected and what is there") {
  CHECK_THROWS_WITH(read_affinity("no/sets.json", 5), ContainsText("no/sets.json: no such file"));
  CHECK_THAT(refusal(""), ContainsText("got none"));
  CHECK_THAT(refusal("[]"), ContainsText("set 0 is empty"));
  CHECK_THAT(refusal("[[0,1],[]]"), ContainsText("set 1 is empty"));
  CHECK_THAT(refusal("[[0,1],[2,5]]"), ContainsText("from 0 to 4, got 5"));
  CHECK_THAT(refusal("[[0,1,2,3,4]]"), ContainsText("there are 5"));
  CHECK_THAT(refusal("[[0,1,0]]"), ContainsText("class 0 twice"));
  CHECK_THAT(refusal("[[0,-1]]"), ContainsText("by number or name, got -1"));
  CHECK_THAT(refusal("[[0,1.5]]"), ContainsText("got 1.5"));
  CHECK_THAT(refusal("[[0,99999999999]]"), ContainsText("got 99999999999"));
  CHECK_THAT(refusal("[[0,[1]]]"), ContainsText("got [1]"));
  CHECK_THAT(refusal("[[0],3]"), ContainsText("list of lists of classes, got 3 in it"));
  CHECK_THAT(refusal("7"), ContainsText("list of lists of classes, got 7 in it"));
  CHECK_THAT(refusal("{\"sets\": 1}"), ContainsText("list of lists of classes"));
  CHECK_THAT(refusal("[[0,1]"), ContainsText("not valid JSON"));
  CHECK_THAT(refusal("[0 1]"), ContainsText("not valid JSON"));
  CHECK_THAT(refusal("[[0,1]] 2"), ContainsText("not valid JSON"));
  CHECK_THAT(refusal("[[0,1]]]"), ContainsText("not valid JSON"));
  CHECK_THAT(refusal("[[0,0x1]]"), ContainsText("not valid JSON"));
  CHECK_THAT(refusal("[[0,NaN]]"), ContainsText("not valid JSON"));
  CHECK_THAT(refusal(std::string("[[0,1]]\0[[2,3]]", 15)), ContainsText("is a NUL"));
  CHECK_THAT(refusal("\xEF\xBB\xBF[[0,1]]"), ContainsText("not valid JSON"));
  CHECK_THAT(refusal("[[\"\xff\"]]"), ContainsText("not valid JSON"));
  CHECK_THAT(refusal("[[\"cat\",\"unicorn\"]]"),
             ContainsText("no class is called \"unicorn\": expected cat, dog"));
  CHECK_THAT(refusal("[[\"cat\"]]", {}), ContainsText("the classes have no names"));
}
