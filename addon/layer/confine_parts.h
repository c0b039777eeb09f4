// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"

// The parts of ConfineWorker, in the order in which they can be applied. Not for use elsewhere.
namespace tsc::confine {

enum class Caps { kNone, kFiles, kFilesAndTrustedXattrs };

// Whether this process is in the first user namespace, where trusted.* attributes exist.
bool OnHost();

Status DropCapabilities(Caps keep);
// What may be done on the network.
enum class Network { kNone, kAnswer };

Status ApplyLandlock(int root, Network network);
Status ApplySeccomp(Network network);

inline Failure Because(const char* part) { return Errno("confine worker", part); }

}  // namespace tsc::confine
