// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "core/result.h"
#include "layer/copy_metadata.h"

namespace tsc {

struct CopyTreeOptions {
  int source = -1;  // an unpacked layer
  int target = -1;  // a directory with the layers below it, copied before; empty for the lowest
  IdShift shift = {};
  bool devices = true;  // make device nodes; otherwise they are skipped and counted
  // Directories of the layer that are there only because something below them is: what they are the layers below say.
  std::set<std::string> implied = {};
};

struct CopyTreeResult {
  std::uint64_t entries = 0;
  std::uint64_t skipped_devices = 0;
  std::uint64_t dropped_xattrs = 0;
};

// Lays a layer over a tree, so that the tree then is what overlayfs would show of both, the root's own metadata apart: whiteouts delete,
// opaque directories clear, a directory on a directory merges and brings its metadata, everything else replaces. Hard links within the
// layer, holes, owners, modes, modification times, file capabilities, ACLs and user.* are kept. Names are entries of directories that
// are held open: no symbolic link is followed, no mount entered. `target` is the caller's alone; what is in it after a failure is for the
// caller to remove. Sets the umask while it runs, so one at a time in a process. Step "copy layer" (object: the entry).
Result<CopyTreeResult> CopyTree(const CopyTreeOptions& options);

}  // namespace tsc
