// SPDX-License-Identifier: Apache-2.0
#include "json_mutator.h"

#include <random>

#include "core/json_reader.h"

namespace tsc::fuzz {
namespace {

constexpr const char* kValues[] = {"null",
                                   "true",
                                   "0",
                                   "-1",
                                   "1",
                                   "4294967295",
                                   "4294967296",
                                   "-9223372036854775808",
                                   "1e300",
                                   "-0.5",
                                   "\"\"",
                                   "[]",
                                   "[null]",
                                   "18446744073709551615",
                                   "[[]]",
                                   "{\"a\":{}}",
                                   "{}",
                                   "\"/\"",
                                   "\"a\"",
                                   "\"..\"",
                                   "\"a\\u0000b\"",
                                   "\"0\"",
                                   "[\"\"]",
                                   "\"SCMP_ACT_ALLOW\""};

class Mutation {
 public:
  explicit Mutation(std::uint32_t seed) : random_(seed) {}

  void Change(Json& value) {
    if ((value.is_object() || value.is_array()) && !value.empty() && Below(6) != 0) {
      auto at = value.begin();
      std::advance(at, static_cast<std::ptrdiff_t>(Below(value.size())));
      const std::size_t choice = Below(12);
      if (choice == 0) return void(value.erase(at));
      if (choice == 1 && value.is_array()) return value.push_back(Json(*at));
      if (choice == 2 && value.is_object()) return Rename(value, at.key());
      return Change(*at);
    }
    value = Json::parse(kValues[Below(std::size(kValues))]);
  }

 private:
  std::size_t Below(std::size_t end) { return random_() % end; }

  // Under the name of another member, or one that none has.
  void Rename(Json& object, const std::string& key) {
    auto other = object.begin();
    std::advance(other, static_cast<std::ptrdiff_t>(Below(object.size())));
    const Json value = object[key];
    object[Below(2) == 0 ? other.key() : key + "x"] = value;
  }

  std::mt19937 random_;
};

}  // namespace

std::string MutateJson(const std::string& text, std::uint32_t seed) {
  Json value = Json::parse(text, nullptr, false);
  if (value.is_discarded()) return text.empty() ? "{}" : text.substr(0, text.size() - 1) + "}";
  Mutation mutation(seed);
  for (std::uint32_t changes = 1 + seed % 3; changes > 0; --changes) mutation.Change(value);
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace tsc::fuzz
