// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cgroup/controllers.h"
#include "core/result.h"

namespace tsc {

// One mounted cgroup file system, and where this process is in it.
struct CgroupMount {
  bool unified = false;
  ControllerSet controllers = 0;  // of a v1 hierarchy
  std::string names;              // "cpu,cpuacct", "name=systemd"; empty for the unified tree
  std::string device;             // "0:38": what stat says of a directory in it, if the mount point is not hidden by another mount
  std::string point;              // mount point
  std::string root;               // the cgroup that is at the mount point, as /proc/self/cgroup names cgroups
  std::string own;                // this process's cgroup below the mount point ("/" the mount point itself); empty: not below it
};

// Pure: what the text of /proc/self/mountinfo and /proc/self/cgroup say. Of several mounts of one hierarchy the one below /sys/fs/cgroup
// wins, else the first; of two mounts on one point the later counts. Whether one is hidden in another way, `device` tells who opens it.
std::vector<CgroupMount> ParseCgroupMounts(std::string_view mountinfo, std::string_view self_cgroup);

Result<std::vector<CgroupMount>> ReadCgroupMounts();

}  // namespace tsc
