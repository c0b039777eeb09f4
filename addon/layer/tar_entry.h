// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <ctime>
#include <string>
#include <utility>
#include <vector>

namespace tsc {

enum class TarType { kFile, kHardLink, kSymlink, kCharDevice, kBlockDevice, kDirectory, kFifo };

// A stretch of a sparse file that holds data; the rest are holes.
struct SparseRun {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

// One member of an archive as it stands there: names are neither cleaned nor checked, ids may be anything.
struct TarEntry {
  std::string name;
  std::string link;  // target of a hard or symbolic link
  TarType type = TarType::kFile;
  mode_t mode = 0;  // permission bits, at most 07777
  std::uint64_t uid = 0;
  std::uint64_t gid = 0;
  std::uint64_t size = 0;  // of the file once unpacked, holes included
  timespec mtime{};
  unsigned major = 0;
  unsigned minor = 0;
  bool sparse = false;
  std::vector<std::pair<std::string, std::string>> xattrs;  // full name ("user.x"), value
};

}  // namespace tsc
