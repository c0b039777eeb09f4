// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>
#include <unistd.h>

#include "cgroup/cgroup.h"
#include "cgroup/limits.h"
#include "cgroup/tree.h"
#include "core/paths.h"

namespace tsc {
namespace {

constexpr ControllerSet kForExecs = kMemory | kCpu | kPids;
constexpr int kQuickPasses = 8;
constexpr int kHeldPasses = 100;
constexpr int kBusyTries = 200;
constexpr useconds_t kBusyUs = 500;

// The members of that one cgroup, not of those below.
Result<std::vector<std::string>> Members(int base, const std::string& name) {
  const auto text = TSC_TRY(ReadFileAt(base, (name + "/cgroup.procs").c_str(), 64 << 20));
  std::vector<std::string> pids;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    pids.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return pids;
}

// Processes fork while they are moved: again and again, until nobody is left.
Status MoveAll(int base, const std::string& from, const std::string& to, int passes) {
  for (int pass = 0; pass < passes; ++pass) {
    const auto pids = TSC_TRY(Members(base, from));
    if (pids.empty()) return {};
    for (const auto& pid : pids) {
      auto moved = WriteFileAt(base, (to + "/cgroup.procs").c_str(), pid);
      if (!moved && moved.failure().error != ESRCH) return moved;
    }
  }
  return Fail("divide cgroup", EAGAIN, from);
}

// Whoever forks faster than it can be moved does not while it is frozen, and is frozen at its new place too.
Status MoveAllHeld(int base, const std::string& from, const std::string& to) {
  const std::string freeze = from + "/cgroup.freeze";
  char buffer[8];
  const bool paused = TSC_TRY(ReadAttribute(base, freeze, buffer, sizeof buffer)).substr(0, 1) == "1";
  if (!paused) TSC_TRY(WriteFileAt(base, freeze.c_str(), "1"));
  auto moved = MoveAll(base, from, to, kHeldPasses);
  if (!paused) TSC_TRY(WriteFileAt(base, freeze.c_str(), "0"));
  return moved;
}

}  // namespace

const Hierarchy* Cgroup::Counting(ControllerSet controller) const {
  return is_exec() && !(limited_ & controller) ? nullptr : base_->Find(controller);
}

Status Cgroup::Limit(const CgroupResources& resources) {
  const ControllerSet needed = NeededControllers(resources);
  if (needed & ~kForExecs) return Fail("cgroup limit", ENOTSUP, name_);
  TSC_TRY(CheckLimits(*base_, resources));
  if (base_->version == CgroupVersion::kV2) {
    TSC_TRY(Divide(needed));
    limited_ |= needed;
    return ApplyV2(*base_, name_, resources);
  }
  for (std::size_t i = 0; i < base_->hierarchies.size(); ++i) {
    const Hierarchy& hierarchy = base_->hierarchies[i];
    if (!(hierarchy.controllers & needed) || (made_ & 1U << i)) continue;
    if (::mkdirat(hierarchy.base.get(), name_.c_str(), 0755) != 0) return Errno("mkdir cgroup", name_);
    made_ |= 1U << i;
  }
  limited_ |= needed;
  return ApplyV1(base_.get(), name_, resources);
}

// v2's rule against processes in inner nodes: those of the container go one level down, once, and limits can be set beside them. What
// is read inside of the container at the root of its cgroup namespace stays: the limits of the container.
Status Cgroup::Divide(ControllerSet controllers) const {
  // Whoever is about to end is no member any more, but counts (as of 6.19 until it has left its processor).
  for (int tries = 0;; ++tries) {
    auto divided = DivideOnce(controllers);
    if (divided.ok() || divided.failure().error != EBUSY) return divided;
    if (tries == kBusyTries) return Fail("cgroup limit", EAGAIN, divided.failure().object);
    ::usleep(kBusyUs);
  }
}

Status Cgroup::DivideOnce(ControllerSet controllers) const {
  base_->Enable(controllers);
  const int base = base_->unified()->base.get();
  const std::string main = container_ + "/" + kMainName;
  if (::mkdirat(base, main.c_str(), 0755) != 0 && errno != EEXIST) return Errno("mkdir cgroup", main);
  auto moved = MoveAll(base, container_, main, kQuickPasses);
  if (!moved && moved.failure().error == EAGAIN) moved = MoveAllHeld(base, container_, main);
  TSC_TRY(std::move(moved));
  for (const auto& known : kControllerNames) {
    if (!(controllers & known.bit)) continue;
    const auto wrote = WriteFileAt(base, (container_ + "/cgroup.subtree_control").c_str(), "+" + std::string(known.v2));
    if (!wrote) return Fail("cgroup limit", wrote.failure().error, std::string(known.v2));
  }
  return {};
}

}  // namespace tsc
