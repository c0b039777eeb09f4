// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/unique_fd.h"
#include "runtime/child_ahead.h"
#include "runtime/container_plan.h"

namespace tsc {

// A tmpfs with the default devices and those of the specification, made by real root: in a user namespace mknod(2) is refused.
// `owner` is the container's root as the host knows it.
Result<UniqueFd> MakeDeviceFileSystem(const Spec& spec, const Mount& dev, uid_t owner_uid, gid_t owner_gid);

// Fills the /dev that was just mounted: bind mounts of the host's devices (unless the file system came with its nodes), and the links.
Status ChildMakeDevices(const ContainerPlan& plan, std::size_t dev_mount, int root, Ahead* ahead);

// Opens a new terminal in the container's own devpts, makes it the controlling one and stdio; gives back the master.
Result<UniqueFd> ChildOpenTerminal(const Process& process);

// Shows the terminal that is stdin at /dev/console, too.
Status ChildPlaceConsole();

}  // namespace tsc
