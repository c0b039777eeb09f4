// SPDX-License-Identifier: Apache-2.0
#include "cgroup/base.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "core/paths.h"

namespace tsc {
namespace {

bool Lists(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    const auto end = list.find_first_of(" \n");
    if (list.substr(0, end) == name) return true;
    list = end == std::string_view::npos ? std::string_view{} : list.substr(end + 1);
  }
  return false;
}

std::string WhyNotEnabled(int error, std::string_view name, const std::string& where) {
  const std::string controller(name);
  if (error == EBUSY) {
    return "the " + controller + " controller cannot be enabled in " + where +
           " while processes are in that cgroup itself: start this program in a child of it (systemd 254 or newer: -p Delegate=yes -p "
           "DelegateSubgroup=main)";
  }
  if (error == ENOENT) return "the kernel offers no " + controller + " controller in " + where;
  if (error == EINVAL) return "the kernel refuses to enable the " + controller + " controller in " + where + " (realtime processes?)";
  return "the " + controller + " controller cannot be enabled in " + where + ": no permission";
}

std::string WhyNotOffered(std::string_view name, const std::string& where, bool mount_root) {
  const std::string controller(name);
  if (mount_root) return "the kernel offers no " + controller + " controller in " + where;
  return "the " + controller + " controller is not delegated to " + where +
         ": put `[Service]\\nDelegate=cpu cpuset io memory pids` into /etc/systemd/system/user@.service.d/delegate.conf, run `systemctl "
         "daemon-reload` and log in again";
}

// Whether this cgroup, not the root, holds processes itself. The kernel refuses domain controllers (memory, io) there by EBUSY, but
// takes threaded ones (cpu, pids), after which no child can hold a process any more ("domain invalid").
bool HoldsProcesses(int dir, const std::string& prefix) {
  if (::faccessat(dir, (prefix + "cgroup.type").c_str(), F_OK, 0) != 0) return false;
  char byte;
  const UniqueFd procs(::openat(dir, (prefix + "cgroup.procs").c_str(), O_RDONLY | O_CLOEXEC));
  return procs && ::read(procs.get(), &byte, 1) != 0;
}

// Adds to the subtree_control of one directory what is wanted and not yet there; returns what is there in the end. One write a controller:
// one that is refused must not keep the others out.
ControllerSet EnableIn(int dir, const char* child, ControllerSet wanted, CgroupBase* base, const std::string& where) {
  const std::string prefix = *child ? std::string(child) + "/" : std::string();
  const auto offered = ReadFileAt(dir, (prefix + "cgroup.controllers").c_str());
  const auto present = ReadFileAt(dir, (prefix + "cgroup.subtree_control").c_str());
  if (!offered || !present) return 0;
  const bool blocked = HoldsProcesses(dir, prefix);
  ControllerSet enabled = 0;
  for (const auto& known : kControllerNames) {
    if (!(wanted & known.bit) || known.v2.empty()) continue;
    std::string& reason = base->reasons[std::string(known.v2)];
    reason.clear();
    if (!Lists(*present, known.v2) && !Lists(*offered, known.v2)) {
      reason = WhyNotOffered(known.v2, where, ::faccessat(dir, "cgroup.type", F_OK, 0) != 0);
    } else if (!Lists(*present, known.v2) && blocked) {
      reason = WhyNotEnabled(EBUSY, known.v2, where);
    } else if (!Lists(*present, known.v2)) {
      const auto wrote = WriteFileAt(dir, (prefix + "cgroup.subtree_control").c_str(), "+" + std::string(known.v2));
      if (!wrote) reason = WhyNotEnabled(wrote.failure().error, known.v2, where);
    }
    if (reason.empty()) enabled |= known.bit;
  }
  return enabled;
}

}  // namespace

Hierarchy* CgroupBase::Find(ControllerSet controller) {
  if (version == CgroupVersion::kV2) return usable & controller ? &hierarchies[0] : nullptr;
  for (auto& hierarchy : hierarchies) {
    if (hierarchy.controllers & controller) return &hierarchy;
  }
  return nullptr;
}

Status CgroupBase::Ensure(Hierarchy* hierarchy) {
  if (hierarchy->base) return {};
  hierarchy->base = TSC_TRY(MakeCgroupPath(*hierarchy, name));
  return {};
}

Status CgroupBase::Renew(Hierarchy* hierarchy) {
  hierarchy->base.reset();
  if (hierarchy->unified) enabled = 0;
  return Ensure(hierarchy);
}

void CgroupBase::Enable(ControllerSet wanted) {
  wanted &= ~enabled;
  if (wanted == 0 || version != CgroupVersion::kV2) return;
  Hierarchy& tree = hierarchies[0];
  ControllerSet above = EnableIn(tree.parent.get(), "", wanted, this, tree.where);
  for (std::size_t at = 0; name != "." && at < name.size() && above != 0; ++at) {
    at = std::min(name.find('/', at), name.size());
    const auto path = name.substr(0, at);
    above = EnableIn(tree.parent.get(), path.c_str(), above, this, tree.where + "/" + path);
  }
  enabled |= above;
}

ControllerSet CgroupBase::Offered(ControllerSet wanted) const {
  const int parent = hierarchies[0].parent.get();
  const auto offered = ReadFileAt(parent, enabled ? "cgroup.controllers" : "cgroup.subtree_control");
  ControllerSet found = 0;
  for (const auto& known : kControllerNames) {
    if ((wanted & known.bit) && offered && Lists(*offered, known.v2)) found |= known.bit;
  }
  return found;
}

Result<UniqueFd> MakeCgroupPath(const Hierarchy& hierarchy, const std::string& path) {
  UniqueFd here(::openat(hierarchy.parent.get(), ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!here) return Errno("open cgroup", path);
  for (std::size_t at = 0; path != "." && at < path.size(); ++at) {
    const auto end = std::min(path.find('/', at), path.size());
    const auto name = path.substr(at, end - at);
    auto next = TSC_TRY(MakeCgroup(here.get(), name));
    const bool empty =
        (hierarchy.controllers & kCpuset) && TSC_TRY(ReadFileAt(next.get(), "cpuset.cpus")).find_first_not_of('\n') == std::string::npos;
    if (empty) TSC_TRY(InheritCpuset(here.get(), name));
    here = std::move(next);
    at = end;
  }
  return here;
}

Result<UniqueFd> MakeCgroup(int parent, const std::string& name) {
  if (::mkdirat(parent, name.c_str(), 0755) != 0 && errno != EEXIST) return Errno("mkdir cgroup", name);
  UniqueFd fd(::openat(parent, name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return Errno("open cgroup", name);
  return fd;
}

Status InheritCpuset(int parent, const std::string& child) {
  for (const char* file : {"cpuset.cpus", "cpuset.mems"}) {
    const auto value = TSC_TRY(ReadFileAt(parent, file));
    const auto path = child + "/" + std::string(file);
    TSC_TRY(WriteFileAt(parent, path.c_str(), value));
  }
  return {};
}

bool CanWrite(int dir, const char* name) { return ::faccessat(dir, name, W_OK, AT_EACCESS) == 0; }

}  // namespace tsc
