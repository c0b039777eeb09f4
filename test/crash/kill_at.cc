// SPDX-License-Identifier: Apache-2.0
//
// Kills a process on its way into its Nth system call: the same moment each time.
//
//     kill_at PID PATH N VICTIM         PID: the process that is watched, running already
//     kill_at --run PATH N VICTIM COMMAND…
//
// PATH says whose calls count: "-" those of that process, "0" those of its first child from now on, "0.1" of that one's second child.
// N 0 only counts. VICTIM 0 is the process that is counted, else a pid: it dies while the counted one stands at its Nth call.
// Says "ready", then "killed CALL" or, when the counted process has ended or standard input has, "counted N".
#include <poll.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <set>
#include <string>

namespace {

constexpr long kFollow = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE;

struct Tracee {
  std::string path;
  int children = 0;
};

std::string target;
long wanted = 0, counted = 0;
pid_t victim = 0;
std::map<pid_t, Tracee> tracees;
std::set<pid_t> newborn;  // stopped, but its parent has not told of it yet

[[noreturn]] void End(const std::string& words) {
  std::puts(words.c_str());
  std::fflush(stdout);
  ::_exit(0);  // whoever is still watched goes on by itself
}

bool Leads(const std::string& path) { return path == "-" || target == path || target.starts_with(path + "."); }

void Go(pid_t pid, int signal = 0) {
  const bool counts = tracees.at(pid).path == target;
  ::ptrace(counts ? PTRACE_SYSCALL : PTRACE_CONT, pid, 0, signal);
}

void Adopt(pid_t pid) {
  newborn.erase(pid);
  const std::string& path = tracees.at(pid).path;
  if (!Leads(path)) {
    ::ptrace(PTRACE_DETACH, pid, 0, 0);
    tracees.erase(pid);
    return;
  }
  if (path == target) ::ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD);
  Go(pid);
}

void OnBirth(pid_t parent) {
  unsigned long message = 0;
  ::ptrace(PTRACE_GETEVENTMSG, parent, 0, &message);
  const auto child = static_cast<pid_t>(message);
  Tracee& from = tracees.at(parent);
  const std::string number = std::to_string(from.children++);
  tracees[child].path = from.path == "-" ? number : from.path + "." + number;
  if (newborn.contains(child)) Adopt(child);
}

bool IsGone(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(file, text);
  const auto close = text.rfind(')');
  return close == std::string::npos || text[close + 2] == 'Z' || text[close + 2] == 'X';
}

void OnCall(pid_t pid) {
  __ptrace_syscall_info info{};
  ::ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info);
  if (info.op != PTRACE_SYSCALL_INFO_ENTRY || ++counted != wanted) return Go(pid);
  const pid_t doomed = victim ? victim : pid;
  ::kill(doomed, SIGKILL);
  for (int i = 0; victim && !IsGone(doomed) && i < 5000; ++i) ::usleep(100);
  End("killed " + std::to_string(info.entry.nr));
}

void OnStop(pid_t pid, int status) {
  const int event = status >> 16, signal = WSTOPSIG(status);
  if (!tracees.contains(pid)) {
    newborn.insert(pid);
    return;
  }
  if (tracees[pid].path != "-" && event == PTRACE_EVENT_STOP && signal == SIGTRAP) return Adopt(pid);
  if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK || event == PTRACE_EVENT_CLONE) {
    OnBirth(pid);
    return Go(pid);
  }
  if (signal == (SIGTRAP | 0x80)) return OnCall(pid);
  if (event == PTRACE_EVENT_STOP && signal != SIGTRAP) {
    ::ptrace(PTRACE_LISTEN, pid, 0, 0);
    return;
  }
  Go(pid, event ? 0 : signal);
}

void Reap() {
  int status = 0;
  for (pid_t pid; (pid = ::waitpid(-1, &status, __WALL | WNOHANG)) > 0;) {
    if (WIFSTOPPED(status)) {
      OnStop(pid, status);
      continue;
    }
    const bool ours = tracees.contains(pid) && tracees[pid].path == target;
    tracees.erase(pid);
    newborn.erase(pid);
    if (ours || tracees.empty()) End("counted " + std::to_string(counted));
  }
}

pid_t Start(char** command) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::raise(SIGSTOP);
    ::execvp(command[0], command);
    ::_exit(127);
  }
  int status = 0;
  ::waitpid(pid, &status, WUNTRACED);
  return pid;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) return 2;
  const bool run = std::strcmp(argv[1], "--run") == 0;
  target = argv[2];
  wanted = std::atol(argv[3]);
  victim = std::atoi(argv[4]);
  sigset_t children;
  ::sigemptyset(&children);
  ::sigaddset(&children, SIGCHLD);
  ::sigprocmask(SIG_BLOCK, &children, nullptr);
  const int signals = ::signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
  const pid_t root = run ? Start(argv + 5) : std::atoi(argv[1]);
  tracees[root].path = "-";
  if (::ptrace(PTRACE_SEIZE, root, 0, target == "-" ? long{PTRACE_O_TRACESYSGOOD} : kFollow) != 0) return std::perror("seize"), 1;
  ::ptrace(PTRACE_INTERRUPT, root, 0, 0);
  if (run) ::kill(root, SIGCONT);
  std::puts("ready");
  std::fflush(stdout);
  for (;;) {
    pollfd watched[] = {{signals, POLLIN, 0}, {0, POLLIN, 0}};
    if (::poll(watched, 2, -1) < 0) continue;
    signalfd_siginfo info;
    while (::read(signals, &info, sizeof info) > 0) {
    }
    Reap();
    if (watched[1].revents) End("counted " + std::to_string(counted));
  }
}
