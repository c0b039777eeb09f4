// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "cgroup_support.h"
#include "core/paths.h"

using namespace tsc;
using namespace tsc::test;

namespace {

std::string SelfCgroups() { return ReadFileAt(AT_FDCWD, "/proc/self/cgroup").value(); }

bool OwnMountNamespace() { return ::unshare(CLONE_NEWNS) == 0 && ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0; }

int OpensReadOnlyTree() {
  CHILD_CHECK(OwnMountNamespace());
  struct {
    std::uint64_t set = sys::kAttrRdonly, clear = 0, propagation = 0, userns = 0;
  } attributes;
  CHILD_CHECK(::syscall(SYS_mount_setattr, AT_FDCWD, "/sys/fs/cgroup", 0x8000 /* AT_RECURSIVE */, &attributes, sizeof attributes) == 0);
  Engine engine("readonly");
  CHILD_CHECK(engine->version() == CgroupVersion::kNone);
  CHILD_CHECK(engine->controllers().empty());
  CHILD_CHECK(engine->reason().find("read-only") != std::string::npos);
  CHILD_CHECK(engine->reason("memory").find("read-only") != std::string::npos);
  CgroupResources resources;
  resources.pids_limit = 5;
  const auto checked = engine->Check(resources);
  CHILD_CHECK(!checked && checked.failure().error == ENOTSUP && checked.failure().object == "pids");
  CHILD_CHECK(!engine->Create("a", {}));
  return 0;
}

}  // namespace

TEST_CASE("cgroup driver: a container's cgroups come, hold a process, and go") {
  Engine engine("life");
  if (!Has(engine, "kill")) return;
  auto cgroup = engine->Create("one", {});
  REQUIRE(cgroup.ok());
  const auto inside = [] { return SelfCgroups().find("/one\n") != std::string::npos ? 7 : 1; };
  CHECK(WEXITSTATUS(WaitFor(Spawn(*cgroup, inside))) == 7);
  CHECK(Eventually([&] { return !*cgroup->Populated(); }));
  CHECK(cgroup->Remove().ok());
  CHECK(engine->Adopt("one").failure().error == ENOENT);
}

TEST_CASE("cgroup driver: a process in every v1 hierarchy") {
  Engine engine("v1");
  if (!Has(engine, "memory") || engine->version() == CgroupVersion::kV2) return;
  auto cgroup = engine->Create("joined", {});
  REQUIRE(cgroup.ok());
  REQUIRE(cgroup->needs_join());
  const auto everywhere = [] {
    const auto text = SelfCgroups();
    for (const char* controller : {":memory:", ":cpu:", ":pids:", ":devices:"}) {
      const auto at = text.find(controller);
      if (at == std::string::npos) continue;
      const auto line = text.substr(at, text.find('\n', at) - at);
      if (line.size() < 7 || line.substr(line.size() - 7) != "/joined") return 1;
    }
    return 0;
  };
  CHECK(WaitFor(Spawn(*cgroup, everywhere)) == 0);
  // With the kept descriptors it is the supervisor's right to move that counts, not what the child has become.
  if (::geteuid() == 0) {
    CHECK(InChild([&] {
            CHILD_CHECK(::setresuid(54321, 54321, 54321) == 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0);
            CHILD_CHECK(cgroup->Join(0).ok());
            return everywhere();
          }) == 0);
  }
  CHECK(InChild([&] { return cgroup->Join(::getpid()).ok() ? everywhere() : 1; }) == 0);
  cgroup->ReleaseJoin();
  CHECK(WaitFor(Spawn(*cgroup, everywhere)) == 0);
}

TEST_CASE("cgroup driver: names that are no names") {
  CHECK(CgroupDriver::Open({.name = "../x"}).failure().error == EINVAL);
  Engine engine("names");
  if (!Has(engine, "kill")) return;
  for (const char* name : {"..", ".", "", "a/b", "../../x", ".supervisor"}) {
    CHECK(engine->Create(name, {}).failure().error == EINVAL);
    CHECK(engine->Adopt(name).failure().error == EINVAL);
  }
  auto cgroup = engine->Create("a", {});
  REQUIRE(cgroup.ok());
  CHECK(cgroup->CreateExec("..").failure().error == EINVAL);
  CHECK(engine->Create("a", {}).failure().error == EEXIST);
  CHECK(engine->Adopt("a").ok());
}

TEST_CASE("cgroup driver: a refused limit leaves nothing") {
  Engine engine("refused");
  if (!Has(engine, "cpuset")) return;
  CgroupResources resources;
  resources.cpuset_cpus = "4000";
  CHECK_FALSE(engine->Create("a", resources).ok());
  CHECK(engine->Adopt("a").failure().error == ENOENT);
}

TEST_CASE("cgroup driver: what a crash left is killed and removed, what is kept stays") {
  Engine engine("crash");
  if (!Has(engine, "kill")) return;
  auto dead = engine->Create("dead", {});
  auto kept = engine->Create("kept", {});
  REQUIRE((dead.ok() && kept.ok()));
  auto exec = dead->CreateExec("exec-1");
  REQUIRE(exec.ok());
  const pid_t lost = Spawn(*dead, Forever);
  const pid_t lost_exec = Spawn(*exec, [] {
    ::setsid();
    return Forever();
  });
  const pid_t alive = Spawn(*kept, Forever);
  const auto keep = [](std::string_view name) { return name == "kept"; };
  Status reclaimed;
  {
    // Zombies are no processes: the test need not collect them for the trees to become empty.
    reclaimed = engine->Reclaim(keep);
  }
  if (!reclaimed) MESSAGE(reclaimed.failure().object);
  CHECK(reclaimed.ok());
  CHECK(WTERMSIG(WaitFor(lost)) == SIGKILL);
  CHECK(WTERMSIG(WaitFor(lost_exec)) == SIGKILL);
  CHECK(engine->Adopt("dead").failure().error == ENOENT);
  CHECK(::waitpid(alive, nullptr, WNOHANG) == 0);
  CHECK(*kept->Populated());
  CHECK(kept->Kill().ok());
  WaitFor(alive);
}

TEST_CASE("cgroup driver: another supervisor adopts a running container") {
  Engine engine("adopt");
  if (!Has(engine, "kill")) return;
  auto cgroup = engine->Create("a", {});
  REQUIRE(cgroup.ok());
  const pid_t pid = Spawn(*cgroup, Forever);
  Engine second("adopt");
  auto adopted = second->Adopt("a");
  REQUIRE(adopted.ok());
  CHECK(*adopted->Populated());
  CHECK(adopted->Remove().failure().error == EBUSY);
  CHECK(adopted->Kill().ok());
  CHECK(WTERMSIG(WaitFor(pid)) == SIGKILL);
  CHECK(Eventually([&] { return adopted->Remove().ok(); }));
}

TEST_CASE("cgroup driver: what is left in some hierarchies only is adopted, and removed") {
  Engine engine("half");
  if (!Has(engine, "kill")) return;
  auto cgroup = engine->Create("a", {});
  REQUIRE(cgroup.ok());
  if (cgroup->clone_fd() < 0) return;
  const UniqueFd parent(::openat(cgroup->clone_fd(), "..", O_PATH | O_DIRECTORY | O_CLOEXEC));
  REQUIRE(::unlinkat(parent.get(), "a", AT_REMOVEDIR) == 0);
  auto adopted = engine->Adopt("a");
  if (adopted.ok()) CHECK(adopted->Remove().ok());  // on v2 there was nothing else
  CHECK(engine->Create("a", {}).ok());
}

TEST_CASE("cgroup driver: nested cgroups that a container made go with it") {
  Engine engine("nested");
  if (!Has(engine, "kill")) return;
  auto cgroup = engine->Create("a", {});
  REQUIRE(cgroup.ok());
  if (cgroup->clone_fd() < 0) return;
  for (const char* path : {"x", "x/y", "x/y/z", "x/w", "v"}) REQUIRE(::mkdirat(cgroup->clone_fd(), path, 0755) == 0);
  CHECK(cgroup->Remove().ok());
  CHECK(engine->Adopt("a").failure().error == ENOENT);
}

TEST_CASE("cgroup driver: the supervisor leaves its caller's cgroup and goes back at the end") {
  CHECK(InChild([] {
          Engine engine("self");
          if (!Has(engine, "kill")) return 0;
          const auto before = SelfCgroups();
          const auto moved = engine->MoveSelf();
          if (!moved && moved.failure().error == ENOTSUP) return 0;
          CHILD_CHECK(moved.ok());
          CHILD_CHECK(SelfCgroups().find("/.supervisor\n") != std::string::npos);
          CHILD_CHECK(engine->Reclaim([](std::string_view) { return false; }).ok());
          CHILD_CHECK(engine->Close().ok());
          CHILD_CHECK(SelfCgroups() == before);
          return 0;
        }) == 0);
}

TEST_CASE("cgroup driver: a read-only tree is no tree, and says so") {
  if (::geteuid() != 0) return;
  CHECK(InChild(OpensReadOnlyTree) == 0);
}

TEST_CASE("cgroup driver: one that leaves takes the engine's directory from under nobody") {
  Engine engine("shared");
  if (!Has(engine, "kill")) return;
  auto other = CgroupDriver::Open({.name = engine->name()});
  REQUIRE(other.ok());
  REQUIRE(engine->Close().ok());
  auto made = other->Create("made", {});
  REQUIRE(made.ok());
  // By that one, whose directory was another.
  auto adopted = engine->Adopt("made");
  REQUIRE(adopted.ok());
  CgroupResources resources;
  resources.pids_limit = 5;
  if (Has(engine, "pids")) CHECK(adopted->Apply(resources).ok());
  CHECK(made->Remove().ok());
  CHECK(engine->Create("again", {})->Remove().ok());
}
