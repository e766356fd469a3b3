#include "command_line.hpp"

#include <gloro/version.hpp>

#include <CLI/CLI.hpp>

#include "colour.hpp"

#include <algorithm>
#include <exception>
#include <iostream>
#include <new>
#include <stdexcept>

namespace command_line {
namespace {

std::string spellings(const std::string& name) {
  if (!name.starts_with("--")) return name;
  std::string other = name;
  const char from = name.find('_') == std::string::npos ? '-' : '_';
  std::replace(other.begin() + 2, other.end(), from, from == '-' ? '_' : '-');
  return other != name ? name + ',' + other : name;
}

/// Shows an option by one of its spellings.
struct OneName : CLI::Formatter {
  std::string make_option_name(const CLI::Option* option, bool is_positional) const override {
    const auto& names = option->get_lnames();
    if (is_positional || names.empty() || !option->get_snames().empty() || names.size() > 2)
      return CLI::Formatter::make_option_name(option, is_positional);
    return "--" + names.front();
  }
};

}  // namespace

const Option& Option::required() const {
  option_->required();
  return *this;
}

const Option& Option::needs(const Option& other) const {
  option_->needs(other.option_);
  return *this;
}

const Option& Option::excludes(const Option& other) const {
  option_->excludes(other.option_);
  return *this;
}

const Option& Option::kind(const std::string& kind) const {
  option_->type_name(kind);
  return *this;
}

const Option& Option::shown_default(const std::string& text) const {
  option_->default_str(text);
  return *this;
}

const Option& Option::takes_many() const {
  option_->expected(CLI::detail::expected_max_vector_size);
  return *this;
}

Option Options::add_texts(const std::string& name, const std::string& help, const std::string& kind,
                          std::function<void(const Texts&)> set) {
  const auto named = [name, set = std::move(set)](const CLI::results_t& texts) {
    try {
      if (texts.empty()) refuse("a value", "");
      set(texts);
    } catch (const gloro::Error& error) {
      throw CLI::ValidationError(name, error.what());
    }
    return true;
  };
  return Option(*app_->add_option(spellings(name), CLI::callback_t(named), help)
                     ->type_name(kind)
                     ->type_size(1));
}

Option Options::add_flag(const std::string& names, bool& value, const std::string& help) {
  return Option(*app_->add_flag(names, value, help));
}

bool Command::is_chosen() const { return app_->parsed(); }

void warn(const std::string& name, const std::string& text) {
  std::cerr << name << ": " << colour::painted(std::cerr, colour::yellow, "warning:") << ' ' << text
            << '\n';
}

Program::Program(const std::string& name, const std::string& purpose)
    : Program(name, std::make_shared<CLI::App>(purpose, name)) {}

Program::Program(const std::string& name, std::shared_ptr<CLI::App> app)
    : Options(*app), name_(name), app_(std::move(app)) {
  app_->set_version_flag("--version",
                         (name == "gloro" ? name : name + " (gloro)") + " " GLORO_VERSION);
  const auto formatter = std::make_shared<OneName>();
  formatter->label("SUBCOMMAND", "COMMAND");
  app_->formatter(formatter);
}

Command& Program::command(const std::string& name, const std::string& purpose) {
  app_->require_subcommand(0, 1);
  CLI::App* app = app_->add_subcommand(name, purpose)->group("Commands");
  app->footer(
      "Exit codes: 0 done, 1 a file or a model that cannot be used, 2 a wrong command line.");
  return commands_.emplace_back(*app, name_ + ' ' + name);
}

int Program::run_body(int argc, char** argv, const std::function<int()>& body) {
  int code = 0;
  try {
    app_->parse(argc, argv);
    code = body();
  } catch (const CLI::Success& wish) {
    app_->exit(wish);
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

int Program::run(int argc, char** argv) {
  const std::string first = argc > 1 ? argv[1] : "";
  const bool is_known =
      first.starts_with("-") ||
      std::any_of(commands_.begin(), commands_.end(),
                  [&](const Command& command) { return command.name() == name_ + ' ' + first; });
  return run_body(is_known ? argc : 1, argv, [&]() -> int {
    for (const Command& command : commands_)
      if (command.is_chosen()) return command.run({argc, argv});
    refuse("a command: " + names(), first);
  });
}

std::string Program::names() const {
  std::string all;
  for (const Command& command : commands_)
    all += (all.empty() ? "" : ", ") + command.name().substr(name_.size() + 1);
  return all;
}

int Program::tell(int code, std::string text) const {
  std::string name = name_;
  for (const Command& command : commands_)
    if (command.is_chosen()) name = command.name();
  std::replace(text.begin(), text.end(), '\n', ' ');
  std::cerr << colour::painted(std::cerr, colour::red, name + ':') << ' ' << text
            << (code == 2 ? " (see " + name + " --help)" : "") << '\n';
  return code;
}

}  // namespace command_line
