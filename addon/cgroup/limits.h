// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "cgroup/base.h"
#include "cgroup/resources.h"
#include "core/result.h"

namespace tsc {

// Letters, digits, "_", "." and "-", not beginning with "." or "-", at most 200.
bool ValidCgroupName(std::string_view name);

// The controllers whose files these resources need. A limit of "unlimited" needs none.
ControllerSet NeededControllers(const CgroupResources& resources);

// ENOTSUP for what cannot be held here; see CgroupDriver::Check.
Status CheckLimits(const CgroupBase& base, const CgroupResources& resources);

// Write what is given into the files of `<base>/<name>`. The controllers are there already.
Status ApplyV1(CgroupBase* base, const std::string& name, const CgroupResources& resources);
Status ApplyV2(const CgroupBase& base, const std::string& name, const CgroupResources& resources);

// memory.usage less the page cache of memory.stat, which the kernel gives up for a lower limit; `prefix` is "total_" on v1.
std::int64_t MemoryInUse(std::string_view usage, std::string_view stat, const std::string& prefix);

// cpu.shares of v1 (2 to 262144, 1024 the default) as cpu.weight of v2 (1 to 10000, 100 the default).
std::uint64_t CpuWeightOfShares(std::uint64_t shares);
// blkio.weight (10 to 1000) as io.weight (1 to 10000).
std::uint64_t IoWeightOfBlkio(std::uint64_t weight);

}  // namespace tsc
