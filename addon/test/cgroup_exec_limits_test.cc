// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cstdlib>
#include <cstring>

#include "cgroup_support.h"

using namespace tsc;
using namespace tsc::test;

namespace {

int Greedy() {
  const std::size_t size = 64 << 20;
  auto* memory = static_cast<char*>(std::malloc(size));
  for (std::size_t at = 0; memory && at < size; at += 4096) static_cast<volatile char*>(memory)[at] = 1;
  return 0;
}

int Forks() {
  for (int i = 0; i < 8; ++i) {
    const pid_t pid = ::fork();
    if (pid < 0) return 7;
    if (pid == 0) Forever();
  }
  return 0;
}

// Each of these processes is gone before it can be moved: its child goes on, and so forth.
int RunsAway() {
  for (int i = 0; i < 8; ++i) {
    if (::fork() > 0) continue;
    for (;;)
      if (::fork() > 0) ::_exit(0);
  }
  return Forever();
}

struct Limited {
  explicit Limited(Engine& engine, const char* name, int (*body)() = Forever) : container(engine->Create(name, {})) {
    REQUIRE(container.ok());
    main = Spawn(*container, body);
  }
  ~Limited() {
    CHECK(container->Kill().ok());
    CHECK(WTERMSIG(WaitFor(main)) == SIGKILL);
    CHECK(Eventually([&] { return container->Remove().ok(); }));
  }
  Cgroup Exec(const char* name, const CgroupResources& resources) {
    auto exec = container->CreateExec(name);
    REQUIRE(exec.ok());
    const auto limited = exec->Limit(resources);
    if (!limited.ok()) FAIL(limited.failure().step << " " << limited.failure().object << " " << limited.failure().error);
    return std::move(*exec);
  }
  Result<Cgroup> container;
  pid_t main = 0;
};

void End(Cgroup* exec) {
  CHECK(exec->Kill().ok());
  CHECK(Eventually([&] { return exec->Remove().ok(); }));
}

}  // namespace

TEST_CASE("exec limits: memory is the exec's alone, and its counters say so") {
  Engine engine("execmemory");
  if (!Has(engine, "memory")) return;
  Limited box(engine, "box");
  CgroupResources resources;
  resources.memory_limit = 16 << 20;
  resources.memory_swap = 16 << 20;
  auto exec = box.Exec("exec-1", resources);
  CHECK(WTERMSIG(WaitFor(Spawn(exec, Greedy))) == SIGKILL);
  CHECK(*exec.OomKills() == 1U);
  const auto usage = exec.Usage();
  REQUIRE(usage.ok());
  CHECK(usage->memory_peak_bytes.value_or(0) > (8U << 20));
  CHECK(usage->memory_peak_bytes.value_or(~0ULL) <= (16U << 20));
  End(&exec);
  CHECK(*box.container->OomKills() == 0U);
  // Beside it there is no such limit, also not for the next exec.
  auto next = box.container->CreateExec("exec-2");
  REQUIRE(next.ok());
  if (const auto kills = next->OomKills(); kills.ok()) CHECK(*kills == 0U);
  CHECK(WEXITSTATUS(WaitFor(Spawn(*next, Greedy))) == 0);
  End(&*next);
}

TEST_CASE("exec limits: processes are counted for the exec alone") {
  Engine engine("execpids");
  if (!Has(engine, "pids")) return;
  Limited box(engine, "box");
  CgroupResources resources;
  resources.pids_limit = 4;
  auto exec = box.Exec("exec-1", resources);
  CHECK(WEXITSTATUS(WaitFor(Spawn(exec, Forks))) == 7);
  End(&exec);
  // Killing and freezing the container takes it along, wherever its processes are now.
  auto other = box.Exec("exec-2", resources);
  const pid_t pid = Spawn(other, Forever);
  CHECK(box.container->Freeze(true).ok());
  CHECK(*box.container->IsFrozen());
  CHECK(box.container->Freeze(false).ok());
  CHECK(box.container->Kill().ok());
  CHECK(WTERMSIG(WaitFor(pid)) == SIGKILL);
  End(&other);
}

TEST_CASE("exec limits: processes that fork all the time are no obstacle, and go on") {
  Engine engine("execforks");
  if (!Has(engine, "pids")) return;
  Limited box(engine, "box", RunsAway);
  ::usleep(20000);
  CgroupResources resources;
  resources.pids_limit = 4;
  for (const char* name : {"exec-1", "exec-2"}) {
    auto exec = box.Exec(name, resources);
    CHECK(WEXITSTATUS(WaitFor(Spawn(exec, Forks))) == 7);
    CHECK_FALSE(*box.container->IsFrozen());
    End(&exec);
  }
}

TEST_CASE("exec limits: what cannot be limited for one exec is refused") {
  Engine engine("execrefused");
  if (!Has(engine, "pids")) return;
  Limited box(engine, "box");
  auto exec = box.container->CreateExec("exec-1");
  REQUIRE(exec.ok());
  CgroupResources resources;
  resources.cpuset_cpus = "0";
  CHECK(exec->Limit(resources).failure().error == ENOTSUP);
  End(&*exec);
}
