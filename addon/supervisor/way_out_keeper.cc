// SPDX-License-Identifier: Apache-2.0
#include "supervisor/way_out_keeper.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <vector>

#include "core/string_pointers.h"
#include "core/syscalls.h"
#include "network/addresses.h"
#include "network/links.h"
#include "runtime/child_program.h"
#include "runtime/process_title.h"

namespace tsc {
namespace {

constexpr int kPollMs = 3;
constexpr int kUntilReadyMs = 5000;
constexpr std::size_t kLastWords = 400, kBeforeUsers = 3;
// To enter the namespace, set its link up, and make a root of their own; slirp4netns keeps the last one.
constexpr int kProgramCapabilities[] = {CAP_SYS_ADMIN, CAP_NET_ADMIN, CAP_SETUID, CAP_SETGID, CAP_SETPCAP, CAP_NET_BIND_SERVICE};

struct Pipe {
  UniqueFd read, write;
};

bool Open(Pipe* pipe, int flags) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | flags) != 0) return false;
  pipe->read.reset(ends[0]);
  pipe->write.reset(ends[1]);
  return true;
}

bool LimitCapabilities() {
  for (int cap = 0; cap <= CAP_LAST_CAP; ++cap) {
    const bool kept = std::find(std::begin(kProgramCapabilities), std::end(kProgramCapabilities), cap) != std::end(kProgramCapabilities);
    if (!kept && ::prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) != 0 && errno != EINVAL) return false;
  }
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

// In the host's network namespace, as soon as the keeper has entered the other one.
[[noreturn]] void RunProgram(const WayOutProgram& program, const std::string& target, int go, int words) {
  char byte = 0;
  if (::read(go, &byte, 1) != 1) ::_exit(125);
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  const bool placed = nothing >= 0 && ::dup2(nothing, 0) == 0 && ::dup2(nothing, 1) == 1 && ::dup2(words, 2) == 2;
  const rlimit no_core{0, 0};
  if (!placed || ::setrlimit(RLIMIT_CORE, &no_core) != 0 || !LimitCapabilities()) ::_exit(125);
  ChildResetSignals();
  ChildCloseOthers({});
  const auto arguments = WayOutArguments(program, target);
  char* const none[] = {nullptr};
  ::execve(program.path.c_str(), StringPointers(arguments).data(), none);
  ::_exit(127);
}

bool LeadsOut(NetlinkSocket* socket) {
  const auto link = FindLink(socket, kWayOutLink);
  if (!link.ok() || !*link || !(*link)->up) return false;
  const auto routes = ListRoutes(socket);
  return routes.ok() && std::any_of(routes->begin(), routes->end(),
                                    [&](const Route& route) { return route.destination.length == 0 && route.link == (*link)->index; });
}

class Keeper {
 public:
  Keeper(const WayOutProgram& program, UniqueFd socket, UniqueFd listener) : program_(program), listener_(std::move(listener)) {
    users_.push_back(std::move(socket));
  }

  [[noreturn]] void Run(int network_namespace) {
    Pipe go, words;
    if (!Open(&go, 0) || !Open(&words, O_NONBLOCK)) Fail("pipe", errno);
    // The program looks us up by our number in the /proc that both see.
    char own[32] = {};
    if (::readlink("/proc/self", own, sizeof own - 1) <= 0) Fail("read /proc/self", errno);
    const std::string target = std::string("/proc/") + own + "/ns/net";
    child_ = ::fork();
    if (child_ < 0) Fail("fork", errno);
    if (child_ == 0) {
      go.write.reset();
      RunProgram(program_, target, go.read.get(), words.write.get());
    }
    go.read.reset();
    words.write.reset();
    words_ = std::move(words.read);
    Enter(network_namespace);
    if (::write(go.write.get(), "g", 1) != 1) Fail("pipe", errno);
    Watch();
  }

 private:
  [[noreturn]] void Fail(const std::string& step, int error) { End(step + ": " + ::strerrordesc_np(error)); }
  [[noreturn]] void End(const std::string& why) {
    Tell(why.data(), why.size());
    ::_exit(1);
  }

  // Who may look at our namespaces has our capabilities at least: we have none. Nothing in our memory is a secret to this user.
  void Enter(int network_namespace) {
    if (::setns(network_namespace, CLONE_NEWNET) != 0) Fail("join network namespace", errno);
    auto netlink = NetlinkSocket::Open(NETLINK_ROUTE);
    if (!netlink.ok()) Fail("open netlink socket", netlink.failure().error);
    netlink_.emplace(std::move(*netlink));
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    const __user_cap_data_struct nothing[2]{};
    if (::syscall(SYS_capset, &header, nothing) != 0) Fail("drop capabilities", errno);
    if (::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0) Fail("make dumpable", errno);
  }

  [[noreturn]] void Watch() {
    const UniqueFd child(sys::pidfd_open(child_));
    if (!child) Fail("watch child", errno);
    for (int waited = 0;; waited += kPollMs) {
      if (!ready_ && LeadsOut(&*netlink_)) SayReady();
      if (!ready_ && waited > kUntilReadyMs) End(std::string(program_.name) + " makes no way out");
      std::vector<pollfd> watched{{words_.get(), POLLIN, 0}, {child.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}};
      for (const auto& user : users_) watched.push_back({user.get(), POLLIN, 0});
      ::poll(watched.data(), watched.size(), ready_ ? -1 : kPollMs);
      if (watched[0].revents != 0) Listen();
      if (watched[1].revents != 0) Mourn();
      // Who comes just now keeps it alive. From the last on, so that those before keep their places.
      if (watched[2].revents != 0) Welcome();
      for (std::size_t i = watched.size(); i-- > kBeforeUsers;)
        if (watched[i].revents != 0) PartFrom(i - kBeforeUsers);
      // As the first process of its namespace we have every orphan.
      while (::waitpid(-1, nullptr, WNOHANG) > 0) {
      }
    }
  }

  void SayReady() {
    ready_ = true;
    netlink_.reset();
    Tell(&kWayOutReady, 1);
  }

  void Tell(const char* what, std::size_t size) const {
    for (const auto& user : users_) (void)!::send(user.get(), what, size, MSG_NOSIGNAL | MSG_DONTWAIT);
  }

  void Welcome() {
    UniqueFd user(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!user) return;
    if (ready_) (void)!::send(user.get(), &kWayOutReady, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    users_.push_back(std::move(user));
  }

  // It leaves, or has ended. With the last one all of this goes, and whoever waits sees it by the end of the socket.
  void PartFrom(std::size_t index) {
    const UniqueFd user = std::move(users_[index]);
    users_.erase(users_.begin() + static_cast<std::ptrdiff_t>(index));
    char unread[16];  // what is closed with something unread takes the answer along
    (void)!::recv(user.get(), unread, sizeof unread, MSG_DONTWAIT);
    if (!users_.empty()) return void(!::send(user.get(), &kWayOutStays, 1, MSG_NOSIGNAL | MSG_DONTWAIT));
    ::kill(child_, SIGKILL);
    while (::waitpid(-1, nullptr, 0) > 0 || errno == EINTR) {
    }
    ::_exit(0);
  }

  void Listen() {
    char buffer[512];
    ssize_t got;
    while ((got = ::read(words_.get(), buffer, sizeof buffer)) > 0) {
      said_.append(buffer, static_cast<std::size_t>(got));
      if (said_.size() > kLastWords) said_.erase(0, said_.size() - kLastWords);
    }
    if (got == 0) words_.reset();
  }

  [[noreturn]] void Mourn() {
    if (words_) Listen();
    while (!said_.empty() && said_.back() == '\n') said_.pop_back();
    End(program_.name + (said_.empty() ? std::string(" ended by itself") : ": " + said_));
  }

  WayOutProgram program_;
  UniqueFd listener_;
  std::vector<UniqueFd> users_;
  pid_t child_ = -1;
  UniqueFd words_;
  std::string said_;
  std::optional<NetlinkSocket> netlink_;
  bool ready_ = false;
};

}  // namespace

Result<WayOutKeeper> StartWayOut(const WayOutProgram& program, int network_namespace, int listener) {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) return Errno("socketpair");
  WayOutKeeper keeper;
  keeper.socket.reset(pair[0]);
  UniqueFd theirs(pair[1]);
  int pidfd = -1;
  clone_args args{};
  args.flags = CLONE_PIDFD | CLONE_NEWPID;
  args.pidfd = reinterpret_cast<std::uint64_t>(&pidfd);
  args.exit_signal = SIGCHLD;
  const pid_t pid = sys::clone3(args);
  if (pid < 0) return Errno("start worker");
  if (pid == 0) {
    ::setsid();
    SetProcessTitle("tscontainer-outbound");
    ChildCloseOthers({theirs.get(), network_namespace, listener});
    Keeper(program, std::move(theirs), UniqueFd(listener)).Run(network_namespace);
  }
  keeper.pidfd.reset(pidfd);
  return keeper;
}

}  // namespace tsc
