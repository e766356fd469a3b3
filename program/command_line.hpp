// What all programs share: options whose texts are read whole or refused, commands behind one name, --help and
// --version, and exit codes: 0 done, 1 a file or a model that cannot be used, 2 a wrong command line, in one
// sentence that names the option, what was expected and what came. The parser is CLI11's, in command_line.cpp alone:
// to compile it takes as long as all else of a command.
#pragma once

#include <gloro/core/error.hpp>

#include "readers.hpp"

#include <concepts>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace command_line {

/// What stood behind an option, one text or more.
using Texts = std::vector<std::string>;

/// An option that was added, to say more of it.
class Option {
 public:
  explicit Option(CLI::Option& option) : option_(&option) {}

  const Option& required() const;
  const Option& needs(const Option& other) const;
  const Option& excludes(const Option& other) const;
  /// What the help calls its texts; words apart by | are all that there are.
  const Option& kind(const std::string& kind) const;
  /// What the help shows as its value where it is not given.
  const Option& shown_default(const std::string& text) const;
  const Option& takes_many() const;

 private:
  CLI::Option* option_;
};

/// What may stand behind the name of a program or a command.
class Options {
 public:
  explicit Options(CLI::App& app) : app_(&app) {}

  /// `--batch_size`, which may be spelled `--batch-size` too and the other way round, or, without
  /// dashes, a positional argument. A vector takes one value or more. A default is
  /// shown, unless it is zero.
  template <typename Value, typename Read = Text>
  Option add(const std::string& name, Value& value, const std::string& help, Read read = {}) {
    const Option option = add_texts(name, help, Read::kind, [&value, read](const Texts& texts) {
      value = read(texts.front());
    });
    if (const std::string text = default_text(value); !text.empty()) option.shown_default(text);
    return option;
  }

  template <typename Value, typename Read>
  Option add(const std::string& name, std::vector<Value>& values, const std::string& help,
             Read read) {
    return add_texts(name, help, Read::kind,
                     [&values, read](const Texts& texts) {
                       values.clear();
                       for (const std::string& text : texts) values.push_back(read(text));
                     })
        .takes_many();
  }

  /// An option whose texts `set` takes; `kind` names what they are.
  Option add_texts(const std::string& name, const std::string& help, const std::string& kind,
                   std::function<void(const Texts&)> set);

  Option add_flag(const std::string& names, bool& value, const std::string& help);

 private:
  template <typename Value>
  static std::string default_text(const Value& value) {
    if constexpr (std::is_same_v<Value, std::string>)
      return value;
    else if constexpr (std::floating_point<Value> || std::integral<Value>)
      return value != 0 ? gloro::message(value) : "";  // a zero stands for something else
    else
      return {};
  }

  CLI::App* app_;
};

/// The command line as main had it.
struct Arguments {
  int argc;
  char** argv;
};

/// One of the commands of a program: `gloro certify ...`.
class Command : public Options {
 public:
  Command(CLI::App& app, std::string name) : Options(app), app_(&app), name_(std::move(name)) {}

  /// As a person calls it: "gloro certify".
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] bool is_chosen() const;

  /// What it does once all options are read; the exit code, if all went well. May throw.
  void does(std::function<int(const Arguments&)> body) { body_ = std::move(body); }
  [[nodiscard]] int run(const Arguments& arguments) const { return body_(arguments); }

 private:
  CLI::App* app_;
  std::string name_;
  std::function<int(const Arguments&)> body_;
};

/// A sentence of `name` for people, beside the work.
void warn(const std::string& name, const std::string& text);

class Program : public Options {
 public:
  Program(const std::string& name, const std::string& purpose);

  /// Adds a command, which lives as long as the program.
  Command& command(const std::string& name, const std::string& purpose);

  [[nodiscard]] const CLI::App& description() const { return *app_; }

  /// Reads the command line, runs `body`, which may throw, and returns the exit code: 0, or what
  /// the body returns, if all went well.
  template <typename Body>
  int run(int argc, char** argv, Body&& body) {
    return run_body(argc, argv, [&body]() -> int {
      if constexpr (std::is_void_v<decltype(body())>) {
        body();
        return 0;
      } else {
        return body();
      }
    });
  }

  /// The same, of the command that the first argument names.
  int run(int argc, char** argv);

 private:
  Program(const std::string& name, std::shared_ptr<CLI::App> app);
  int run_body(int argc, char** argv, const std::function<int()>& body);
  [[nodiscard]] std::string names() const;
  int tell(int code, std::string text) const;

  std::string name_;
  std::shared_ptr<CLI::App> app_;
  std::list<Command> commands_;
};

}  // namespace command_line
