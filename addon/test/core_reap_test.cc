// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>

#include "core/reap.h"
#include "core/syscalls.h"
#include "core/unique_fd.h"

namespace tsc {
namespace {

using Clock = std::chrono::steady_clock;

UniqueFd ChildThat(void (*acts)()) {
  int pidfd = -1;
  clone_args args{};
  args.flags = CLONE_PIDFD;
  args.pidfd = reinterpret_cast<std::uint64_t>(&pidfd);
  args.exit_signal = SIGCHLD;
  const pid_t pid = sys::clone3(args);
  REQUIRE(pid >= 0);
  if (pid == 0) {
    acts();
    ::_exit(0);
  }
  return UniqueFd(pidfd);
}

void StaysForEver() {
  for (;;) ::pause();
}

bool IsTaken(int pidfd) { return sys::pidfd_send_signal(pidfd, 0) != 0 && errno == ESRCH; }

TEST_CASE("a child that ends is taken away at once") {
  const auto child = ChildThat([] { ::usleep(20'000); });
  const auto before = Clock::now();
  AwaitAndReap(child.get());
  CHECK(IsTaken(child.get()));
  CHECK(Clock::now() - before < std::chrono::seconds(1));
}

TEST_CASE("a child that is to end and does not is killed after two seconds") {
  const auto child = ChildThat(StaysForEver);
  const auto before = Clock::now();
  AwaitAndReap(child.get());
  CHECK(IsTaken(child.get()));
  CHECK(Clock::now() - before >= std::chrono::seconds(2));
}

TEST_CASE("whoever looks whether a child has ended does not take it away") {
  const auto child = ChildThat([] {});
  CHECK(AwaitEnd(child.get(), 5000));
  CHECK(AwaitEnd(child.get(), 0));
  KillAndReap(child.get());
  CHECK(IsTaken(child.get()));
}

TEST_CASE("nobody waits for what is no child of his") {
  const UniqueFd self(sys::pidfd_open(::getppid()));
  REQUIRE(self);
  CHECK(AwaitEnd(self.get(), 5000));
}

}  // namespace
}  // namespace tsc
