// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/mount.h>

#include "cgroup_support.h"

using namespace tsc;
using namespace tsc::test;

namespace {

// A counter that a process in the container advances.
struct Ticker {
  Ticker() : count(static_cast<volatile long*>(::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {}
  ~Ticker() { ::munmap(const_cast<long*>(count), 4096); }
  int Run() {
    for (;;) {
      *count = *count + 1;
      ::usleep(500);
    }
  }
  bool Moves() const {
    const long before = *count;
    return Eventually([&] { return *count != before; });
  }
  bool Stands() const {
    const long before = *count;
    ::usleep(50000);
    return *count == before;
  }
  volatile long* count;
};

// A family that tries to get away: a session of its own, and a grandchild whose parent has gone.
int Family() {
  for (int i = 0; i < 3; ++i) {
    if (::fork() == 0) {
      ::setsid();
      if (::fork() == 0) Forever();
      ::_exit(0);
    }
  }
  return Forever();
}

void KillsFamily(Engine& engine) {
  auto cgroup = engine->Create("family", {});
  REQUIRE(cgroup.ok());
  const pid_t pid = Spawn(*cgroup, Family);
  if (cgroup->Usage() && cgroup->Usage()->pids) CHECK(Eventually([&] { return cgroup->Usage()->pids >= 4U; }));
  CHECK(cgroup->Kill().ok());
  CHECK(WTERMSIG(WaitFor(pid)) == SIGKILL);
  CHECK(Eventually([&] { return !*cgroup->Populated(); }));
  CHECK(Eventually([&] { return cgroup->Remove().ok(); }));
}

void FreezesAndResumes(Engine& engine) {
  auto cgroup = engine->Create("frozen", {});
  REQUIRE(cgroup.ok());
  auto exec = cgroup->CreateExec("exec-1");
  REQUIRE(exec.ok());
  Ticker main, other;
  const pid_t first = Spawn(*cgroup, [&] { return main.Run(); });
  const pid_t second = Spawn(*exec, [&] { return other.Run(); });
  CHECK((main.Moves() && other.Moves()));
  CHECK(cgroup->Freeze(true).ok());
  CHECK(*cgroup->IsFrozen());
  CHECK((main.Stands() && other.Stands()));
  CHECK(cgroup->Freeze(false).ok());
  CHECK_FALSE(*cgroup->IsFrozen());
  CHECK((main.Moves() && other.Moves()));
  CHECK(cgroup->Freeze(true).ok());
  CHECK(cgroup->Kill().ok());  // a paused container too
  CHECK(WTERMSIG(WaitFor(first)) == SIGKILL);
  CHECK(WTERMSIG(WaitFor(second)) == SIGKILL);
  if (exec->clone_fd() >= 0) CHECK(Eventually([&] { return exec->Remove().ok(); }));
  CHECK(Eventually([&] { return cgroup->Remove().ok(); }));
}

}  // namespace

TEST_CASE("cgroup control: kill takes children that left session and parent") {
  Engine engine("kill");
  if (Has(engine, "kill")) KillsFamily(engine);
}

TEST_CASE("cgroup control: freeze stops container and execs, and is undone") {
  Engine engine("freeze");
  if (Has(engine, "freeze")) FreezesAndResumes(engine);
}

TEST_CASE("cgroup control: freezing without waiting") {
  Engine engine("begin");
  if (!Has(engine, "freeze")) return;
  auto cgroup = engine->Create("a", {});
  REQUIRE(cgroup.ok());
  Ticker ticker;
  const pid_t pid = Spawn(*cgroup, [&] { return ticker.Run(); });
  CHECK(ticker.Moves());
  auto events = cgroup->BeginFreeze(true);
  REQUIRE(events.ok());
  if (*events) {
    pollfd watched{events->get(), POLLPRI, 0};
    CHECK(::poll(&watched, 1, 5000) == 1);
  }
  CHECK(Eventually([&] { return *cgroup->IsFrozen(); }));
  CHECK(cgroup->Kill().ok());
  WaitFor(pid);
}

TEST_CASE("cgroup control: the end of the last process is an event") {
  Engine engine("events");
  if (!Has(engine, "kill")) return;
  auto cgroup = engine->Create("a", {});
  REQUIRE(cgroup.ok());
  if (cgroup->clone_fd() < 0) return;
  const pid_t pid = Spawn(*cgroup, Forever);
  auto events = cgroup->Events();
  REQUIRE(events.ok());
  char text[128];
  REQUIRE(::pread(events->get(), text, sizeof text, 0) > 0);
  pollfd watched{events->get(), POLLPRI, 0};
  CHECK(::poll(&watched, 1, 0) == 0);
  CHECK(cgroup->Kill().ok());
  CHECK(::poll(&watched, 1, 5000) == 1);
  CHECK(WTERMSIG(WaitFor(pid)) == SIGKILL);
  CHECK_FALSE(*cgroup->Populated());
}

TEST_CASE("cgroup control: an exec is killed and counted apart from its container") {
  Engine engine("exec");
  if (!Has(engine, "kill")) return;
  auto cgroup = engine->Create("a", {});
  REQUIRE(cgroup.ok());
  auto exec = cgroup->CreateExec("exec-1");
  REQUIRE(exec.ok());
  if (exec->clone_fd() < 0) return;
  const pid_t main = Spawn(*cgroup, Forever);
  const pid_t child = Spawn(*exec, [] {
    ::fork();
    for (;;) {
    }
    return 0;
  });
  CHECK(Eventually([&] { return exec->Usage()->cpu_ns > 10'000'000U; }));
  CHECK(exec->Kill().ok());
  CHECK(WTERMSIG(WaitFor(child)) == SIGKILL);
  CHECK(Eventually([&] { return exec->Remove().ok(); }));
  CHECK(::waitpid(main, nullptr, WNOHANG) == 0);
  CHECK(*cgroup->Populated());
  CHECK(cgroup->Kill().ok());
  WaitFor(main);
}

TEST_CASE("cgroup control: without a unified tree, by the freezer") {
  if (::geteuid() != 0) return;
  const auto pure_v1 = [] {
    CHILD_CHECK(::unshare(CLONE_NEWNS) == 0 && ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0);
    if (::umount2("/sys/fs/cgroup/unified", MNT_DETACH) != 0) return 0;
    Engine engine("pure");
    CHILD_CHECK(engine->version() == CgroupVersion::kV1);
    CHILD_CHECK(engine.has("freeze") && engine.has("kill"));
    auto cgroup = engine->Create("a", {});
    CHILD_CHECK(cgroup.ok() && cgroup->clone_fd() == -1);
    const pid_t pid = Spawn(*cgroup, Family);
    CHILD_CHECK(Eventually([&] { return cgroup->Usage()->pids >= 4U; }));
    CHILD_CHECK(cgroup->Freeze(true).ok() && *cgroup->IsFrozen());
    CHILD_CHECK(cgroup->Freeze(false).ok() && !*cgroup->IsFrozen());
    CHILD_CHECK(cgroup->Kill().ok());
    CHILD_CHECK(WTERMSIG(WaitFor(pid)) == SIGKILL);
    CHILD_CHECK(!*cgroup->Populated());
    CHILD_CHECK(Eventually([&] { return cgroup->Remove().ok(); }));
    auto left = engine->Create("left", {});
    const pid_t lost = Spawn(*left, Family);
    CHILD_CHECK(Eventually([&] { return *left->Populated(); }));
    CHILD_CHECK(engine->Reclaim([](std::string_view) { return false; }).ok());
    CHILD_CHECK(WTERMSIG(WaitFor(lost)) == SIGKILL);
    return 0;
  };
  CHECK(InChild(pure_v1) == 0);
}
