// What all programs share: options whose texts are read whole or refused, commands behind one name, --help and
// --version, and exit codes: 0 done, 1 a file or a model that cannot be used, 2 a wrong command line, in one
// sentence that names the option, what was expected and what came.
#pragma once

#include <gloro/core/error.hpp>
#include <gloro/version.hpp>

#include <CLI/CLI.hpp>

#include "colour.hpp"
#include "readers.hpp"

#include <algorithm>
#include <concepts>
#include <exception>
#include <functional>
#include <iostream>
#include <list>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace command_line {

/// What may stand behind the name of a program or a command.
class Options {
 public:
  explicit Options(CLI::App& app) : app_(&app) {}

  /// `--batch_size`, which may be spelled `--batch-size` too and the other way round, or, without
  /// dashes, a positional argument. A vector takes one value or more. A default is
  /// shown, unless it is zero.
  template <typename Value, typename Read = Text>
  CLI::Option* add(const std::string& name, Value& value, const std::string& help, Read read = {}) {
    auto* option = add_texts(name, help, Read::kind, [&value, read](const CLI::results_t& texts) {
      value = read(texts.front());
    });
    if (const std::string text = default_text(value); !text.empty()) option->default_str(text);
    return option;
  }

  template <typename Value, typename Read>
  CLI::Option* add(const std::string& name, std::vector<Value>& values, const std::string& help,
                   Read read) {
    return add_texts(name, help, Read::kind,
                     [&values, read](const CLI::results_t& texts) {
                       values.clear();
                       for (const std::string& text : texts) values.push_back(read(text));
                     })
        ->expected(CLI::detail::expected_max_vector_size);
  }

  /// An option whose texts `set` takes; `kind` names what they are.
  template <typename Set>
  CLI::Option* add_texts(const std::string& name, const std::string& help, const std::string& kind,
                         Set set) {
    const auto named = [name, set](const CLI::results_t& texts) {
      try {
        if (texts.empty()) refuse("a value", "");
        set(texts);
      } catch (const gloro::Error& error) {
        throw CLI::ValidationError(name, error.what());
      }
      return true;
    };
    return app_->add_option(spellings(name), CLI::callback_t(named), help)
        ->type_name(kind)
        ->type_size(1);
  }

  CLI::Option* add_flag(const std::string& names, bool& value, const std::string& help) {
    return app_->add_flag(names, value, help);
  }

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

  static std::string spellings(const std::string& name) {
    if (!name.starts_with("--")) return name;
    std::string other = name;
    const char from = name.find('_') == std::string::npos ? '-' : '_';
    std::replace(other.begin() + 2, other.end(), from, from == '-' ? '_' : '-');
    return other != name ? name + ',' + other : name;
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
  [[nodiscard]] bool is_chosen() const { return app_->parsed(); }

  /// What it does once all options are read; the exit code, if all went well. May throw.
  void does(std::function<int(const Arguments&)> body) { body_ = std::move(body); }
  [[nodiscard]] int run(const Arguments& arguments) const { return body_(arguments); }

 private:
  CLI::App* app_;
  std::string name_;
  std::function<int(const Arguments&)> body_;
};

/// A sentence of `name` for people, beside the work.
inline void warn(const std::string& name, const std::string& text) {
  std::cerr << name << ": " << colour::painted(std::cerr, colour::yellow, "warning:") << ' ' << text
            << '\n';
}

class Program : public Options {
 public:
  Program(const std::string& name, const std::string& purpose)
      : Options(app_), name_(name), app_(purpose, name) {
    app_.set_version_flag("--version",
                          (name == "gloro" ? name : name + " (gloro)") + " " GLORO_VERSION);
    const auto formatter = std::make_shared<OneName>();
    formatter->label("SUBCOMMAND", "COMMAND");
    app_.formatter(formatter);
  }

  /// Adds a command, which lives as long as the program.
  Command& command(const std::string& name, const std::string& purpose) {
    app_.require_subcommand(0, 1);
    CLI::App* app = app_.add_subcommand(name, purpose)->group("Commands");
    app->footer(
        "Exit codes: 0 done, 1 a file or a model that cannot be used, 2 a wrong command line.");
    return commands_.emplace_back(*app, name_ + ' ' + name);
  }

  [[nodiscard]] const CLI::App& description() const { return app_; }

  /// Reads the command line, runs `body`, which may throw, and returns the exit code: 0, or what
  /// the body returns, if all went well.
  template <typename Body>
  int run(int argc, char** argv, Body&& body) {
    int code = 0;
    try {
      app_.parse(argc, argv);
      if constexpr (std::is_void_v<decltype(body())>)
        body();
      else
        code = body();
    } catch (const CLI::Success& wish) {
      app_.exit(wish);
    } catch (const CLI::ParseError& error) {
      code = tell(2, error.what());
    } catch (const Mistake& error) {
      code = tell(2, error.what());
    } catch (const std::bad_alloc&) {
      code = tell(1, "there is not enough memory");
    } catch (const std::length_error&) {  // of a std::vector beyond all memory
      code = tell(1, "there is not enough memory");
    } catch (const std::exception& error) {
      code = tell(1, error.what());
    }
    if (!std::cout.flush() && code == 0) code = tell(1, "the standard output cannot be written");
    return code;
  }

  /// The same, of the command that the first argument names.
  int run(int argc, char** argv) {
    const std::string first = argc > 1 ? argv[1] : "";
    const bool is_known =
        first.starts_with("-") ||
        std::any_of(commands_.begin(), commands_.end(),
                    [&](const Command& command) { return command.name() == name_ + ' ' + first; });
    return run(is_known ? argc : 1, argv, [&]() -> int {
      for (const Command& command : commands_)
        if (command.is_chosen()) return command.run({argc, argv});
      refuse("a command: " + names(), first);
    });
  }

 private:
  /// Shows an option by one of its spellings.
  struct OneName : CLI::Formatter {
    std::string make_option_name(const CLI::Option* option, bool is_positional) const override {
      const auto& names = option->get_lnames();
      if (is_positional || names.empty() || !option->get_snames().empty() || names.size() > 2)
        return CLI::Formatter::make_option_name(option, is_positional);
      return "--" + names.front();
    }
  };

  [[nodiscard]] std::string names() const {
    std::string all;
    for (const Command& command : commands_)
      all += (all.empty() ? "" : ", ") + command.name().substr(name_.size() + 1);
    return all;
  }

  int tell(int code, std::string text) const {
    std::string name = name_;
    for (const Command& command : commands_)
      if (command.is_chosen()) name = command.name();
    std::replace(text.begin(), text.end(), '\n', ' ');
    std::cerr << colour::painted(std::cerr, colour::red, name + ':') << ' ' << text
              << (code == 2 ? " (see " + name + " --help)" : "") << '\n';
    return code;
  }

  std::string name_;
  CLI::App app_;
  std::list<Command> commands_;
};

}  // namespace command_line
