// What the example programs share: options whose texts are read whole or refused, --help and --version,
// and exit codes: 0 done, 1 a file or a model that cannot be used, 2 a wrong command line, in one
// sentence that names the option, what was expected and what came.
#pragma once

#include <gloro/core/error.hpp>
#include <gloro/core/number.hpp>
#include <gloro/parallel/workers.hpp>
#include <gloro/version.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <exception>
#include <iostream>
#include <limits>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

namespace command_line {

/// A mistake of the command line: exit code 2.
class Mistake : public gloro::ArgumentError {
 public:
  using ArgumentError::ArgumentError;
};

/// What `read` returns; an argument that it refuses is a mistake of the command line.
template <typename Read>
auto checked(Read&& read) {
  try {
    return read();
  } catch (const gloro::ArgumentError& error) {
    throw Mistake(error.what());
  }
}

// Readers: from the text of an option to its value. They throw gloro::Error, or Mistake by refuse().

[[noreturn]] inline void refuse(const std::string& expected, const std::string& text) {
  throw Mistake(gloro::message("expected ", expected, ", got '", text, "'"));
}

/// Any text but none: the text of a variable that is not set is a mistake.
struct Text {
  static constexpr const char* kind = "TEXT";
  std::string operator()(const std::string& text) const {
    if (text.empty()) refuse("a text", text);
    return text;
  }
};

/// A finite number, 36/255 for example, from `least` on or, if that is excluded, above it.
struct Number {
  static constexpr const char* kind = "NUMBER";
  double least = 0;
  bool is_excluded = false;
  double operator()(const std::string& text) const {
    const std::optional<double> number = gloro::to_number(text);
    if (!number || *number < least || (is_excluded && *number == least))
      refuse(gloro::message("a number ", is_excluded ? "> " : ">= ", least), text);
    return *number;
  }
};

inline constexpr Number positive{.least = 0, .is_excluded = true};
inline constexpr Number not_negative{};

/// A whole number from `least` to `most`.
template <std::integral Whole>
struct WholeNumber {
  static constexpr const char* kind = "COUNT";
  Whole least, most;
  Whole operator()(const std::string& text) const {
    const std::optional<Whole> number = gloro::to_whole<Whole>(text);
    if (!number || *number < least || *number > most)
      refuse(gloro::message("a whole number from ", least, " to ", most), text);
    return *number;
  }
};

/// As far as sums and products of a few counts stay exact in 64 bits.
[[nodiscard]] inline WholeNumber<int> count_from(int least) {
  return {least, std::numeric_limits<int>::max()};
}
[[nodiscard]] inline WholeNumber<int> threads() { return {0, gloro::Workers::most_threads()}; }
[[nodiscard]] inline WholeNumber<std::uint64_t> seed() {
  return {0, std::numeric_limits<std::uint64_t>::max()};
}

/// A text of which the library makes something by `make`, or else throws.
template <typename Make>
struct Checked {
  static constexpr const char* kind = "TEXT";
  Make make;
  std::string operator()(const std::string& text) const {
    (void)make(Text{}(text));
    return text;
  }
};

template <typename Make>
Checked(Make) -> Checked<Make>;

class Program {
 public:
  Program(const std::string& name, const std::string& purpose) : name_(name), app_(purpose, name) {
    app_.set_version_flag("--version", name + " (gloro) " GLORO_VERSION);
  }

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
  CLI::Option* add_texts(const std::string& name, const std::string& help, const char* kind,
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
    return app_.add_option(spellings(name), CLI::callback_t(named), help)
        ->type_name(kind)
        ->type_size(1);
  }

  CLI::Option* add_flag(const std::string& names, bool& value, const std::string& help) {
    return app_.add_flag(names, value, help);
  }

  /// Reads the command line, runs `body`, which may throw, and returns the exit code: 0, or what
  /// the body returns, if all went well.
  template <typename Body>
  int run(int argc, char** argv, Body&& body) {
    int code = 0;
    try {
      app_.formatter(std::make_shared<OneName>());
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

  int tell(int code, std::string text) const {
    std::replace(text.begin(), text.end(), '\n', ' ');
    std::cerr << name_ << ": " << text << (code == 2 ? " (see " + name_ + " --help)" : "") << '\n';
    return code;
  }

  std::string name_;
  CLI::App app_;
};

}  // namespace command_line
