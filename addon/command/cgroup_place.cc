// SPDX-License-Identifier: Apache-2.0
#include "command/cgroup_place.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <time.h>
#include <unistd.h>

#include <set>

#include "cgroup/mounts.h"
#include "cgroup/tree.h"
#include "command/sentence.h"
#include "core/syscalls.h"
#include "runtime/mount_kit.h"

namespace tsc {
namespace {

// Whoever calls reads the counts of every hierarchy at the place where its processes are.
constexpr ControllerSet kEveryHierarchy = kMemory | kCpu | kCpuacct | kPids | kDevices | kCpuset | kIo | kFreezer;

Result<CgroupDriver> Driver(const Record& record) {
  CgroupOptions options;
  options.name = record.cgroup_base;
  options.chosen = true;
  options.v1_always = kEveryHierarchy;
  return CgroupDriver::Open(options);
}

std::string PathOf(const Record& record) { return record.cgroup_base == "." ? record.cgroup : record.cgroup_base + "/" + record.cgroup; }

DeviceRule Allow(char type, std::optional<std::int64_t> major, std::optional<std::int64_t> minor, const char* access) {
  return {true, type, major, minor, access};
}

}  // namespace

Status PlaceCgroup(const Json& config, Record* record) {
  std::string path = StringMember(Member(config, "linux"), "cgroupsPath");
  if (path.empty()) path = record->id;
  if (path.find(':') != std::string::npos) {
    return Refuse("cgroupsPath \"" + path +
                  "\" is for systemd: configure the caller for the cgroupfs driver (podman: --cgroup-manager=cgroupfs, docker: "
                  "native.cgroupdriver=cgroupfs)");
  }
  while (!path.empty() && path.front() == '/') path.erase(0, 1);
  while (!path.empty() && path.back() == '/') path.pop_back();
  const auto slash = path.rfind('/');
  record->cgroup_base = slash == std::string::npos ? "." : path.substr(0, slash);
  record->cgroup = slash == std::string::npos ? path : path.substr(slash + 1);
  return {};
}

Result<CgroupResources> ResourcesOf(const Json& config) {
  auto resources = TSC_TRY(ParseResources(Member(Member(config, "linux"), "resources")));
  if (resources.devices.empty()) return resources;
  auto& rules = resources.devices;
  // mknod of anything, then null zero full random urandom, tty console ptmx, terminals.
  for (const char type : {'c', 'b'}) rules.push_back(Allow(type, {}, {}, "m"));
  for (const int minor : {3, 5, 7, 8, 9}) rules.push_back(Allow('c', 1, minor, "rwm"));
  for (const int minor : {0, 1, 2}) rules.push_back(Allow('c', 5, minor, "rwm"));
  rules.push_back(Allow('c', 136, {}, "rwm"));
  return resources;
}

Result<std::optional<Cgroup>> MakeContainerCgroup(const Record& record, const CgroupResources& resources) {
  auto driver = TSC_TRY(Driver(record));
  TSC_TRY(driver.Check(resources));
  if (driver.version() == CgroupVersion::kNone) return std::optional<Cgroup>();
  auto cgroup = TSC_TRY(driver.Create(record.cgroup, resources));
  if (TSC_TRY(cgroup.Populated())) return Refuse("the container's cgroup " + PathOf(record) + " is not empty");
  return std::optional<Cgroup>(std::move(cgroup));
}

Result<Cgroup> OpenContainerCgroup(const Record& record) {
  if (record.cgroup.empty()) return Fail("open cgroup", ENOENT, record.id);
  auto driver = TSC_TRY(Driver(record));
  return driver.Adopt(record.cgroup);
}

bool IsFrozen(const Record& record) {
  const auto cgroup = OpenContainerCgroup(record);
  if (!cgroup.ok()) return false;
  const auto frozen = cgroup->IsFrozen();
  return frozen.ok() && *frozen;
}

Result<std::vector<pid_t>> ContainerProcesses(const Record& record) {
  std::set<pid_t> pids;
  for (const auto& mount : TSC_TRY(ReadCgroupMounts())) {
    if (!mount.unified && mount.controllers == 0) continue;
    const UniqueFd point(::open(mount.point.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!point) continue;
    const auto found = ProcessesBelow(point.get(), PathOf(record));
    if (found.ok()) pids.insert(found->begin(), found->end());
  }
  return std::vector<pid_t>(pids.begin(), pids.end());
}

Status RemoveContainerCgroup(const Record& record) {
  auto cgroup = OpenContainerCgroup(record);
  if (!cgroup.ok()) return cgroup.failure().error == ENOENT || cgroup.failure().error == ENOTSUP ? Status{} : Status(cgroup.failure());
  const auto populated = cgroup->Populated();
  if (!populated.ok() || *populated) (void)cgroup->Kill();
  // What was killed leaves its cgroup a little later.
  for (int tries = 0;; ++tries) {
    auto removed = cgroup->Remove();
    if (removed.ok() || removed.failure().error != EBUSY || tries == 500) return removed;
    const timespec pause{0, tries < 20 ? 1000000 : 10000000};
    ::nanosleep(&pause, nullptr);
  }
}

Result<std::vector<CgroupView>> CgroupViews(const Record& record, std::uint64_t attributes) {
  std::vector<CgroupView> views;
  const auto mounts = TSC_TRY(ReadCgroupMounts());
  bool has_v1 = false;
  for (const auto& mount : mounts) has_v1 = has_v1 || mount.controllers != 0;
  if (!has_v1) return views;
  for (const auto& mount : mounts) {
    auto tree = CloneMount(AT_FDCWD, mount.point + "/" + PathOf(record), false);
    if (!tree.ok()) continue;  // a hierarchy without controllers of ours
    const sys::MountAttr attr{attributes, 0, MS_PRIVATE, 0};
    if (sys::mount_setattr(tree->get(), "", AT_EMPTY_PATH, attr) != 0) return Errno("set mount options", mount.point);
    views.push_back({mount.point.substr(mount.point.rfind('/') + 1), std::move(*tree)});
  }
  return views;
}

}  // namespace tsc
