// gloro completion: a script that completes commands, options and their values in a shell, made from what the
// program itself says that it takes.
//   source <(gloro completion bash)
#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "commands.hpp"

namespace {

/// What may follow an option, or stand by itself.
struct Values {
  bool are_paths = false;
  std::vector<std::string> words;  // all that there are, where they are known
};

/// By the name of its type: FILE or FOLDER, or words apart by |.
Values values_of(const CLI::Option& option) {
  const std::string kind = option.get_type_name();
  Values values;
  values.are_paths = kind == "FILE" || kind == "FOLDER";
  if (kind.find('|') == std::string::npos) return values;
  for (std::size_t at = 0; at <= kind.size();) {
    const std::size_t end = std::min(kind.find('|', at), kind.size());
    values.words.push_back(kind.substr(at, end - at));
    at = end + 1;
  }
  return values;
}

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

/// The one spelling of an option that is shown.
std::string name_of(const CLI::Option& option) { return "--" + option.get_lnames().front(); }

std::vector<const CLI::Option*> named(const CLI::App& app) {
  return app.get_options([](const CLI::Option* o) { return !o->get_lnames().empty(); });
}
/// What stands by itself behind the command; nothing where it takes nothing.
std::optional<Values> positional(const CLI::App& app) {
  const auto all = app.get_options([](const CLI::Option* o) { return o->get_positional(); });
  return all.empty() ? std::nullopt : std::optional(values_of(*all.front()));
}

std::string joined(const std::vector<std::string>& words, const std::string& between = " ") {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : between) + word;
  return all;
}

/// A backslash before each of `special`.
std::string escaped(const std::string& text, std::string_view special) {
  std::string safe;
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) safe += '\\';
    safe += c;
  }
  return safe;
}

/// As one word of a POSIX shell, or of zsh.
std::string quoted(const std::string& text) {
  std::string safe;
  for (const char c : text) safe += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return '\'' + safe + '\'';
}

/// As one word of fish.
std::string fish(const std::string& text) { return '\'' + escaped(text, "\\'") + '\''; }

using Commands = std::vector<const CLI::App*>;

/// Where nothing is offered, bash completes a path, unless it is told not to.
void write_bash(std::ostream& out, const std::string& program, const Commands& commands) {
  std::vector<std::string> first;
  for (const CLI::App* command : commands) first.push_back(command->get_name());
  first.insert(first.end(), {"--help", "--version"});
  out << "# bash completion, by: " << program << " completion bash\n_" << program << "() {\n"
      << "  local word=${COMP_WORDS[COMP_CWORD]} words=\n  COMPREPLY=()\n"
      << "  if ((COMP_CWORD == 1)); then\n    words=" << quoted(joined(first)) << "\n  else\n"
      << "    case \"${COMP_WORDS[1]} ${COMP_WORDS[COMP_CWORD - 1]}\" in\n";
  for (const CLI::App* command : commands) {
    const std::string& name = command->get_name();
    std::vector<std::string> paths, others, options;
    for (const CLI::Option* option : named(*command)) {
      options.push_back(name_of(*option));
      if (!takes_value(*option)) continue;
      const Values values = values_of(*option);
      const std::string is_before = quoted(name + ' ' + name_of(*option));
      if (!values.words.empty())
        out << "      " << is_before << ") words=" << quoted(joined(values.words)) << " ;;\n";
      else
        (values.are_paths ? paths : others).push_back(is_before);
    }
    if (!paths.empty()) out << "      " << joined(paths, " | ") << ") return ;;\n";
    if (!others.empty())
      out << "      " << joined(others, " | ")
          << ") compopt +o default +o bashdefault; return ;;\n";
    const std::optional<Values> by_itself = positional(*command);
    if (by_itself) options.insert(options.end(), by_itself->words.begin(), by_itself->words.end());
    out << "      " << quoted(name + ' ') << "*) "
        << (by_itself && by_itself->are_paths ? "[[ $word != -* ]] || " : "")
        << "words=" << quoted(joined(options)) << " ;;\n";
  }
  out << "    esac\n  fi\n"
      << "  local IFS=$' \\n'\n  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n}\n"
      << "complete -o bashdefault -o default -F _" << program << ' ' << program << '\n';
}

void write_zsh(std::ostream& out, const std::string& program, const Commands& commands) {
  out << "#compdef " << program << "\n# zsh completion, by: " << program << " completion zsh\n_"
      << program << "() {\n  if ((CURRENT == 2)); then\n    local -a commands=(\n";
  for (const CLI::App* command : commands)
    out << "      " << quoted(command->get_name() + ':' + escaped(command->get_description(), ":"))
        << '\n';
  out << "    )\n    _describe command commands\n    return\n  fi\n"
      << "  shift words\n  ((CURRENT -= 1))\n  case $words[1] in\n";
  for (const CLI::App* command : commands) {
    out << "    " << command->get_name() << ")\n      _arguments \\\n";
    for (const CLI::Option* option : named(*command)) {
      const Values values = values_of(*option);
      std::string line = name_of(*option) + '[' + escaped(option->get_description(), "[]:\\") + ']';
      if (takes_value(*option)) line += ':' + escaped(option->get_type_name(), ":") + ':';
      if (values.are_paths) line += "_files";
      if (!values.words.empty()) line += '(' + escaped(joined(values.words), ":") + ')';
      out << "        " << quoted(line) << " \\\n";
    }
    const std::optional<Values> by_itself = positional(*command);
    out << "        ";
    if (by_itself)
      out << (by_itself->are_paths ? "'*:file:_files'"
                                   : "'1:word:(" + joined(by_itself->words) + ")'");
    out << " ;;\n";
  }
  out << "  esac\n}\nif [[ $funcstack[1] == _" << program << " ]]; then _" << program
      << " \"$@\"; else compdef _" << program << ' ' << program << "; fi\n";
}

void write_fish(std::ostream& out, const std::string& program, const Commands& commands) {
  out << "# fish completion, by: " << program << " completion fish\ncomplete -c " << program
      << " -f\n";
  for (const CLI::App* command : commands) {
    const std::string in =
        "complete -c " + program + " -n '__fish_seen_subcommand_from " + command->get_name() + '\'';
    out << "complete -c " << program << " -n __fish_use_subcommand -a " << command->get_name()
        << " -d " << fish(command->get_description()) << '\n';
    for (const CLI::Option* option : named(*command)) {
      const Values values = values_of(*option);
      out << in << " -l " << option->get_lnames().front() << " -d "
          << fish(option->get_description());
      if (takes_value(*option)) out << (values.are_paths ? " -rF" : " -x");
      if (!values.words.empty()) out << " -a " << fish(joined(values.words));
      out << '\n';
    }
    const std::optional<Values> by_itself = positional(*command);
    if (by_itself && by_itself->are_paths) out << in << " -F\n";
    if (by_itself && !by_itself->words.empty())
      out << in << " -a " << fish(joined(by_itself->words)) << '\n';
  }
}

/// One of the shells that there are scripts for.
struct Shell {
  static constexpr const char* kind = "bash|zsh|fish";
  std::string operator()(const std::string& text) const {
    if (text != "bash" && text != "zsh" && text != "fish")
      command_line::refuse("bash, zsh or fish", text);
    return text;
  }
};

}  // namespace

void add_completion(command_line::Program& program) {
  auto& command = program.command(
      "completion",
      "Prints a script that completes command lines: source <(gloro completion bash).");
  const auto shell = std::make_shared<std::string>();
  command.add("shell", *shell, "for which shell", Shell{}).required();
  command.does([shell, &program](const command_line::Arguments&) {
    const CLI::App& all = program.description();
    const Commands commands = all.get_subcommands([](const CLI::App*) { return true; });
    const auto write = *shell == "bash" ? write_bash : *shell == "zsh" ? write_zsh : write_fish;
    write(std::cout, all.get_name(), commands);
    return 0;
  });
}
