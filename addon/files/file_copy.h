// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/json_reader.h"
#include "core/result.h"
#include "core/unique_fd.h"
#include "files/file_root.h"

namespace tsc {

// What the ids and devices of a container can be.
struct FileLimits {
  std::uint64_t max_id = 4294967295;
  bool single_id = false;
  bool devices = false;
};

// Streams of the `file.copy` operation, by the container's side.
//   in      a tar from descriptors[0] is unpacked below `path`; args {owner?, mode?}; {entries, skippedDevices, droppedXattrs}
//   out     what is at `path` goes to descriptors[0] as a tar: what is in a directory, or the one file, which is named `as`; {entries}
//   inject  the files of args {files: [{path, size, mode, owner?}…]}, whose content comes from descriptors[0] one after the other
// With three descriptors the others are those of an EntrySieve.
// Steps "copy in", "copy out", "read tar", "decompress", "ask filter", and those of opening files.
Result<Json> CopyFiles(const FileRoot& root, const Json& request, const std::vector<int>& descriptors, const FileLimits& limits);

bool IsFileCopy(const std::string& what);

}  // namespace tsc
