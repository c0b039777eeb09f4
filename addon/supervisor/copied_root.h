// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/json_reader.h"
#include "core/result.h"
#include "core/unique_fd.h"
#include "supervisor/host.h"

// Where the kernel mounts no overlay on the store, a container has a root of its own: containers/<id>/merged, a copy of its layers.
namespace tsc {

struct CopiedRoot {
  std::string id;                   // of the container
  std::vector<std::string> layers;  // hex diffIDs, lowest first
  std::string root_layer;           // the layer that says what the root directory itself is like; empty: none does
  bool shifted = false;             // it is root of a user namespace whose ids are not ours
  bool durable = false;             // it has to be whole after a power failure too
};

// Not made yet, or not finished.
bool LacksCopiedRoot(const Host& host, const std::string& id);

// Makes it; takes as long as copying a whole image does. For a worker (Background), which it shuts in to the store: source and target are
// both there, and what is copied was made by strangers. What an earlier attempt left is removed first. `merged` appears by rename.
Result<Json> MakeCopiedRoot(const Host& host, const CopiedRoot& root);

// The same directory as a detached mount.
Result<UniqueFd> MountCopiedRoot(const Host& host, const CopiedRoot& root);

// Whether mounts of that directory of the store can show a user namespace's ids; otherwise the owners of what is in it are theirs.
bool CanIdmap(const Host& host, const std::string& directory);

}  // namespace tsc
