// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/result.h"

// The parts of ConfineWorker, in the order in which they can be applied. Not for use elsewhere.
namespace tsc::confine {

enum class Caps { kNone, kFiles, kFilesAndTrustedXattrs };

// Whether this process is in the first user namespace, where trusted.* attributes exist.
bool OnHost();

Status DropCapabilities(Caps keep);
// What may be done on the network.
enum class Network { kNone, kAnswer };

// Directories by their descriptors.
struct Reach {
  int root;  // all but executing
  const std::vector<int>& readable;
};

Status ApplyLandlock(const Reach& reach, Network network);
Status ApplySeccomp(Network network);

inline Failure Because(const char* part) { return Errno("confine worker", part); }

}  // namespace tsc::confine
