// SPDX-License-Identifier: Apache-2.0
#include "cgroup/probe.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "cgroup/tree.h"
#include "core/paths.h"

namespace tsc {
namespace {

constexpr ControllerSet kMain = kMemory | kCpu | kPids;
constexpr const char* kNotDelegated = "no delegated cgroup: run under `systemd-run --user --scope -p Delegate=yes …`, or as root";

// The directory at the mount point, if it is this file system and not one that was mounted over it.
UniqueFd OpenMount(const CgroupMount& mount) {
  UniqueFd fd(::open(mount.point.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  struct stat info {};
  struct statfs kind {};
  if (!fd || ::fstat(fd.get(), &info) != 0 || ::fstatfs(fd.get(), &kind) != 0) return {};
  const auto magic = static_cast<unsigned long>(kind.f_type);
  if (magic != (mount.unified ? CGROUP2_SUPER_MAGIC : CGROUP_SUPER_MAGIC)) return {};
  if (mount.device != std::to_string(major(info.st_dev)) + ":" + std::to_string(minor(info.st_dev))) return {};
  return fd;
}

bool CanHoldCgroups(int mount, const std::string& path) {
  return CanWrite(mount, path.c_str()) && CanWrite(mount, (path + "/cgroup.procs").c_str()) &&
         CanWrite(mount, (path + "/cgroup.subtree_control").c_str());
}

// In which directory of the unified tree cgroups can be made and this process's children moved there: the topmost of the mount point (".")
// and the cgroups between it and our own that we may write. Empty, with errno: none.
std::string WritableTop(int mount, const std::string& own) {
  if (CanHoldCgroups(mount, ".")) return ".";
  if (errno == EROFS) return {};
  for (std::size_t at = 1; at < own.size();) {
    at = std::min(own.find('/', at), own.size());
    if (auto path = own.substr(1, at - 1); CanHoldCgroups(mount, path)) return path;
    ++at;
  }
  errno = EACCES;
  return {};
}

std::string WhyUnusable(int error, const CgroupMount& mount) {
  if (error == EROFS) {
    return mount.point +
           " is mounted read-only: give the outer container a writable cgroup tree (docker run --cgroupns=private "
           "--security-opt writable-cgroups=true, or --privileged)";
  }
  if (error == ENOENT) return mount.point + " is covered by another mount here: start this program where it can be seen";
  if (error == EACCES || error == EPERM) return mount.unified ? kNotDelegated : mount.point + " can be written only by root: run as root";
  if (error == EOPNOTSUPP) return mount.point + " is in threaded mode, where containers cannot be: start this program in another cgroup";
  return "no cgroup can be made in " + mount.point + ": " + std::strerror(error);
}

// Where a cgroup above has threads of its own and controllers for its children, these can hold no processes ("domain invalid").
bool HoldsDomains(int base) {
  const auto type = ReadFileAt(base, "cgroup.type");
  return type && *type == "domain\n";
}

// Opens one tree; 0 or the errno.
int OpenHierarchy(const CgroupMount& mount, const std::string& name, Hierarchy* out) {
  UniqueFd root = OpenMount(mount);
  if (!root) return ENOENT;
  std::string below = ".";
  if (mount.unified) below = WritableTop(root.get(), mount.own);
  if (below.empty() || (!mount.unified && !CanWrite(root.get(), "."))) return errno;
  out->unified = mount.unified;
  out->controllers = mount.controllers;
  out->where = below == "." ? mount.point : mount.point + "/" + below;
  out->parent.reset(::openat(root.get(), below.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!out->parent) return errno;
  if (out->on_demand) return 0;
  auto base = MakeCgroupPath(*out, name);
  if (!base) return base.failure().error;
  out->base = std::move(*base);
  if (mount.unified && name != "." && !HoldsDomains(out->base.get())) {
    ::unlinkat(out->parent.get(), name.c_str(), AT_REMOVEDIR);
    return EOPNOTSUPP;
  }
  return 0;
}

// The files may be there, and say EOPNOTSUPP when they are read: the kernel was booted without.
bool TellsPressure(const Hierarchy* tree) { return tree && tree->base && ReadFileAt(tree->base.get(), "memory.pressure").ok(); }

// The topmost cgroup of the unified tree lacks files that all below it have: there those are asked.
bool Exists(const Hierarchy* hierarchy, const char* file) {
  if (!hierarchy) return false;
  const int base = hierarchy->base ? hierarchy->base.get() : hierarchy->parent.get();
  if (::faccessat(base, file, F_OK, 0) == 0) return true;
  if (!hierarchy->unified || ::faccessat(base, "cgroup.events", F_OK, 0) == 0) return false;
  const auto below = ChildCgroups(base, ".");
  return below.ok() && std::any_of(below->begin(), below->end(),
                                   [&](const std::string& child) { return ::faccessat(base, (child + "/" + file).c_str(), F_OK, 0) == 0; });
}

// io is for its counters: enabled while nothing runs, it costs no grace period.
void ProbeV2(CgroupBase* base) {
  base->Enable(kMain | kIo);
  base->usable = base->enabled;
  // The others are enabled when first needed; they can be, if they are offered and the first ones were not refused.
  const Hierarchy& tree = base->hierarchies[0];
  base->usable |= base->Offered(kCpuset | kHugetlb | kRdma | kMisc);
  base->has_swap = Exists(&tree, "memory.swap.max");
}

void ProbeV1(CgroupBase* base) {
  for (const auto& hierarchy : base->hierarchies) base->usable |= hierarchy.controllers;
  base->has_swap = Exists(base->Find(kMemory), "memory.memsw.limit_in_bytes");
}

void AddHierarchies(const std::vector<CgroupMount>& mounts, bool unified, ControllerSet always, CgroupBase* base) {
  for (const auto& mount : mounts) {
    if (mount.unified != unified || (!unified && mount.controllers == 0)) continue;
    Hierarchy hierarchy;
    hierarchy.on_demand = !unified && !(mount.controllers & always);
    const int error = OpenHierarchy(mount, base->name, &hierarchy);
    if (error == 0) {
      base->hierarchies.push_back(std::move(hierarchy));
      continue;
    }
    const std::string why = WhyUnusable(error, mount);
    base->reasons.emplace("", why);
    for (const auto& known : kControllerNames) {
      if (mount.controllers & known.bit) base->reasons.emplace(known.v2.empty() ? known.v1 : known.v2, why);
    }
  }
}

CgroupVersion Decide(const CgroupBase& base, bool v1_main) {
  if (base.hierarchies.empty()) return CgroupVersion::kNone;
  if (!base.unified()) return CgroupVersion::kV1;
  return v1_main ? CgroupVersion::kHybrid : CgroupVersion::kV2;
}

void Name(CgroupBase* base, const char* name, bool there, const char* why) {
  if (there) {
    base->names.emplace_back(name);
    base->reasons.erase(name);
    return;
  }
  if (const auto found = base->reasons.find(name); found != base->reasons.end() && found->second.empty()) base->reasons.erase(found);
  const auto general = base->version == CgroupVersion::kNone ? base->reasons.find("") : base->reasons.end();
  base->reasons.emplace(name, general == base->reasons.end() ? why : general->second);
}

void NameAll(CgroupBase* base) {
  const bool v2 = base->version == CgroupVersion::kV2;
  const char* none = v2 ? "the kernel offers no such controller here" : "no hierarchy with this controller is mounted";
  Name(base, "memory", base->usable & kMemory, none);
  Name(base, "swap", base->has_swap, "the kernel does not account swap: boot with swapaccount=1, or a kernel with CONFIG_SWAP");
  Name(base, "cpu", base->usable & kCpu, none);
  Name(base, "cpuset", base->usable & kCpuset, none);
  Name(base, "pids", base->usable & kPids, none);
  Name(base, "io", base->usable & kIo, none);
  Name(base, "devices", base->usable & kDevices, "v2 has no such controller: a container reaches the devices it has nodes for");
  Name(base, "freeze", base->has_freeze || (base->usable & kFreezer), "the kernel has neither cgroup.freeze nor a freezer hierarchy");
  Name(base, "pressure", base->has_pressure,
       base->unified() ? "the kernel measures no pressure: boot with psi=1, or a kernel with CONFIG_PSI"
                       : "only cgroup v2 tells it: mount the unified tree, as systemd does");
  Name(base, "kill", !base->hierarchies.empty(), none);
  Name(base, "oom", base->usable & kMemory, "it needs the memory controller");
}

}  // namespace

CgroupBase ProbeCgroups(const std::string& name, ControllerSet v1_always, const std::vector<CgroupMount>& mounts) {
  CgroupBase base;
  base.name = name;
  bool v1_main = false;
  for (const auto& mount : mounts) v1_main |= !mount.unified && (mount.controllers & kMain);
  AddHierarchies(mounts, true, v1_always, &base);
  base.has_kill = base.unified() && Exists(base.unified(), "cgroup.kill");
  base.has_pressure = TellsPressure(base.unified());
  base.has_freeze = base.unified() && Exists(base.unified(), "cgroup.freeze");
  if (!base.has_freeze) v1_always |= kFreezer;
  if (!Exists(base.unified(), "cpu.stat")) v1_always |= kCpuacct;
  if (v1_main) AddHierarchies(mounts, false, v1_always, &base);
  base.version = Decide(base, v1_main);
  if (base.version == CgroupVersion::kV2) ProbeV2(&base);
  if (base.version == CgroupVersion::kHybrid || base.version == CgroupVersion::kV1) ProbeV1(&base);
  if (base.version == CgroupVersion::kNone) base.reasons.emplace("", "no cgroup file system is mounted");
  NameAll(&base);
  return base;
}

}  // namespace tsc
