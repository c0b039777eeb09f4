// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cerrno>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/result.h"

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

// A failure on its way between processes of ours; those that Node reads have the errno's name instead.
inline Json FailureJson(const Failure& failure) { return {{"step", failure.step}, {"errno", failure.error}, {"object", failure.object}}; }

inline Failure FailureOf(const Json& json) {
  return Failure{StringMember(json, "step"), static_cast<int>(IntMember(json, "errno", EIO)), StringMember(json, "object")};
}

}  // namespace tsc
