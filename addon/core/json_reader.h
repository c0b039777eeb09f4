// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cerrno>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/result.h"

// Reading JSON that may be of any shape: the wrong type is treated as absent, as is a number that does not fit, and nothing throws.
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

// The part of a number before its point, or the end of the range where it is beyond. 0 for what is no number.
inline std::uint64_t UnsignedOf(const Json& value) {
  if (!value.is_number_float()) return value.is_number() ? value.get<std::uint64_t>() : 0;
  const auto number = value.get<double>();
  if (number >= 0x1p64) return std::numeric_limits<std::uint64_t>::max();
  return number > 0 ? static_cast<std::uint64_t>(number) : 0;
}

// Whether it is a number that has a place among the signed ones, its fraction apart.
inline bool FitsInt(const Json& value) {
  if (value.is_number_unsigned()) return value.get<std::uint64_t>() <= std::numeric_limits<std::int64_t>::max();
  if (!value.is_number_float()) return value.is_number();
  return value.get<double>() >= -0x1p63 && value.get<double>() < 0x1p63;
}

inline std::int64_t IntOf(const Json& value, std::int64_t fallback = 0) { return FitsInt(value) ? value.get<std::int64_t>() : fallback; }

inline std::int64_t IntMember(const Json& object, const char* key, std::int64_t fallback = 0) {
  return IntOf(Member(object, key), fallback);
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
