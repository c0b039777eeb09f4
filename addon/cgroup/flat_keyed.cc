// SPDX-License-Identifier: Apache-2.0
#include "cgroup/flat_keyed.h"

#include <charconv>

namespace tsc {

std::optional<std::uint64_t> ParseCount(std::string_view text) {
  std::uint64_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  return result.ec == std::errc{} ? std::optional(value) : std::nullopt;
}

std::optional<std::uint64_t> FlatKeyedValue(std::string_view text, std::string_view key) {
  for (std::size_t at = text.find(key); at != std::string_view::npos; at = text.find(key, at + 1)) {
    const bool starts = at == 0 || text[at - 1] == '\n';
    if (starts && text.substr(at + key.size(), 1) == " ") return ParseCount(text.substr(at + key.size() + 1));
  }
  return std::nullopt;
}

}  // namespace tsc
