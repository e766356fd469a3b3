// What gloro-check reads: files, plain or gzipped, their SHA-256, JSON, the weights of a safetensors file
// and the images of IDX and CIFAR-10 files. Nothing here has a fraction: a weight is an integer and a power
// of two, a number in JSON an integer.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <zlib.h>

namespace check {

using Bytes = std::vector<unsigned char>;
using std::int64_t;
using std::size_t;
__extension__ typedef __int128 Wide;
__extension__ typedef unsigned __int128 Natural;

/// A claim that is wrong.
struct DoesNotHold : std::runtime_error {
  using runtime_error::runtime_error;
};
/// What this program cannot read or decide.
struct CannotTell : std::runtime_error {
  using runtime_error::runtime_error;
};

inline void expect(bool condition, const std::string& what) {
  if (!condition) throw CannotTell(what);
}

inline Bytes read_file(const std::string& path) {
  const gzFile file = gzopen(path.c_str(), "rb");  // reads plain files as they are
  expect(file != nullptr, path + ": cannot be opened");
  Bytes bytes, part(1U << 20U);
  int count = 0;
  while ((count = gzread(file, part.data(), static_cast<unsigned>(part.size()))) > 0)
    bytes.insert(bytes.end(), part.begin(), part.begin() + count);
  expect(gzclose(file) == Z_OK && count == 0, path + ": cannot be read");
  return bytes;
}

/// FIPS 180-4, section 6.2. Its constants are the first bits of roots of primes: found here, as whole
/// numbers.
inline std::string sha256(Bytes message) {
  using Word = std::uint32_t;
  const auto bits_of_root = [](unsigned prime,
                               int degree) {  // floor(2^32 prime^(1 / degree)) mod 2^32
    Natural root = 0;
    for (int bit = 36; bit >= 0; --bit) {
      const Natural trial = root | (static_cast<Natural>(1) << bit);
      const auto target = static_cast<Natural>(prime) << (32 * degree);
      if ((degree == 2 ? trial * trial : trial * trial * trial) <= target) root = trial;
    }
    return static_cast<Word>(root);
  };
  std::vector<unsigned> primes;
  for (unsigned n = 2; primes.size() < 64; ++n)
    if (std::none_of(primes.begin(), primes.end(), [n](unsigned p) { return n % p == 0; }))
      primes.push_back(n);
  std::array<Word, 64> k{};
  std::array<Word, 8> hash{};
  for (size_t i = 0; i < 64; ++i) k[i] = bits_of_root(primes[i], 3);
  for (size_t i = 0; i < 8; ++i) hash[i] = bits_of_root(primes[i], 2);

  const std::uint64_t length = 8 * message.size();
  message.push_back(0x80);
  while (message.size() % 64 != 56) message.push_back(0);
  for (int shift = 56; shift >= 0; shift -= 8)
    message.push_back(static_cast<unsigned char>(length >> shift));
  for (size_t block = 0; block < message.size(); block += 64) {
    std::array<Word, 64> w{};
    for (size_t i = 0; i < 64; ++i) w[i / 4] |= Word{message[block + i]} << (24 - 8 * (i % 4));
    for (size_t i = 16; i < 64; ++i)
      w[i] = w[i - 16] + (std::rotr(w[i - 15], 7) ^ std::rotr(w[i - 15], 18) ^ (w[i - 15] >> 3)) +
             w[i - 7] + (std::rotr(w[i - 2], 17) ^ std::rotr(w[i - 2], 19) ^ (w[i - 2] >> 10));
    auto [a, b, c, d, e, f, g, h] = hash;
    for (size_t i = 0; i < 64; ++i) {
      const Word t1 = h + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) +
                      ((e & f) ^ (~e & g)) + k[i] + w[i];
      const Word t2 =
          (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
      h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
    }
    const std::array<Word, 8> sum{a, b, c, d, e, f, g, h};
    for (size_t i = 0; i < 8; ++i) hash[i] += sum[i];
  }
  std::string text;
  for (const Word word : hash)
    for (int shift = 28; shift >= 0; shift -= 4) text += "0123456789abcdef"[(word >> shift) & 15U];
  return text;
}

/// A JSON value. A number is an integer of at most 18 digits, or else `fraction`: not read.
struct Json {
  enum Kind { nothing, truth, whole, fraction, text, list, object } kind = nothing;
  int64_t number = 0;  // of a truth 0 or 1
  std::string string;
  std::vector<Json> items;
  std::map<std::string, Json> fields;

  const Json& as(Kind expected, const std::string& what) const {
    expect(kind == expected, what + " is missing or of another type");
    return *this;
  }
  const Json& operator[](const std::string& key) const {
    const auto found = fields.find(key);
    expect(found != fields.end(), "there is no '" + key + "'");
    return found->second;
  }
};

class JsonReader {
 public:
  static Json read(const std::string& text) {
    JsonReader reader(text);
    Json value = reader.value(0);
    reader.skip_space();
    expect(reader.at_ == text.size(), "JSON with something after its end");
    return value;
  }

 private:
  explicit JsonReader(const std::string& text) : text_(text) {}

  char peek() {
    skip_space();
    expect(at_ < text_.size(), "JSON without an end");
    return text_[at_];
  }
  void skip_space() {
    while (at_ < text_.size() && std::string(" \t\r\n").find(text_[at_]) != std::string::npos)
      ++at_;
  }
  bool skip(const std::string& word) {
    skip_space();
    if (text_.compare(at_, word.size(), word) != 0) return false;
    at_ += word.size();
    return true;
  }
  void need(const std::string& word) { expect(skip(word), "JSON: expected " + word); }

  Json value(int depth) {
    expect(depth < 32, "JSON nested too deeply");
    Json v;
    const char c = peek();
    if (c == '{') {
      v.kind = Json::object;
      for (need("{"); !skip("}");) {
        if (!v.fields.empty()) need(",");
        const std::string key = string();
        need(":");
        expect(v.fields.emplace(key, value(depth + 1)).second, "JSON: '" + key + "' comes twice");
      }
    } else if (c == '[') {
      v.kind = Json::list;
      for (need("["); !skip("]");) {
        if (!v.items.empty()) need(",");
        v.items.push_back(value(depth + 1));
      }
    } else if (c == '"') {
      v.kind = Json::text, v.string = string();
    } else if (skip("true") || skip("false")) {
      v.kind = Json::truth, v.number = c == 't';
    } else if (!skip("null")) {
      return number();
    }
    return v;
  }
  std::string string() {
    need("\"");
    std::string s;
    for (; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\') {
        expect(++at_ < text_.size(), "JSON without an end");
        if (text_[at_] != '"' && text_[at_] != '\\') s += '\\';  // others stay as they are written
      }
      s += text_[at_];
    }
    need("\"");
    return s;
  }
  Json number() {
    Json v;
    const bool is_negative = skip("-");
    const size_t begin = at_;
    while (at_ < text_.size() &&
           std::string("0123456789.eE+-").find(text_[at_]) != std::string::npos)
      v.string += text_[at_++];
    expect(at_ > begin, "JSON: expected a value");
    v.kind = v.string.size() > 18 || v.string.find_first_of(".eE+-") != std::string::npos
                 ? Json::fraction
                 : Json::whole;
    if (v.kind == Json::whole)
      for (const char digit : v.string) v.number = 10 * v.number + (digit - '0');
    if (is_negative) v.number = -v.number;
    return v;
  }

  const std::string& text_;
  size_t at_ = 0;
};

}  // namespace check
