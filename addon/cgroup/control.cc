// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <bit>

#include "cgroup/cgroup.h"
#include "cgroup/flat_keyed.h"
#include "cgroup/tree.h"
#include "core/paths.h"

namespace tsc {
namespace {

constexpr int kKillTimeoutMs = 2000;

std::int64_t NowMs() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void SleepMs(int ms) {
  timespec pause{0, ms * 1000000L};
  ::nanosleep(&pause, nullptr);
}

// "populated 1\nfrozen 0\n"
bool FlagSet(std::string_view events, std::string_view key) { return FlatKeyedValue(events, key) == 1; }

}  // namespace

const Hierarchy* Cgroup::freezer() const {
  const Hierarchy* found = base_->Find(kFreezer);
  return base_->version != CgroupVersion::kV2 && found && found->base ? found : nullptr;
}

// The processes of this cgroup and below, from the unified tree or, without one, from the first v1 hierarchy entered.
Result<std::vector<pid_t>> Cgroup::Processes() const {
  if (const Hierarchy* tree = base_->unified()) return ProcessesBelow(tree->base.get(), name_);
  if (is_exec() || joins_ == 0) return Fail("list cgroup", ENOTSUP, name_);
  return ProcessesBelow(base_->hierarchies[static_cast<std::size_t>(std::countr_zero(joins_))].base.get(), container_);
}

Result<UniqueFd> Cgroup::Events() const {
  const Hierarchy* tree = base_->unified();
  if (!tree) return Fail("watch cgroup", ENOTSUP, name_);
  UniqueFd fd(::openat(tree->base.get(), (name_ + "/cgroup.events").c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return Errno("open cgroup", name_ + "/cgroup.events");
  return fd;
}

Result<bool> Cgroup::Populated() const {
  const Hierarchy* tree = base_->unified();
  if (!tree) return !TSC_TRY(Processes()).empty();
  char buffer[256];
  return FlagSet(TSC_TRY(ReadAttribute(tree->base.get(), name_ + "/cgroup.events", buffer, sizeof buffer)), "populated");
}

Result<bool> Cgroup::IsFrozen() const {
  char buffer[256];
  if (base_->has_freeze) {
    return FlagSet(TSC_TRY(ReadAttribute(base_->unified()->base.get(), name_ + "/cgroup.events", buffer, sizeof buffer)), "frozen");
  }
  if (is_exec() || !freezer()) return Fail("freeze cgroup", ENOTSUP, name_);
  return TSC_TRY(ReadAttribute(freezer()->base.get(), container_ + "/freezer.state", buffer, sizeof buffer)) == "FROZEN\n";
}

Status Cgroup::Kill() {
  if (base_->has_kill) return WriteFileAt(base_->unified()->base.get(), (name_ + "/cgroup.kill").c_str(), "1");
  return KillByHand();
}

// Frozen, a process can neither fork nor be replaced by another of its number between the list and the signal.
Status Cgroup::KillByHand() {
  const std::int64_t deadline = NowMs() + kKillTimeoutMs;
  for (;;) {
    const auto frozen = Freeze(true, 200);
    const auto pids = TSC_TRY(Processes());
    for (const pid_t pid : pids) ::kill(pid, SIGKILL);
    if (frozen || frozen.failure().error == ETIMEDOUT) (void)Freeze(false, 200);
    if (pids.empty()) return {};
    if (NowMs() > deadline) return Fail("kill cgroup", ETIMEDOUT, name_);
    SleepMs(1);
  }
}

Status Cgroup::FreezeV1(bool frozen, int timeout_ms) {
  const Hierarchy* tree = freezer();
  if (!tree || is_exec()) return Fail("freeze cgroup", ENOTSUP, name_);
  const std::int64_t deadline = NowMs() + timeout_ms;
  for (;;) {
    // Written anew each time: that is what makes the kernel look again at processes that were just being forked.
    TSC_TRY(WriteFileAt(tree->base.get(), (container_ + "/freezer.state").c_str(), frozen ? "FROZEN" : "THAWED"));
    if (TSC_TRY(IsFrozen()) == frozen) return {};
    if (NowMs() > deadline) return Fail("freeze cgroup", ETIMEDOUT, name_);
    SleepMs(1);
  }
}

Result<UniqueFd> Cgroup::BeginFreeze(bool frozen) {
  if (!base_->has_freeze) {
    TSC_TRY(FreezeV1(frozen, 2000));
    return UniqueFd();
  }
  auto events = TSC_TRY(Events());
  TSC_TRY(WriteFileAt(base_->unified()->base.get(), (name_ + "/cgroup.freeze").c_str(), frozen ? "1" : "0"));
  // Read through the watched descriptor: what changes after this read is an event.
  const auto text = TSC_TRY(ReadFd(events.get(), 4096, name_ + "/cgroup.events"));
  if (FlagSet(text, "frozen") == frozen) return UniqueFd();
  return events;
}

Status Cgroup::Freeze(bool frozen, int timeout_ms) {
  if (!base_->has_freeze) return FreezeV1(frozen, timeout_ms);
  const auto events = TSC_TRY(BeginFreeze(frozen));
  const std::int64_t deadline = NowMs() + timeout_ms;
  while (events) {
    if (TSC_TRY(IsFrozen()) == frozen) return {};
    const auto left = deadline - NowMs();
    if (left <= 0) return Fail("freeze cgroup", ETIMEDOUT, name_);
    pollfd watched{events.get(), POLLPRI, 0};
    if (::poll(&watched, 1, static_cast<int>(left)) > 0) {
      char discarded[256];  // the event stands until it is read
      (void)!::pread(events.get(), discarded, sizeof discarded, 0);
    }
  }
  return {};
}

}  // namespace tsc
