// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <set>

#include "cgroup/driver.h"
#include "cgroup/tree.h"
#include "core/paths.h"
#include "core/syscalls.h"

namespace tsc {
namespace {

constexpr int kTries = 200;  // of 10 ms each

// The hierarchies that a crash may have left something in; a base that is not there is not made for that.
void OpenLeftBases(CgroupBase* base) {
  for (auto& hierarchy : base->hierarchies) {
    if (hierarchy.base) continue;
    hierarchy.base.reset(::openat(hierarchy.parent.get(), base->name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  }
}

Result<std::set<std::string>> LeftNames(const CgroupBase& base) {
  std::set<std::string> names;
  for (const auto& hierarchy : base.hierarchies) {
    if (!hierarchy.base) continue;
    for (auto& name : TSC_TRY(ChildCgroups(hierarchy.base.get(), "."))) names.insert(std::move(name));
  }
  return names;
}

// Whether /proc/<pid>/cgroup has a line that ends in the base's name and this cgroup, or leads below it.
bool IsIn(pid_t pid, const std::string& base, const std::string& name) {
  const auto text = ReadFileAt(AT_FDCWD, ("/proc/" + std::to_string(pid) + "/cgroup").c_str());
  if (!text) return false;
  const std::string path = "/" + base + "/" + name;
  for (auto at = text->find(path); at != std::string::npos; at = text->find(path, at + 1)) {
    const auto end = at + path.size();
    if (end == text->size() || (*text)[end] == '\n' || (*text)[end] == '/') return true;
  }
  return false;
}

// The number may have a new owner since it was listed: hold the process first, then look, then kill.
void KillMember(pid_t pid, const std::string& base, const std::string& name) {
  if (pid == ::getpid()) return;
  const UniqueFd process(sys::pidfd_open(pid));
  if (process && IsIn(pid, base, name)) sys::pidfd_send_signal(process.get(), SIGKILL);
}

// Kills what is there now.
void KillLeft(const CgroupBase& base, const std::string& name) {
  for (const auto& hierarchy : base.hierarchies) {
    if (!hierarchy.base) continue;
    const auto pids = ProcessesBelow(hierarchy.base.get(), name);
    if (!pids || pids->empty()) continue;
    if (hierarchy.unified) (void)WriteFileAt(hierarchy.base.get(), (name + "/cgroup.freeze").c_str(), "0");
    if (hierarchy.unified && base.has_kill) (void)WriteFileAt(hierarchy.base.get(), (name + "/cgroup.kill").c_str(), "1");
    if (hierarchy.controllers & kFreezer) (void)WriteFileAt(hierarchy.base.get(), (name + "/freezer.state").c_str(), "THAWED");
    for (const pid_t pid : *pids) KillMember(pid, base.name, name);
  }
}

Status RemoveLeft(const CgroupBase& base, const std::string& name) {
  Status first;
  for (const auto& hierarchy : base.hierarchies) {
    if (!hierarchy.base) continue;
    auto removed = RemoveCgroups(hierarchy.base.get(), name);
    if (!removed && first) first = std::move(removed);
  }
  return first;
}

}  // namespace

Status CgroupDriver::Reclaim(const std::function<bool(std::string_view name)>& keep) {
  OpenLeftBases(base_.get());
  std::set<std::string> left = TSC_TRY(LeftNames(*base_));
  Status last;
  for (int attempt = 0; attempt < kTries && !left.empty(); ++attempt) {
    if (attempt > 0) ::poll(nullptr, 0, 10);
    last = {};
    for (auto name = left.begin(); name != left.end();) {
      // An earlier supervisor's own place has no processes worth killing; ours must stay.
      const bool own = (*name)[0] == '.';
      if (!own && keep(*name)) {
        name = left.erase(name);
        continue;
      }
      if (!own) KillLeft(*base_, *name);
      auto removed = RemoveLeft(*base_, *name);
      if (!removed && !own) last = removed;
      name = removed || own ? left.erase(name) : std::next(name);
    }
  }
  return last;
}

}  // namespace tsc
