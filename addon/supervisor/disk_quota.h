// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/result.h"
#include "supervisor/host.h"

// How much a container may write to its own file system: a project quota of the store's (ext4 and xfs have them), on the directories in
// which overlay keeps what it writes. Everything made in them inherits the project, and no container in a user namespace can change it.
namespace tsc {

// Whether the store's file system holds such limits, and we may set them: root, ext4 or xfs mounted with prjquota.
bool HoldsDiskQuotas(const Host& host);

// Gives `upper` and `work` of the container's directory, both empty, a project of their own with that limit.
Status SetDiskQuota(int directory, std::uint64_t bytes);

// Forgets the limit of a container that had one, before its directory goes. Fine for those that had none.
void ClearDiskQuota(int root, const std::string& path);

// The same for an empty directory of another kind, a volume's, and everything that will be made in it.
Status SetTreeQuota(int directory, std::uint64_t bytes);
void ClearTreeQuota(int root, const std::string& path);

}  // namespace tsc
