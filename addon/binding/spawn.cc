// SPDX-License-Identifier: Apache-2.0
#include "binding/spawn.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "binding/executable.h"
#include "core/string_pointers.h"

namespace tsc::binding {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kReadyFd = 3;
constexpr std::size_t kLineLimit = 1 << 20;

// Above the numbers that the child gets: a dup2 in the child must not overwrite the source of the next one.
Result<UniqueFd> OutOfTheWay(UniqueFd fd) {
  UniqueFd high(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 10));
  if (!high) return Errno("duplicate descriptor");
  return high;
}

// The attributes and file actions of one spawn.
class SpawnPlan {
 public:
  SpawnPlan(int null, int ready, bool keep_stderr) {
    ::posix_spawnattr_init(&attributes);
    sigset_t signals;
    ::sigfillset(&signals);
    ::posix_spawnattr_setsigdefault(&attributes, &signals);
    ::sigemptyset(&signals);
    ::posix_spawnattr_setsigmask(&attributes, &signals);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, null, 0);
    ::posix_spawn_file_actions_adddup2(&actions, null, 1);
    if (!keep_stderr) ::posix_spawn_file_actions_adddup2(&actions, null, 2);
    ::posix_spawn_file_actions_adddup2(&actions, ready, kReadyFd);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }

  posix_spawnattr_t attributes;
  posix_spawn_file_actions_t actions;
};

// posix_spawn shares this process's memory until the exec (vfork): its cost does not grow with Node. What Node has open is close-on-exec;
// what it inherited itself from its own parent without that flag, the supervisor closes as its first act.
int Spawn(int executable, const SpawnOptions& options, const SpawnPlan& plan, pid_t* pid) {
  const std::string path = "/proc/self/fd/" + std::to_string(executable);
  std::vector<std::string> words{"tscontainer-supervisor"};
  words.insert(words.end(), options.arguments.begin(), options.arguments.end());
  const auto argv = StringPointers(words);
  const auto environment = StringPointers(options.environment);
  return ::posix_spawn(pid, path.c_str(), &plan.actions, &plan.attributes, argv.data(), environment.data());
}

bool IsRefusal(int error) { return error == EACCES || error == EPERM || error == ENOSYS || error == ENOENT; }

Result<pid_t> SpawnSealedOrVerified(const SpawnOptions& options, const SpawnPlan& plan) {
  pid_t pid = -1;
  auto copy = SealedCopy(options.executable);
  if (copy) {
    const UniqueFd sealed = TSC_TRY(OutOfTheWay(std::move(*copy)));
    const int error = Spawn(sealed.get(), options, plan, &pid);
    if (error == 0) return pid;
    if (!IsRefusal(error)) return Fail("start supervisor", error, options.executable);
  } else if (!IsRefusal(copy.failure().error) || copy.failure().step == "open supervisor") {
    return copy.failure();
  }
  const UniqueFd file = TSC_TRY(OutOfTheWay(TSC_TRY(VerifiedFile(options.executable))));
  const int error = Spawn(file.get(), options, plan, &pid);
  if (error != 0) return Fail("start supervisor", error, options.executable);
  return pid;
}

int MillisecondsUntil(Clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return static_cast<int>(std::max<long long>(left, 0));
}

Result<std::string> ReadLine(int fd, Clock::time_point deadline) {
  std::string line;
  while (line.find('\n') == std::string::npos) {
    pollfd ready{fd, POLLIN, 0};
    const int count = ::poll(&ready, 1, MillisecondsUntil(deadline));
    if (count == 0) return Fail("wait for supervisor", ETIMEDOUT);
    if (count < 0 && errno != EINTR) return Errno("wait for supervisor");
    if (count < 0) continue;
    char buffer[4096];
    const ssize_t n = ::read(fd, buffer, sizeof buffer);
    if (n < 0 && errno != EINTR) return Errno("wait for supervisor");
    if (n == 0) return Fail("wait for supervisor", EPROTO, line);
    if (n > 0) line.append(buffer, static_cast<std::size_t>(n));
    if (line.size() > kLineLimit) return Fail("wait for supervisor", EMSGSIZE);
  }
  line.resize(line.find('\n'));
  return line;
}

// The first process has only detached the real one. One that lingers is not what we started: it goes.
void Reap(pid_t pid, Clock::time_point deadline) {
  for (;;) {
    const pid_t reaped = ::waitpid(pid, nullptr, WNOHANG);
    if (reaped == pid || (reaped < 0 && errno != EINTR)) return;
    if (Clock::now() >= deadline) break;
    ::usleep(500);
  }
  ::kill(pid, SIGKILL);
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace

Result<std::string> SpawnSupervisor(const SpawnOptions& options) {
  const auto deadline = Clock::now() + std::chrono::milliseconds(options.timeout_ms);
  UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null) return Errno("open", "/dev/null");
  null = TSC_TRY(OutOfTheWay(std::move(null)));
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return Errno("create pipe");
  const UniqueFd reader(ends[0]);
  UniqueFd writer = TSC_TRY(OutOfTheWay(UniqueFd(ends[1])));
  const SpawnPlan plan(null.get(), writer.get(), options.keep_stderr);
  const pid_t pid = TSC_TRY(SpawnSealedOrVerified(options, plan));
  writer.reset();
  auto line = ReadLine(reader.get(), deadline);
  // With its whole session: what did not get ready must not stay.
  if (!line) ::kill(-pid, SIGKILL);
  Reap(pid, deadline);
  return line;
}

}  // namespace tsc::binding
