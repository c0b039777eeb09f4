// SPDX-License-Identifier: Apache-2.0
#include "cgroup/cgroup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>

#include "cgroup/driver.h"
#include "cgroup/limits.h"
#include "cgroup/tree.h"
#include "core/paths.h"

namespace tsc {

Status Cgroup::Make(const CgroupResources& resources) {
  for (std::size_t i = 0; i < base_->hierarchies.size(); ++i) {
    if (!base_->hierarchies[i].on_demand) TSC_TRY(Enter(i));
  }
  TSC_TRY(OpenClone());
  return Apply(resources);
}

Status Cgroup::Enter(std::size_t index) {
  Hierarchy& hierarchy = base_->hierarchies[index];
  TSC_TRY(base_->Ensure(&hierarchy));
  int made = ::mkdirat(hierarchy.base.get(), container_.c_str(), 0755);
  if (made != 0 && errno == ENOENT) {
    TSC_TRY(base_->Renew(&hierarchy));
    made = ::mkdirat(hierarchy.base.get(), container_.c_str(), 0755);
  }
  if (made != 0 && !(errno == EEXIST && base_->take_over)) return Errno("mkdir cgroup", container_);
  made_ |= 1U << index;
  if (hierarchy.controllers & kCpuset) TSC_TRY(InheritCpuset(hierarchy.base.get(), container_));
  if (hierarchy.unified) return {};
  UniqueFd tasks(::openat(hierarchy.base.get(), (container_ + "/tasks").c_str(), O_WRONLY | O_CLOEXEC));
  if (!tasks) return Errno("open cgroup", container_ + "/tasks");
  const auto lower = joins_ & ((1U << index) - 1);
  tasks_.insert(tasks_.begin() + std::min<std::ptrdiff_t>(std::popcount(lower), std::ssize(tasks_)), std::move(tasks));
  joins_ |= 1U << index;
  return {};
}

Status Cgroup::OpenClone() {
  const Hierarchy* tree = base_->unified();
  if (!tree) return {};
  clone_.reset(::openat(tree->base.get(), name_.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!clone_) return Errno("open cgroup", name_);
  return {};
}

Status Cgroup::Demand(const CgroupResources& resources) {
  const ControllerSet needed = NeededControllers(resources) & base_->usable;
  if (base_->version == CgroupVersion::kV2) {
    base_->Enable(needed);
    return {};
  }
  for (std::size_t i = 0; i < base_->hierarchies.size(); ++i) {
    if ((base_->hierarchies[i].controllers & needed) && !(made_ & 1U << i)) TSC_TRY(EnterLate(i));
  }
  return {};
}

Status Cgroup::EnterLate(std::size_t index) {
  TSC_TRY(Enter(index));
  return MoveInto(index);
}

Status Cgroup::MoveInto(std::size_t index) const {
  // Processes fork while they are moved: as often as it takes until a pass finds nobody left.
  for (int pass = 0; pass < 100; ++pass) {
    const auto inside = TSC_TRY(ProcessesBelow(base_->hierarchies[index].base.get(), container_));
    bool moved = false;
    for (const pid_t pid : TSC_TRY(Processes())) {
      if (std::find(inside.begin(), inside.end(), pid) != inside.end()) continue;
      const auto procs = container_ + "/cgroup.procs";
      auto wrote = WriteFileAt(base_->hierarchies[index].base.get(), procs.c_str(), std::to_string(pid));
      if (!wrote && wrote.failure().error != ESRCH) return wrote;
      moved = true;
    }
    if (!moved) return {};
  }
  return Fail("join cgroup", EAGAIN, container_);
}

Status Cgroup::Apply(const CgroupResources& resources) {
  if (is_exec()) return Limit(resources);
  TSC_TRY(CheckLimits(*base_, resources));
  TSC_TRY(Demand(resources));
  if (base_->version == CgroupVersion::kV2) return ApplyV2(*base_, container_, resources);
  return ApplyV1(base_.get(), container_, resources);
}

Result<Cgroup> Cgroup::CreateExec(const std::string& name) const {
  if (!ValidCgroupName(name)) return Fail("cgroup name", EINVAL, name);
  Cgroup exec(base_, container_, container_ + "/" + name);
  exec.joins_ = joins_;
  const Hierarchy* tree = base_->unified();
  if (!tree) return exec;
  if (::mkdirat(tree->base.get(), exec.name_.c_str(), 0755) != 0) return Errno("mkdir cgroup", exec.name_);
  exec.made_ = 1;
  auto opened = exec.OpenClone();
  if (!opened) {
    (void)exec.Remove();
    return std::move(opened).failure();
  }
  return exec;
}

Status Cgroup::Delegate(uid_t uid, gid_t gid) const {
  const Hierarchy* tree = base_->unified();
  if (!tree) return Fail("delegate cgroup", ENOTSUP, name_);
  for (const char* file : {"", "/cgroup.procs", "/cgroup.subtree_control", "/cgroup.threads"}) {
    const std::string path = name_ + file;
    if (::fchownat(tree->base.get(), path.c_str(), uid, gid, AT_SYMLINK_NOFOLLOW) != 0) return Errno("delegate cgroup", path);
  }
  return {};
}

Status Cgroup::Remove() {
  clone_.reset();
  tasks_.clear();
  Status first;
  for (std::size_t i = 0; i < base_->hierarchies.size(); ++i) {
    if (!(made_ & 1U << i)) continue;
    const Hierarchy& hierarchy = base_->hierarchies[i];
    auto removed = RemoveCgroups(hierarchy.base.get(), name_);
    if (removed) made_ &= ~(1U << i);
    if (!removed && first) first = std::move(removed);
  }
  return first;
}

}  // namespace tsc
