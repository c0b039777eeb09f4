// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "runtime/aside.h"
#include "runtime/namespace_visit.h"

namespace tsc {
namespace {

cpu_set_t Allowed() {
  cpu_set_t set;
  CPU_ZERO(&set);
  ::sched_getaffinity(0, sizeof set, &set);
  return set;
}

bool Same(const cpu_set_t& a, const cpu_set_t& b) { return CPU_EQUAL(&a, &b); }

// In a process of its own: the test's keeps what it has.
bool HoldsInChild(const std::function<bool()>& check) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(check() ? 0 : 1);
  int status = 0;
  return ::waitpid(pid, &status, 0) == pid && status == 0;
}

ino_t Network() {
  struct stat info {};
  return ::stat("/proc/self/ns/net", &info) == 0 ? info.st_ino : 0;
}

}  // namespace

TEST_CASE("who stands aside keeps from one processor, and gives that up again") {
  CHECK(HoldsInChild([] {
    const auto before = Allowed();
    if (CPU_COUNT(&before) < 2) return true;
    const int mine = ::sched_getcpu();
    Aside aside;
    aside.Avoid(mine);
    const auto meanwhile = Allowed();
    if (CPU_ISSET(mine, &meanwhile) || CPU_COUNT(&meanwhile) != CPU_COUNT(&before) - 1) return false;
    aside.Return();
    return Same(Allowed(), before);
  }));
}

TEST_CASE("a restriction that somebody asked for stays") {
  CHECK(HoldsInChild([] {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(::sched_getcpu(), &one);
    if (::sched_setaffinity(0, sizeof one, &one) != 0) return false;
    Aside aside;
    aside.Avoid(::sched_getcpu());  // there is no other
    if (!Same(Allowed(), one)) return false;
    aside.Return();
    return Same(Allowed(), one);
  }));
}

TEST_CASE("a visit ends where it began") {
  if (::geteuid() != 0) return;  // without root nobody comes back: a helper goes
  CHECK(HoldsInChild([] {
    static ino_t inside = 0;
    const auto before = Network();
    const auto visited = RunVisiting(
        CLONE_NEWNET,
        [](void*) {
          if (::unshare(CLONE_NEWNET) == 0) inside = Network();
          return 0;
        },
        nullptr);
    return VisitNamespace(CLONE_NEWNET, [] {}) && visited.ok() && inside != 0 && inside != before && Network() == before;
  }));
}

}  // namespace tsc
