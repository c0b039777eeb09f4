// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tsc {

// The number after `key` and a space at the start of a line: "flat keyed" files of cgroup-v2.rst, and those of v1 that look alike.
std::optional<std::uint64_t> FlatKeyedValue(std::string_view text, std::string_view key);

// The number that the text begins with.
std::optional<std::uint64_t> ParseCount(std::string_view text);

}  // namespace tsc
