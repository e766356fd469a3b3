// Locales that write numbers otherwise, for tests of what must not depend on them; the old ones return
// with the holder's end.
#pragma once

#include <clocale>
#include <cstdlib>
#include <filesystem>
#include <locale>
#include <optional>
#include <string>

#include "catch.hpp"
#include "temporary_directory.hpp"

namespace foreign_locale {

/// The global locale of C++: a comma, and groups of three digits.
class OfCpp {
 public:
  OfCpp() : before_(std::locale::global(std::locale(std::locale::classic(), new Comma))) {}
  OfCpp(const OfCpp&) = delete;
  OfCpp& operator=(const OfCpp&) = delete;
  ~OfCpp() { std::locale::global(before_); }

 private:
  struct Comma : std::numpunct<char> {
    char do_decimal_point() const override { return ','; }
    char do_thousands_sep() const override { return '.'; }
    std::string do_grouping() const override { return "\3"; }
  };
  std::locale before_;
};

/// The locale of C: a decimal point of two bytes, or else of another kind, as far as the machine has
/// one or can make one; the test says so where it has none.
class OfC {
 public:
  OfC() : before_(std::setlocale(LC_ALL, nullptr)) {
    for (const char* name :
         {"ps_AF.UTF-8", "ps_AF", "fa_IR.UTF-8", "fa_IR", "de_DE.UTF-8", "de_DE"})
      if (std::setlocale(LC_ALL, name)) return;
#ifdef __unix__
    // Debian's package `locales` has the sources.
    const std::filesystem::path& folder = folder_.emplace();
    const std::string made = (folder / "ps_AF.UTF-8").string();
    const bool is_made =
        std::system(("localedef -i ps_AF -f UTF-8 '" + made + "' >/dev/null 2>&1").c_str()) == 0;
    if (is_made && ::setenv("LOCPATH", folder.c_str(), 1) == 0 &&
        std::setlocale(LC_ALL, "ps_AF.UTF-8"))
      return;
#endif
    WARN("no locale with another decimal point is installed: the locale of C is NOT TESTED");
  }
  OfC(const OfC&) = delete;
  OfC& operator=(const OfC&) = delete;
  ~OfC() { std::setlocale(LC_ALL, before_.c_str()); }

 private:
  std::string before_;
  std::optional<TemporaryDirectory> folder_;
};

}  // namespace foreign_locale
