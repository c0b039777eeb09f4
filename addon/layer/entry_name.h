// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace tsc {

// The name of an archive entry as a path relative to the root: no empty, "." or ".." parts, no slash at the ends, "" for the root.
// A leading slash is dropped. EINVAL where ".." would leave the root or there is a NUL, ENAMETOOLONG where a part or the depth is too long.
Result<std::string> CleanEntryName(std::string_view name);

// Splits "a/b/c" into "a/b" and "c".
struct SplitName {
  std::string parent;
  std::string leaf;
};
SplitName SplitEntryName(const std::string& clean);

// A name for messages: control characters and bytes that are not UTF-8 as \xNN, cut after 200 bytes.
std::string PrintableName(std::string_view name);

bool IsUtf8(std::string_view text);

}  // namespace tsc
