// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cgroup/controllers.h"
#include "cgroup/mounts.h"
#include "core/result.h"
#include "core/unique_fd.h"

namespace tsc {

// One cgroup tree of the host in which this engine may work, and the engine's own directory in it.
struct Hierarchy {
  bool unified = false;
  bool on_demand = false;         // v1: entered only by a container whose resources need it
  ControllerSet controllers = 0;  // v1: those of the hierarchy
  std::string where;              // path of the directory that holds the base, for messages and Reclaim
  UniqueFd parent;                // that directory
  UniqueFd base;                  // <parent>/<name>; of an on-demand hierarchy only once it is used
};

// What driver and cgroups share. The first hierarchy is the unified one, where there is one.
struct CgroupBase {
  std::string name;        // a path where others chose it
  bool take_over = false;  // a container's cgroup may be there already, empty
  CgroupVersion version = CgroupVersion::kNone;
  std::vector<Hierarchy> hierarchies;
  ControllerSet usable = 0;   // limits of these controllers can be set
  ControllerSet enabled = 0;  // v2: in the subtree_control of the base
  bool has_kill = false;      // cgroup.kill (5.14)
  bool has_freeze = false;    // cgroup.freeze
  bool has_pressure = false;  // cgroups of the unified tree tell their pressure
  bool has_swap = false;
  bool has_io_weight = false;
  std::map<std::string, std::string, std::less<>> reasons;  // by controller, and "" for having none at all
  std::vector<std::string> names;                           // of what is usable, for CgroupDriver::controllers

  const Hierarchy* unified() const { return !hierarchies.empty() && hierarchies[0].unified ? &hierarchies[0] : nullptr; }
  // The tree in which limits of this controller are set, or nullptr.
  Hierarchy* Find(ControllerSet controller);
  bool v2(ControllerSet controller) const { return version == CgroupVersion::kV2 && (usable & controller); }

  // Makes the base of a v1 hierarchy that is used on demand.
  Status Ensure(Hierarchy* hierarchy);
  // The engine's supervisor and its monitors share the base, and whoever leaves last removes it: another one may have thought to be that.
  Status Renew(Hierarchy* hierarchy);
  // v2: makes these controllers available to the cgroups of containers. Those that cannot be are left out, with a reason.
  void Enable(ControllerSet wanted);
  // v2: those of `wanted` that Enable will most likely get: offered, and none was refused so far for processes in the way.
  ControllerSet Offered(ControllerSet wanted) const;
};

// MakeCgroup for each part of a path; a cpuset gets its cpus and mems on the way.
Result<UniqueFd> MakeCgroupPath(const Hierarchy& hierarchy, const std::string& path);

// mkdir for a cgroup, fine where it exists, and a descriptor of it (O_PATH).
Result<UniqueFd> MakeCgroup(int parent, const std::string& name);

// v1: a new cpuset has no cpus and mems, and nothing can join it until it has those of the cgroup above.
Status InheritCpuset(int parent, const std::string& child);

bool CanWrite(int dir, const char* name);

}  // namespace tsc
