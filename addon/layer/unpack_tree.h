// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/result.h"
#include "layer/entry_sieve.h"
#include "layer/live_tree.h"

namespace tsc {

struct UnpackTreeOptions {
  int input = -1;  // a tar: plain, gzip or zstd; read to its end
  LiveTreeOptions tree;
  EntrySieve sieve = {};
  std::optional<mode_t> mode = {};  // of every file, and of directories with x where there is r
  bool trusted = true;              // otherwise nothing keeps what would give it power: setuid, setgid, capabilities, ACLs
  bool devices = false;             // makes device nodes; else they are left out and counted
  bool single_id = false;           // everything is the caller's
  std::uint64_t max_id = 4294967295;
};

struct UnpackTreeResult {
  std::uint64_t entries = 0;
  std::uint64_t skipped_devices = 0;
  std::uint64_t dropped_xattrs = 0;
};

// Unpacks a stranger's tar into a tree that others may be using (layer/live_tree.h): files replace what is no directory, directories merge.
// Owners are the archive's, or the one of the options. Sets the umask while it runs. Steps "read layer", "decompress", "read tar",
// "unpack layer" (object: the entry), "ask filter".
Result<UnpackTreeResult> UnpackTree(UnpackTreeOptions options);

}  // namespace tsc
