// How the driver talks to the programs that it compares. Arguments are NAME=VALUE; a program first
// says what it found (`note NAME VALUE`) and `ready`, then answers a line `WORK SECONDS` with
// `MEDIAN REPETITIONS`, the median of the seconds a sample, and the end of its input with
// `peak BYTES`, the most memory it ever held. The standard library only.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <fstream>
#include <functional>
#include <iomanip>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace bench {

class Arguments {
 public:
  Arguments(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
      const std::string argument = argv[i];
      const std::size_t equals = argument.find('=');
      if (equals == std::string::npos) throw std::invalid_argument("not NAME=VALUE: " + argument);
      values_[argument.substr(0, equals)] = argument.substr(equals + 1);
    }
  }
  /// Empty if it is not given.
  [[nodiscard]] std::string text(const std::string& name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? std::string() : found->second;
  }
  [[nodiscard]] int number(const std::string& name) const {
    try {
      return std::stoi(text(name));
    } catch (const std::exception&) {
      throw std::invalid_argument(name + "=NUMBER is missing");
    }
  }

 private:
  std::map<std::string, std::string> values_;
};

template <typename Value>
void note(const std::string& name, const Value& value) {
  std::cout << "note " << name << ' ' << value << '\n';
}

/// Does some work and returns how many samples that were.
using Work = std::function<double()>;

/// Repeats the work for about so many seconds, at least once; writes the median time a sample.
inline void measure(const Work& work, double seconds) {
  using Clock = std::chrono::steady_clock;
  using Seconds = std::chrono::duration<double>;
  std::vector<double> times;
  const auto begin = Clock::now();
  for (auto start = begin; times.empty() || Seconds(start - begin).count() < seconds;) {
    const double samples = work();
    const auto end = Clock::now();
    times.push_back(Seconds(end - start).count() / samples);
    start = end;
  }
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  std::cout << std::setprecision(9) << *middle << ' ' << times.size() << std::endl;
}

/// Bytes, from Linux's count of the pages that were resident at most.
inline double peak_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (double kibibytes = 0; word == "VmHWM:" && status >> kibibytes) return kibibytes * 1024;
  return 0;
}

/// Serves the driver until the end of the input.
inline void serve(const std::map<std::string, Work>& works) {
  std::cout << "ready" << std::endl;
  std::string name;
  for (double seconds = 0; std::cin >> name >> seconds;) measure(works.at(name), seconds);
  std::cout << "peak " << peak_memory() << std::endl;
}

}  // namespace bench
