// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "layer/tar_entry.h"

namespace tsc {

// What a PAX extended header ('x') says about the entry behind it. Keys we do not know are left out, an empty value unsets.
struct PaxRecords {
  std::optional<std::string> path;
  std::optional<std::string> linkpath;
  std::optional<std::uint64_t> size;
  std::optional<std::uint64_t> uid;
  std::optional<std::uint64_t> gid;
  std::optional<timespec> mtime;
  std::vector<std::pair<std::string, std::string>> xattrs;  // from SCHILY.xattr.*

  // GNU.sparse.*, formats 0.0, 0.1 and 1.0.
  std::optional<std::string> sparse_name;
  std::optional<std::uint64_t> sparse_size;
  std::optional<std::vector<std::uint64_t>> sparse_map;  // offset, length, offset, length …
  std::optional<std::uint64_t> sparse_major;
  std::optional<std::uint64_t> sparse_minor;
};

// Fails with EBADMSG; `object` says what is wrong.
Result<PaxRecords> ParsePax(std::string_view text);

std::optional<std::uint64_t> ParseDecimal(std::string_view text);

}  // namespace tsc
