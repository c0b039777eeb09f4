// SPDX-License-Identifier: Apache-2.0
#include "supervisor/exec_cgroups.h"

#include <doctest/doctest.h>

#include <ctime>

#include "cgroup/flat_keyed.h"
#include "cgroup_support.h"

using namespace tsc;
using namespace tsc::test;

namespace {

// Twenty milliseconds of work.
int Works() {
  const std::clock_t begin = std::clock();
  while (std::clock() - begin < CLOCKS_PER_SEC / 50) {
  }
  return 0;
}

// An exec's whole life in one of `cgroups`, which is killed or not.
struct Life {
  std::string name;
  bool empty_while_it_ran = true, empty_after = false;
  std::uint64_t cpu_ns = 0;
  int status = -1;
  bool given_back = false;
};

Life Live(ExecCgroups* cgroups, const Cgroup& container, const std::string& name, bool kill,
          ExecCgroups::Kind kind = ExecCgroups::Kind::kShared) {
  Life life;
  auto exec = cgroups->Take(container, name, kind);
  REQUIRE(exec.ok());
  life.name = exec->cgroup.name();
  const pid_t pid = Spawn(exec->cgroup, kill ? Forever : Works);
  if (!exec->account.opened()) exec->account = exec->cgroup.Account();
  life.empty_while_it_ran = exec->account.Empty();
  if (kill) CHECK(exec->Kill().ok());
  life.status = WaitFor(pid);
  life.empty_after = Eventually([&] { return exec->account.Empty(); });
  life.cpu_ns = exec->account.CpuNs().value_or(0);
  life.given_back = cgroups->GiveBack(&*exec);
  if (!life.given_back) CHECK(exec->cgroup.Remove().ok());
  return life;
}

}  // namespace

TEST_CASE("exec cgroups: one serves the next exec, which is charged for its own time") {
  Engine engine("exec-cgroups");
  if (!Has(engine, "kill")) return;
  auto container = engine->Create("a", {});
  REQUIRE((container.ok()));
  if (container->clone_fd() < 0) return;
  ExecCgroups cgroups;
  for (int round = 0; round < 3; ++round) {
    const Life life = Live(&cgroups, *container, "exec-" + std::to_string(round), false);
    CHECK(life.name == "a/exec-0");
    CHECK(life.status == 0);
    CHECK_FALSE(life.empty_while_it_ran);
    CHECK(life.empty_after);
    CHECK(life.given_back);
    CHECK(life.cpu_ns > 10'000'000U);
    CHECK(life.cpu_ns < 40'000'000U);
  }
}

TEST_CASE("exec cgroups: one that was killed serves nobody again, nor one beside those with limits") {
  Engine engine("exec-killed");
  if (!Has(engine, "kill")) return;
  auto container = engine->Create("a", {});
  REQUIRE((container.ok()));
  if (container->clone_fd() < 0) return;
  ExecCgroups cgroups;
  CHECK(Live(&cgroups, *container, "exec-0", false).given_back);
  const Life killed = Live(&cgroups, *container, "exec-1", true);
  CHECK(killed.name == "a/exec-0");
  CHECK(WTERMSIG(killed.status) == SIGKILL);
  CHECK_FALSE(killed.given_back);
  const Life next = Live(&cgroups, *container, "exec-2", false);
  CHECK(next.name == "a/exec-2");
  CHECK(next.status == 0);
  CHECK(next.given_back);
  CHECK(Live(&cgroups, *container, "exec-3", false, ExecCgroups::Kind::kLimited).name == "a/exec-3");
  CHECK(Live(&cgroups, *container, "exec-4", false).name == "a/exec-4");
  cgroups.Reset();
  const Life own = Live(&cgroups, *container, "exec-own", false, ExecCgroups::Kind::kOwn);
  CHECK(own.name == "a/exec-own");
  CHECK_FALSE(own.given_back);
  CHECK(Live(&cgroups, *container, "exec-5", false).given_back);
}

TEST_CASE("exec cgroups: a container is joined by descriptors that are kept, after they were given up too") {
  Engine engine("exec-join");
  if (!Has(engine, "kill")) return;
  auto container = engine->Create("a", {});
  REQUIRE((container.ok()));
  auto exec = container->CreateExec("exec-0");
  REQUIRE(exec.ok());
  CHECK_FALSE(exec->joins_apart());
  container->ReleaseJoin();
  container->KeepJoin();
  const auto joins = [&] { return !container->needs_join() || container->Join(0).ok() ? 0 : 1; };
  CHECK(InChild([&] {
          if (::geteuid() == 0) CHILD_CHECK(::setresuid(54321, 54321, 54321) == 0);  // where looking them up would not do
          return joins();
        }) == 0);
}

TEST_CASE("flat keyed files: a key is a whole word at the start of a line") {
  const std::string_view text = "oom 1\noom_kill 27\nnot_oom_kill 3\nlast 18446744073709551615\nempty \n";
  CHECK(FlatKeyedValue(text, "oom_kill") == 27U);
  CHECK(FlatKeyedValue(text, "oom") == 1U);
  CHECK(FlatKeyedValue(text, "kill") == std::nullopt);
  CHECK(FlatKeyedValue(text, "last") == ~std::uint64_t{0});
  CHECK(FlatKeyedValue(text, "empty") == std::nullopt);
  CHECK(FlatKeyedValue("", "oom") == std::nullopt);
  CHECK(ParseCount("12\n") == 12U);
  CHECK(ParseCount("max\n") == std::nullopt);
}
