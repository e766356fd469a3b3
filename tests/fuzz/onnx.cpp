// Fuzzes the ONNX reader: a file as it is, or, behind a first line "graph", one put together here, so that
// the fuzzer can change the graph and its bytes still are those of a graph. Its lines: the input's
// extents, then in any order
//   node OP INPUTS OUTPUTS NAME=NUMBERS ...   lists with commas; "NAME~TEXT" a word, "NAME.NUMBER" a real
//   tensor NAME EXTENTS FACTOR                a constant of floats
//   list NAME NUMBERS                         a constant of whole numbers
// A small model that loads is evaluated, and certified.
#include <gloro/core/error.hpp>
#include <gloro/io/onnx_reader.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "fuzzed_file.hpp"
#include "use_network.hpp"

namespace {

using namespace gloro;

constexpr std::int64_t most_weights = 4096;

std::vector<std::int64_t> numbers(std::string_view text) {
  std::vector<std::int64_t> all;
  while (!text.empty() && all.size() < 64)
    all.push_back(std::strtoll(std::string(fuzz::take_until(text, ',')).c_str(), nullptr, 10));
  return all;
}

void add_attribute(onnx::NodeProto& node, std::string_view text) {
  onnx::AttributeProto& attribute = *node.add_attribute();
  const std::size_t mark = text.find_first_of("=~.");
  attribute.set_name(std::string(text.substr(0, mark)));
  const std::string_view value = mark == text.npos ? "" : text.substr(mark + 1);
  if (mark != text.npos && text[mark] == '~') {
    attribute.set_type(onnx::AttributeProto::STRING);
    attribute.set_s(std::string(value));
  } else if (mark != text.npos && text[mark] == '.') {
    attribute.set_type(onnx::AttributeProto::FLOAT);
    attribute.set_f(std::strtof(std::string(value).c_str(), nullptr));
  } else if (value.find(',') == value.npos) {
    attribute.set_type(onnx::AttributeProto::INT);
    attribute.set_i(std::strtoll(std::string(value).c_str(), nullptr, 10));
  } else {
    attribute.set_type(onnx::AttributeProto::INTS);
    for (const std::int64_t number : numbers(value)) attribute.add_ints(number);
  }
}

void add_line(onnx::GraphProto& graph, std::string_view line) {
  const std::string_view kind = fuzz::take_until(line, ' ');
  if (kind == "node") {
    onnx::NodeProto& node = *graph.add_node();
    node.set_op_type(std::string(fuzz::take_until(line, ' ')));
    for (std::string_view names = fuzz::take_until(line, ' '); !names.empty();)
      node.add_input(std::string(fuzz::take_until(names, ',')));
    for (std::string_view names = fuzz::take_until(line, ' '); !names.empty();)
      node.add_output(std::string(fuzz::take_until(names, ',')));
    while (!line.empty()) add_attribute(node, fuzz::take_until(line, ' '));
    return;
  }
  onnx::TensorProto& tensor = *graph.add_initializer();
  tensor.set_name(std::string(fuzz::take_until(line, ' ')));
  if (kind == "list") {
    const auto values = numbers(line);
    tensor.set_data_type(onnx::TensorProto::INT64);
    tensor.add_dims(static_cast<std::int64_t>(values.size()));
    for (const std::int64_t value : values) tensor.add_int64_data(value);
    return;
  }
  tensor.set_data_type(onnx::TensorProto::FLOAT);
  std::int64_t count = 1;
  for (const std::int64_t extent : numbers(fuzz::take_until(line, ' '))) {
    tensor.add_dims(extent);
    count = std::clamp<std::int64_t>(count * std::clamp<std::int64_t>(extent, 0, most_weights), 0,
                                     most_weights);
  }
  const float factor = line.empty() ? 1 : std::strtof(std::string(line).c_str(), nullptr);
  for (std::int64_t i = 0; i < count; ++i)
    tensor.add_float_data(factor * static_cast<float>(37 * i % 17 - 8) / 8);
}

std::string graph_of(std::string_view lines) {
  onnx::ModelProto model;
  model.add_opset_import()->set_version(13);
  onnx::GraphProto& graph = *model.mutable_graph();
  onnx::ValueInfoProto& input = *graph.add_input();
  input.set_name("x");
  auto& type = *input.mutable_type()->mutable_tensor_type();
  type.set_elem_type(onnx::TensorProto::FLOAT);
  for (const std::int64_t extent : numbers(fuzz::take_until(lines, '\n')))
    type.mutable_shape()->add_dim()->set_dim_value(extent);
  graph.add_output()->set_name("y");
  while (!lines.empty()) add_line(graph, fuzz::take_until(lines, '\n'));
  return model.SerializeAsString();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::string_view mark = "graph\n";
  std::string_view input = fuzz::as_text(data, size);
  const bool in_lines = input.starts_with(mark);
  if (in_lines) input.remove_prefix(mark.size());
  static const bool is_quiet = [] {
    google::protobuf::SetLogHandler(nullptr);  // it tells the terminal of every damaged file
    return true;
  }();
  (void)is_quiet;
  const fuzz::FuzzedFile file(in_lines ? graph_of(input) : std::string(input));
  try {
    fuzz::use(load_onnx<float>(file.path(), {.most_memory = fuzz::most_memory}).model);
  } catch (const Error&) {
  }
  return 0;
}
