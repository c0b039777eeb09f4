// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "core/result.h"
#include "core/unique_fd.h"
#include "files/file_root.h"
#include "layer/entry_metadata.h"

namespace tsc {

struct OpenFilePlan {
  std::string path;
  int flags = 0;                    // of open(2); only what concerns regular files
  mode_t mode = 0644;               // of a new file, exactly
  std::optional<Owner> owner = {};  // of a new file
};

// Opens or makes a regular file. Nothing else is ever opened: a FIFO or a device would keep its reader waiting, or do something by being
// opened. Steps "open file", and "open special file" (EINVAL) for those.
struct OpenedFile {
  UniqueFd fd;
  bool made = false;
};
Result<OpenedFile> OpenFile(const FileRoot& root, const OpenFilePlan& plan);

// As a mere location (O_PATH). A link at the end is followed, or held itself.
enum class LastLink { kFollow, kKeep };
Result<UniqueFd> Locate(const FileRoot& root, const std::string& path, LastLink last, const char* step);

// The directory that a name is in, and the name.
struct NamedPlace {
  UniqueFd directory;
  std::string leaf;
};
Result<NamedPlace> PlaceOf(const FileRoot& root, const std::string& path, const char* step);

}  // namespace tsc
