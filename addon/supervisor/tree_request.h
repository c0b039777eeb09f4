// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "core/json_reader.h"
#include "core/result.h"
#include "core/unique_fd.h"
#include "supervisor/host.h"

// What a container wrote, and what it sees of its root, read from the store: running, stopped, or never started.
namespace tsc {

struct TreeRequest {
  std::string id;                   // of the container
  std::vector<std::string> layers;  // hex diffIDs, lowest first
  bool user_namespace = false;
  std::string what;  // "export", "changes", "pack", "usage"
  Json args;
};

// What on the disk is root's in a container.
std::uint64_t TreeIdBase(const Host& host, bool user_namespace);

// What it wrote, below the store: the upper directory of its overlay, or its whole copied root.
std::string TreePath(const Host& host, const std::string& container);

// What a copied root has for every container's own mounts, where the image has nothing there.
const std::set<std::string>& RootMountPoints();

// Whether there is such a thing to ask for, so that a request can be refused before a worker is forked.
bool IsTreeRequest(const std::string& what);

// Does it, shut in (layer/confine.h) with the store as nothing but readable. For a worker (Background).
//   export   a tar of the root goes to `output`; {entries, skippedSockets}
//   changes  records of a letter (layer/tree_changes.h), a path and a NUL go to `output`; {changes}
//   pack     a layer of the changes goes to `output`; args and result as those of layer.pack, and {changes}
//   usage    {bytes, entries} of what the container wrote
Result<Json> ReadTree(const Host& host, const TreeRequest& request, int output, const std::function<void(const Json&)>& progress);

// Makes the layer that is to lie on top of these in the staging directory (layer/fix_up.h); {directories}. For a worker as well.
Result<Json> FixUpLayers(const Host& host, const std::vector<std::string>& layers, const std::string& staging);

}  // namespace tsc
