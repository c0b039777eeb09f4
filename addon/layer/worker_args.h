// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace tsc {

// Reads arguments of a request without exceptions. The first one of the wrong type is kept as the failure.
class WorkerArgs {
 public:
  explicit WorkerArgs(const nlohmann::json& args) : args_(args) {}

  void Read(const char* key, bool& value) {
    if (const auto* found = Find(key)) Take(key, found->is_boolean(), [&] { value = found->get<bool>(); });
  }
  template <class Number>
  requires std::is_unsigned_v<Number>
  void Read(const char* key, Number& value) {
    if (const auto* found = Find(key)) Take(key, found->is_number_unsigned(), [&] { value = found->get<Number>(); });
  }
  void Read(const char* key, std::string& value) {
    if (const auto* found = Find(key)) Take(key, found->is_string(), [&] { value = found->get<std::string>(); });
  }
  template <class T>
  void Read(const char* key, std::optional<T>& value) {
    if (Find(key) == nullptr) return;
    T read{};
    Read(key, read);
    value = std::move(read);
  }

  Status status() const {
    if (wrong_.empty()) return {};
    return Fail("read arguments", EINVAL, wrong_);
  }

 private:
  const nlohmann::json* Find(const char* key) const {
    if (!args_.is_object()) return nullptr;
    const auto found = args_.find(key);
    return found == args_.end() || found->is_null() ? nullptr : &*found;
  }
  template <class Assign>
  void Take(const char* key, bool fits, Assign assign) {
    if (fits)
      assign();
    else if (wrong_.empty())
      wrong_ = key;
  }

  const nlohmann::json& args_;
  std::string wrong_;
};

}  // namespace tsc
