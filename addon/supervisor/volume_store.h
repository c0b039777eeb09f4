// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "core/result.h"
#include "core/unique_fd.h"
#include "supervisor/host.h"

// Volumes on disk: `volumes/<name>/`, which appears and goes by one rename each, with volume.json and data/. Whoever has a container that
// uses one holds a lock on its directory (flock, shared), supervisor or monitor: it ends with the process.
namespace tsc {

// EEXIST ("make volume") where there is one of that name. `quota`: bytes it may hold, where the host has such limits; 0 is none.
Status MakeVolume(const Host& host, const std::string& name, const std::string& record, std::uint64_t quota = 0);

// Locks the volume as one in use; ENOENT where there is none. It cannot be removed meanwhile.
Result<UniqueFd> HoldVolume(const Host& host, const std::string& name);

// Moves it into the trash. EBUSY ("remove volume") while somebody holds it, or a detached container that is stopped has it; then the object
// is that container's name, where it is known. ENOENT where there is none.
Status RemoveVolume(const Host& host, const std::string& name);

// The name of a detached container that has it, whether somebody has that in memory or not.
Result<std::optional<std::string>> StoredVolumeUser(const Host& host, const std::string& name);

// An anonymous volume goes with the container whose id its record has. Forgetting that id it stays.
void ReleaseVolume(const Host& host, const std::string& name);

// At a supervisor's start: volumes of containers that are gone, or never came to be.
void SweepVolumes(const Host& host);

// "<root>/volumes/<name>/data"
std::string VolumePath(const Host& host, const std::string& name);

}  // namespace tsc
