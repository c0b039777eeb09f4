// SPDX-License-Identifier: Apache-2.0
#include "cgroup/driver.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "cgroup/limits.h"
#include "cgroup/probe.h"
#include "cgroup/tree.h"
#include "core/paths.h"

namespace tsc {
namespace {

constexpr const char* kSelf = ".supervisor";  // no valid name of a container
constexpr int kRemoveAttempts = 20;
constexpr useconds_t kRemovePause = 2000;

// A child that has just ended is counted there for a moment more, although it is not listed; somebody else will be the last.
void RemoveSoon(int dir, const std::string& name) {
  for (int attempt = 0; attempt < kRemoveAttempts; ++attempt) {
    const auto removed = RemoveCgroups(dir, name);
    if (removed.ok() || removed.failure().error != EBUSY) return;
    const auto processes = ReadFileAt(dir, (name + "/cgroup.procs").c_str());
    if (!processes.ok() || !processes->empty()) return;
    ::usleep(kRemovePause);
  }
}

}  // namespace

bool ValidCgroupName(std::string_view name) {
  if (name.empty() || name.size() > 200) return false;
  if (name[0] == '.' || name[0] == '-') return false;
  for (const char c : name) {
    const bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
    if (!fine) return false;
  }
  return true;
}

Result<CgroupDriver> CgroupDriver::Open(const CgroupOptions& options) {
  if (!ValidCgroupName(options.name)) return Fail("cgroup name", EINVAL, options.name);
  const auto mounts = TSC_TRY(ReadCgroupMounts());
  return CgroupDriver(std::make_shared<CgroupBase>(ProbeCgroups(options.name, options.v1_always, mounts)));
}

const std::string& CgroupDriver::reason(std::string_view controller) const {
  static const std::string nothing;
  const auto found = base_->reasons.find(controller);
  return found == base_->reasons.end() ? nothing : found->second;
}

Status CgroupDriver::Check(const CgroupResources& resources) const { return CheckLimits(*base_, resources); }

Result<Cgroup> CgroupDriver::Create(const std::string& name, const CgroupResources& resources) {
  if (!ValidCgroupName(name)) return Fail("cgroup name", EINVAL, name);
  TSC_TRY(Check(resources));
  if (base_->version == CgroupVersion::kNone) return Fail("create cgroup", ENOTSUP, name);
  Cgroup cgroup(base_, name, name);
  auto made = cgroup.Make(resources);
  if (!made) {
    (void)cgroup.Remove();
    return std::move(made).failure();
  }
  return cgroup;
}

Result<Cgroup> CgroupDriver::Adopt(const std::string& name) {
  if (!ValidCgroupName(name)) return Fail("cgroup name", EINVAL, name);
  Cgroup cgroup(base_, name, name);
  bool in_tree = false;
  for (std::size_t i = 0; i < base_->hierarchies.size(); ++i) {
    auto& hierarchy = base_->hierarchies[i];
    const std::string path = base_->name + "/" + name;
    if (::faccessat(hierarchy.parent.get(), path.c_str(), F_OK, 0) != 0) continue;
    TSC_TRY(base_->Ensure(&hierarchy));
    if (::faccessat(hierarchy.base.get(), name.c_str(), F_OK, 0) != 0) TSC_TRY(base_->Renew(&hierarchy));
    cgroup.made_ |= 1U << i;
    if (!hierarchy.unified) cgroup.joins_ |= 1U << i;
    in_tree = in_tree || hierarchy.unified;
  }
  if (cgroup.made_ == 0) return Fail("open cgroup", ENOENT, name);
  // Whoever was killed while it removed them, or made them, left some.
  if (in_tree) TSC_TRY(cgroup.OpenClone());
  return cgroup;
}

Status CgroupDriver::MoveSelf() {
  const Hierarchy* tree = base_->unified();
  if (!tree) return Fail("leave cgroup", ENOTSUP);
  const auto mounts = TSC_TRY(ReadCgroupMounts());
  for (const auto& mount : mounts) {
    if (!mount.unified || mount.own.empty()) continue;
    came_from_.reset(::open((mount.point + mount.own + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));
  }
  TSC_TRY(MakeCgroup(tree->base.get(), kSelf));
  return WriteFileAt(tree->base.get(), (std::string(kSelf) + "/cgroup.procs").c_str(), "0");
}

bool CgroupDriver::IsInSelf() const {
  const auto mounts = ReadCgroupMounts();
  if (!mounts.ok()) return false;
  const std::string place = "/" + base_->name + "/" + kSelf;
  return std::any_of(mounts->begin(), mounts->end(), [&](const auto& mount) { return mount.unified && mount.own.ends_with(place); });
}

Status CgroupDriver::Close() {
  const Hierarchy* tree = base_->unified();
  // A monitor was born where the supervisor is, and may be the last to leave: then it goes above the base.
  if (tree && !came_from_ && IsInSelf()) came_from_.reset(::openat(tree->parent.get(), "cgroup.procs", O_WRONLY | O_CLOEXEC));
  if (came_from_ && ::write(came_from_.get(), "0", 1) == 1) {
    came_from_.reset();
    RemoveSoon(tree->base.get(), kSelf);
  }
  for (auto& hierarchy : base_->hierarchies) {
    if (::unlinkat(hierarchy.parent.get(), base_->name.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT) continue;
    if (errno != EBUSY && errno != ENOTEMPTY) return Errno("remove cgroup", base_->name);
  }
  return {};
}

}  // namespace tsc
