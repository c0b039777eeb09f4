// SPDX-License-Identifier: Apache-2.0
#include "cgroup/oom_watch.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "cgroup/cgroup.h"
#include "cgroup/flat_keyed.h"
#include "core/paths.h"

namespace tsc {
namespace {

Result<UniqueFd> OpenAttribute(const Hierarchy& hierarchy, const std::string& path, int flags) {
  UniqueFd fd(::openat(hierarchy.base.get(), path.c_str(), flags | O_CLOEXEC));
  if (!fd) return Errno("open cgroup", path);
  return fd;
}

// cgroup v1, memory.txt, section 10: "<event_fd> <fd of memory.oom_control>".
Result<UniqueFd> RegisterV1(const Hierarchy& hierarchy, const std::string& name, int oom_control) {
  UniqueFd event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!event) return Errno("eventfd", name);
  const auto control = TSC_TRY(OpenAttribute(hierarchy, name + "/cgroup.event_control", O_WRONLY));
  const std::string line = std::to_string(event.get()) + " " + std::to_string(oom_control);
  TSC_TRY(WriteAll(control.get(), line, name + "/cgroup.event_control"));
  return event;
}

}  // namespace

std::uint32_t OomWatch::events() const { return event_ ? EPOLLIN : EPOLLPRI; }

Result<std::uint64_t> OomWatch::Kills() {
  std::uint64_t ignored = 0;
  if (event_) (void)!::read(event_.get(), &ignored, sizeof ignored);
  return Count();
}

Result<std::uint64_t> OomWatch::Count() const {
  char buffer[1024];
  const ssize_t n = ::pread(counter_.get(), buffer, sizeof buffer, 0);
  if (n < 0) return Errno("read", "memory.events");
  return ParseOomKills({buffer, static_cast<std::size_t>(n)});
}

std::uint64_t ParseOomKills(std::string_view text) { return FlatKeyedValue(text, "oom_kill").value_or(0); }

Result<OomWatch> Cgroup::WatchOom() const {
  const Hierarchy* hierarchy = base_->Find(kMemory);
  if (!hierarchy || is_exec()) return Fail("watch memory", ENOTSUP, name_);
  if (hierarchy->unified) {
    OomWatch watch(TSC_TRY(OpenAttribute(*hierarchy, container_ + "/memory.events", O_RDONLY)), UniqueFd());
    TSC_TRY(watch.Kills());  // a descriptor that was never read has an event from the start
    return watch;
  }
  auto counter = TSC_TRY(OpenAttribute(*hierarchy, container_ + "/memory.oom_control", O_RDONLY));
  auto event = TSC_TRY(RegisterV1(*hierarchy, container_, counter.get()));
  return OomWatch(std::move(counter), std::move(event));
}

Result<std::uint64_t> Cgroup::OomKills() const {
  if (base_->v2(kMemory)) return OomKillsV2();
  const Hierarchy* hierarchy = Counting(kMemory);
  if (!hierarchy) return Fail("watch memory", ENOTSUP, name_);
  return ParseOomKills(TSC_TRY(ReadFileAt(hierarchy->base.get(), (name_ + "/memory.oom_control").c_str())));
}

// memory.events counts what is below too. Once one exec is limited, every exec counts for itself, and the container's processes are in
// `main`, or died before they were moved there.
Result<std::uint64_t> Cgroup::OomKillsV2() const {
  const int base = base_->unified()->base.get();
  const auto kills = [base](const std::string& path) -> Result<std::uint64_t> {
    return ParseOomKills(TSC_TRY(ReadFileAt(base, path.c_str())));
  };
  if (is_exec()) {
    auto own = kills(name_ + "/memory.events");
    if (!own.ok() && own.failure().error == ENOENT) return Fail("watch memory", ENOTSUP, name_);
    return own;
  }
  const auto undivided = TSC_TRY(kills(name_ + "/memory.events.local"));
  const auto moved = kills(name_ + "/" + kMainName + "/memory.events");
  return undivided + (moved.ok() ? *moved : 0);
}

}  // namespace tsc
