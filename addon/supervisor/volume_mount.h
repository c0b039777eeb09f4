// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/result.h"
#include "supervisor/host.h"
#include "supervisor/volume_store.h"
#include "supervisor/volume_use.h"

// Volumes that are file systems of their own (the local driver's options `type`, `device` and `o`). They are mounted in the supervisor's
// mount namespace, which its monitors share, at the first container that has them, and unmounted after the last: nothing is left of them
// when all of these processes are gone.
namespace tsc {

// "<run root>/v1/volumes/<name>"
std::string VolumeMountPath(const Host& host, const std::string& name);

// Mounts it, unless it is. One in memory by the supervisor's own thread, before it is held: EBUSY ("mount volume") where containers of an
// earlier supervisor have it, which would not share it. Others by a worker, since a server may not answer.
Status MountVolume(const Host& host, const VolumeUse& use);

// Where nobody holds the volume any more.
void UnmountVolume(const Host& host, const std::string& name);

}  // namespace tsc
