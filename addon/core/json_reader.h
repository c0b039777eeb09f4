// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

// Reading JSON that may be of any shape: the wrong type is treated as absent, nothing throws.
namespace tsc {

using Json = nlohmann::json;

inline const Json& Member(const Json& object, const char* key) {
  static const Json kNull;
  if (!object.is_object()) return kNull;
  const auto it = object.find(key);
  return it == object.end() ? kNull : *it;
}

inline std::string StringOf(const Json& value, std::string fallback = {}) {
  return value.is_string() ? value.get<std::string>() : std::move(fallback);
}

inline std::string StringMember(const Json& object, const char* key, std::string fallback = {}) {
  return StringOf(Member(object, key), std::move(fallback));
}

inline bool BoolMember(const Json& object, const char* key, bool fallback = false) {
  const Json& value = Member(object, key);
  return value.is_boolean() ? value.get<bool>() : fallback;
}

inline std::int64_t IntMember(const Json& object, const char* key, std::int64_t fallback = 0) {
  const Json& value = Member(object, key);
  return value.is_number() ? value.get<std::int64_t>() : fallback;
}

inline std::vector<std::string> StringsMember(const Json& object, const char* key) {
  std::vector<std::string> strings;
  const Json& value = Member(object, key);
  if (value.is_array())
    for (const auto& item : value) strings.push_back(StringOf(item));
  return strings;
}

}  // namespace tsc
