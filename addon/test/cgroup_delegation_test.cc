// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <fcntl.h>
#include <grp.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "cgroup/mounts.h"
#include "cgroup/tree.h"
#include "cgroup_support.h"
#include "core/paths.h"

using namespace tsc;
using namespace tsc::test;

namespace {

constexpr uid_t kUser = 54321;

// A cgroup at the top of the unified tree, given to an ordinary user as systemd does for Delegate=yes.
class Delegated {
 public:
  explicit Delegated(uid_t owner) : name_("delegated-test-" + std::to_string(::getpid())) {
    const auto mounts = ReadCgroupMounts();
    for (const auto& mount : mounts.value()) {
      if (mount.unified) root_.reset(::open(mount.point.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    }
    if (!root_ || ::mkdirat(root_.get(), name_.c_str(), 0755) != 0) return;
    ::mkdirat(root_.get(), (name_ + "/session").c_str(), 0755);
    for (const char* file : {"", "/cgroup.procs", "/cgroup.subtree_control", "/cgroup.threads", "/session", "/session/cgroup.procs"}) {
      made_ = ::fchownat(root_.get(), (name_ + file).c_str(), owner, owner, 0) == 0;
    }
  }
  ~Delegated() {
    if (made_) (void)Eventually([&] { return RemoveCgroups(root_.get(), name_).ok(); });
  }
  explicit operator bool() const { return made_; }
  bool Enter(const std::string& below) const { return WriteFileAt(root_.get(), (name_ + below + "/cgroup.procs").c_str(), "0").ok(); }

 private:
  std::string name_;
  UniqueFd root_;
  bool made_ = false;
};

bool BecomeUser() { return ::setgroups(0, nullptr) == 0 && ::setresgid(kUser, kUser, kUser) == 0 && ::setresuid(kUser, kUser, kUser) == 0; }

bool HostIsV2() { return ::geteuid() == 0 && CgroupVersion::kV2 == Engine("version")->version(); }

int RunsLimited(Engine& engine) {
  CgroupResources resources;
  resources.pids_limit = 3;
  CHILD_CHECK(engine->Check(resources).ok());
  auto cgroup = engine->Create("a", resources);
  CHILD_CHECK(cgroup.ok());
  const pid_t pid = Spawn(*cgroup, [] {
    int children = 0;
    while (::fork() > 0) ++children;
    return children ? children : Forever();
  });
  CHILD_CHECK(WEXITSTATUS(WaitFor(pid)) == 2);
  CHILD_CHECK(cgroup->Kill().ok());
  CHILD_CHECK(Eventually([&] { return cgroup->Remove().ok(); }));
  return 0;
}

int KillsWithoutControllers(Engine& engine) {
  CgroupResources resources;
  resources.memory_limit = 1 << 20;
  const auto checked = engine->Check(resources);
  CHILD_CHECK(!checked && checked.failure().object == "memory");
  CHILD_CHECK(engine.has("kill") && engine.has("freeze") && !engine.has("memory"));
  auto cgroup = engine->Create("a", {});
  CHILD_CHECK(cgroup.ok());
  const pid_t pid = Spawn(*cgroup, Forever);
  if (pid < 0) perror("clone3");
  CHILD_CHECK(cgroup->Freeze(true).ok());
  CHILD_CHECK(cgroup->Kill().ok());
  CHILD_CHECK(WTERMSIG(WaitFor(pid)) == SIGKILL);
  CHILD_CHECK(Eventually([&] { return cgroup->Remove().ok(); }));
  return 0;
}

}  // namespace

TEST_CASE("cgroup delegation: an ordinary user sets limits in the topmost cgroup that is his") {
  if (!HostIsV2()) return;
  const Delegated delegated(kUser);
  REQUIRE(delegated);
  CHECK(InChild([&] {
          CHILD_CHECK(delegated.Enter("/session") && BecomeUser());
          Engine engine("user");
          CHILD_CHECK(engine->version() == CgroupVersion::kV2);
          CHILD_CHECK(engine.has("memory") && engine.has("pids") && engine.has("cpu"));
          if (RunsLimited(engine) != 0) return 1;
          // As the rootless supervisor is: in a user namespace, with all capabilities there.
          CHILD_CHECK(::unshare(CLONE_NEWUSER) == 0);
          Engine inside("userns");
          CHILD_CHECK(inside->version() == CgroupVersion::kV2);
          return RunsLimited(inside);
        }) == 0);
}

TEST_CASE("cgroup delegation: a service that lives in its own delegated cgroup still kills and freezes") {
  if (!HostIsV2()) return;
  const Delegated delegated(kUser);
  REQUIRE(delegated);
  CHECK(InChild([&] {
          CHILD_CHECK(delegated.Enter("") && BecomeUser());
          Engine engine("service");
          CHILD_CHECK(engine->version() == CgroupVersion::kV2);
          CHILD_CHECK(engine->reason("memory").find("DelegateSubgroup") != std::string::npos);
          return KillsWithoutControllers(engine);
        }) == 0);
}

TEST_CASE("cgroup delegation: without any there is a cure") {
  if (::geteuid() != 0) return;
  CHECK(InChild([] {
          CHILD_CHECK(BecomeUser() && ::unshare(CLONE_NEWUSER) == 0);
          Engine engine("nobody");
          CHILD_CHECK(engine->version() == CgroupVersion::kNone);
          CHILD_CHECK(engine->reason().find("systemd-run --user --scope -p Delegate=yes") != std::string::npos);
          CHILD_CHECK(engine->reason("kill") == engine->reason());
          CHILD_CHECK(engine->Create("a", {}).failure().error == ENOTSUP);
          return 0;
        }) == 0);
}

TEST_CASE("cgroup delegation: root in a container, whose cgroup holds processes itself") {
  if (!HostIsV2()) return;
  const Delegated outer(0);
  REQUIRE(outer);
  CHECK(InChild([&] {
          CHILD_CHECK(outer.Enter(""));
          CHILD_CHECK(::unshare(CLONE_NEWNS | CLONE_NEWCGROUP) == 0);
          CHILD_CHECK(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0);
          CHILD_CHECK(::umount2("/sys/fs/cgroup", MNT_DETACH) == 0);
          CHILD_CHECK(::mount("cgroup2", "/sys/fs/cgroup", "cgroup2", 0, nullptr) == 0);
          Engine engine("inner");
          CHILD_CHECK(engine->version() == CgroupVersion::kV2);
          CHILD_CHECK(!engine->reason("memory").empty());
          return KillsWithoutControllers(engine);
        }) == 0);
}

TEST_CASE("cgroup delegation: an owner inside the container may make cgroups of his own, not lift the limits") {
  if (!HostIsV2()) return;
  Engine engine("owner");
  CgroupResources resources;
  resources.memory_limit = 64 << 20;
  auto cgroup = engine->Create("a", resources);
  REQUIRE(cgroup.ok());
  REQUIRE(cgroup->Delegate(kUser, kUser).ok());
  const int dir = cgroup->clone_fd();
  CHECK(InChild([&] {
          CHILD_CHECK(BecomeUser());
          CHILD_CHECK(::mkdirat(dir, "inner", 0755) == 0);
          CHILD_CHECK(WriteFileAt(dir, "cgroup.subtree_control", "+memory").ok());
          CHILD_CHECK(WriteFileAt(dir, "memory.max", "max").failure().error == EACCES);
          return 0;
        }) == 0);
  auto exec = cgroup->CreateExec("exec-1");
  REQUIRE(exec.ok());
  CHECK(WaitFor(Spawn(*exec, [] { return 0; })) == 0);
  CHECK(Eventually([&] { return cgroup->Remove().ok(); }));
}
