// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <functional>
#include <optional>
#include <string>

#include "cgroup/driver.h"
#include "core/syscalls.h"

// In a child that was forked by a test: an assertion that ends it. (doctest's own would be lost there.)
#define CHILD_CHECK(condition)                                             \
  do {                                                                     \
    if (!(condition)) {                                                    \
      std::fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
      ::_exit(1);                                                          \
    }                                                                      \
  } while (false)

namespace tsc::test {

// A driver of this test alone, which leaves nothing behind.
struct Engine {
  explicit Engine(const std::string& tag) : driver(Open(tag)) {}
  ~Engine() {
    if (!driver) return;
    (void)driver->Reclaim([](std::string_view) { return false; });
    (void)driver->Close();
  }
  static std::optional<CgroupDriver> Open(const std::string& tag) {
    auto opened = CgroupDriver::Open({.name = "tscontainer-test-" + tag + "-" + std::to_string(::getpid())});
    if (!opened) return std::nullopt;
    return std::move(*opened);
  }
  bool has(std::string_view controller) const {
    for (const auto& name : driver->controllers()) {
      if (name == controller) return true;
    }
    return false;
  }
  CgroupDriver* operator->() { return &*driver; }

  std::optional<CgroupDriver> driver;
};

// Says so, and is false, where the host cannot run a test.
inline bool Has(const Engine& engine, std::string_view controller) {
  if (engine.driver && engine.has(controller)) return true;
  std::printf("skipped: no %s (%s)\n", std::string(controller).c_str(),
              engine.driver ? engine.driver->reason(controller).c_str() : "no driver");
  return false;
}

// A process inside of the cgroup, as the supervisor makes it: cloned into the unified leaf, and joined to v1 by itself.
inline pid_t Spawn(const Cgroup& cgroup, const std::function<int()>& body) {
  clone_args args{};
  args.exit_signal = SIGCHLD;
  if (cgroup.clone_fd() >= 0) {
    args.flags = CLONE_INTO_CGROUP;
    args.cgroup = static_cast<std::uint64_t>(cgroup.clone_fd());
  }
  const pid_t pid = sys::clone3(args);
  if (pid != 0) return pid;
  if (cgroup.needs_join() && !cgroup.Join(0)) ::_exit(99);
  ::_exit(body());
}

// Runs in a child of its own, for what cannot be undone; its exit status.
inline int InChild(const std::function<int()>& body) {
  std::fflush(nullptr);
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(body());
  int status = 0;
  if (::waitpid(pid, &status, 0) != pid) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

inline int WaitFor(pid_t pid) {
  int status = 0;
  if (::waitpid(pid, &status, 0) != pid) return -1;
  return status;
}

// Asks until it is so, at most five seconds.
inline bool Eventually(const std::function<bool()>& condition) {
  for (int i = 0; i < 500; ++i) {
    if (condition()) return true;
    ::usleep(10000);
  }
  return false;
}

inline int Forever() {
  for (;;) ::pause();
}

}  // namespace tsc::test
