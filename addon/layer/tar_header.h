// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "layer/tar_entry.h"

namespace tsc {

inline constexpr std::size_t kTarBlock = 512;

enum class TarDialect { kV7, kUstar, kStar, kGnu };

// The fields of one header block (POSIX.1-2017, pax "ustar Interchange Format"; GNU tar manual, "Basic Tar Format").
struct TarHeader {
  TarDialect dialect = TarDialect::kV7;
  char type = 0;
  TarEntry entry;  // type, sparse and xattrs are not set yet
};

// Fails with EBADMSG; `object` says which field is wrong.
Result<TarHeader> ParseTarHeader(std::string_view block);

// An octal field, or GNU's base-256 form. Empty fields are 0.
std::optional<std::int64_t> ParseTarNumber(std::string_view field);

bool IsZeroBlock(std::string_view block);

}  // namespace tsc
