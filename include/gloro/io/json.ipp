// The bodies of json.hpp.
#pragma once

#include "gloro/io/json.hpp"

#include <nlohmann/json.hpp>

#include <clocale>
#if __has_include(<xlocale.h>)
#include <xlocale.h>
#endif
#include <set>
#include <string>
#include <vector>

#include "gloro/core/compiled.hpp"
#include "gloro/core/error.hpp"

namespace gloro {

namespace detail {

/// The parser reads numbers by strtod and knows one byte of the C locale's decimal point, which may
/// have two: this thread leaves its locale meanwhile.
class ClassicLocale {
#ifdef LC_ALL_MASK
 public:
  ClassicLocale()
      : classic_(::newlocale(LC_ALL_MASK, "C", nullptr)), before_(::uselocale(classic_)) {}
  ClassicLocale(const ClassicLocale&) = delete;
  ClassicLocale& operator=(const ClassicLocale&) = delete;
  ~ClassicLocale() {
    ::uselocale(before_);
    ::freelocale(classic_);
  }

 private:
  locale_t classic_, before_;
#endif
};

}  // namespace detail

GLORO_INLINE Json parse_json(std::string_view text) {
  constexpr int deepest = 48;  // layers made of layers, DescribedOptions::deepest of them, and more
  // The parser behind this takes a NUL for the end, and leaves a byte order mark out.
  if (const auto nul = text.find('\0'); nul != std::string_view::npos)
    throw Error(message("not valid JSON: byte ", nul, " is a NUL"));
  if (text.starts_with("\xEF\xBB\xBF"))
    throw Error("not valid JSON: it begins with a byte order mark");
  std::vector<std::set<std::string>> keys;  // of the objects that are open, the innermost last
  const auto watch = [&](int depth, Json::parse_event_t event, Json& value) {
    if (depth > deepest) throw Error(message("JSON nested deeper than ", deepest, " levels"));
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end) keys.pop_back();
    if (event == Json::parse_event_t::key &&
        !keys.back().insert(value.get_ref<const std::string&>()).second)
      throw Error(message("the key ", value.dump(), " comes twice"));
    return true;
  };
  [[maybe_unused]] const detail::ClassicLocale classic;
  try {
    return Json::parse(text.begin(), text.end(), watch);
  } catch (const Json::exception& error) {
    throw Error(message("not valid JSON: ", error.what()));
  }
}

template <typename AnyJson>
std::string print_json(const AnyJson& value) {
  try {
    return value.dump();
  } catch (const Json::exception& error) {
    throw ArgumentError(message("cannot be written as JSON: ", error.what()));
  }
}

#ifdef GLORO_COMPILING
template std::string print_json<Json>(const Json&);
template std::string print_json<OrderedJson>(const OrderedJson&);
#endif

}  // namespace gloro
