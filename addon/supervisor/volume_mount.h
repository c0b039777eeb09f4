// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/result.h"
#include "supervisor/host.h"
#include "supervisor/volume_store.h"

// Volumes that are file systems of their own (the local driver's options `type`, `device` and `o`). They are mounted in the supervisor's
// mount namespace, which its monitors share, at the first container that has them, and unmounted after the last: nothing is left of them
// when all of these processes are gone.
namespace tsc {

// "<run root>/v1/volumes/<name>"
std::string VolumeMountPath(const Host& host, const std::string& name);

// Mounts it, unless it is. Nobody of this namespace may hold it for the first time meanwhile: for the supervisor's own thread. EBUSY
// ("mount volume") for one in memory that containers of an earlier supervisor have: they would not share it.
Status MountVolume(const Host& host, const VolumeUse& use);

// Where nobody holds the volume any more.
void UnmountVolume(const Host& host, const std::string& name);

}  // namespace tsc
