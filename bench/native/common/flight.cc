// SPDX-License-Identifier: Apache-2.0
#include "common/flight.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

extern char** environ;

namespace bench {
namespace {

[[noreturn]] void Stop(const std::string& program, int error) {
  std::fprintf(stderr, "bench: %s: %s\n", program.c_str(), error ? std::strerror(error) : "failed");
  std::exit(1);
}

}  // namespace

void Fly(int total, int at_a_time, const std::function<Flight()>& start) {
  std::vector<Flight> flying;
  std::vector<pollfd> polls;
  for (int started = 0; started < total || !flying.empty();) {
    while (started < total && static_cast<int>(flying.size()) < at_a_time) {
      flying.push_back(start());
      polls.push_back({flying.back().pidfd, POLLIN, 0});
      ++started;
    }
    if (::poll(polls.data(), polls.size(), -1) < 0) continue;
    for (std::size_t i = flying.size(); i-- > 0;) {
      if (!polls[i].revents) continue;
      flying[i].end();
      flying.erase(flying.begin() + static_cast<std::ptrdiff_t>(i));
      polls.erase(polls.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }
}

int StartProgram(const std::vector<std::string>& argv) {
  std::vector<char*> pointers;
  for (const auto& word : argv) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  pid_t pid = 0;
  const int error = argv.empty() ? EINVAL : ::posix_spawnp(&pid, pointers[0], &actions, nullptr, pointers.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) Stop(argv.empty() ? "run" : argv[0], error);
  const int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (pidfd < 0) Stop(argv[0], errno);
  return pidfd;
}

void EndProgram(int pidfd, const std::vector<std::string>& argv) {
  siginfo_t info{};
  if (::waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(pidfd), &info, WEXITED) != 0) Stop(argv[0], errno);
  ::close(pidfd);
  if (info.si_code != CLD_EXITED || info.si_status != 0) Stop(argv[0], 0);
}

}  // namespace bench
