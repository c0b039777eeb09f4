// SPDX-License-Identifier: Apache-2.0
#include "supervisor/nursery.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <iterator>

#include "core/json_reader.h"
#include "core/reap.h"
#include "core/syscalls.h"
#include "runtime/child_devices.h"
#include "runtime/child_program.h"
#include "runtime/process_title.h"
#include "supervisor/packet.h"

namespace tsc {
namespace {

// The kernel takes down the network namespaces that it finds at a time together, at hardly more than the cost of one.
constexpr std::size_t kMostGraves = 16;
constexpr std::chrono::milliseconds kMourning{20};
constexpr int kPatienceMs = 2000;  // for what it has begun when we leave

Json TreesJson(const std::vector<KernelTree>& trees) {
  Json list = Json::array();
  for (const auto& tree : trees) {
    Json mounts = Json::array();
    for (const auto& mount : tree.mounts) {
      mounts.push_back({{"destination", mount.destination}, {"type", mount.type}, {"attributes", mount.attr_set}, {"data", mount.data}});
    }
    list.push_back({{"mounts", std::move(mounts)}, {"maskedPaths", tree.masked_paths}, {"readonlyPaths", tree.readonly_paths}});
  }
  return list;
}

Mount MountOf(const Json& item) {
  Mount mount;
  mount.destination = StringMember(item, "destination");
  mount.type = StringMember(item, "type");
  mount.attr_set = static_cast<std::uint64_t>(IntMember(item, "attributes"));
  for (const auto& entry : Member(item, "data")) mount.data.emplace_back(StringOf(entry[0]), StringOf(entry[1]));
  return mount;
}

std::vector<KernelTree> TreesOf(const Json& list) {
  std::vector<KernelTree> trees;
  for (const auto& item : list) {
    KernelTree tree{{}, StringsMember(item, "maskedPaths"), StringsMember(item, "readonlyPaths")};
    for (const auto& mount : Member(item, "mounts")) tree.mounts.push_back(MountOf(mount));
    if (!tree.mounts.empty()) trees.push_back(std::move(tree));
  }
  return trees;
}

// Without root no device nodes can be made: the child binds the host's.
Result<UniqueFd> DevicesFor(const Host& host, const std::vector<KernelTree>& trees) {
  if (host.options.rootless) return UniqueFd();
  const uid_t owner = host.user_namespaces ? host.container_root() : 0;
  for (const auto& tree : trees)
    if (tree.destination() == "/dev") return MakeDeviceFileSystem({}, tree.mounts.front(), owner, owner);
  return UniqueFd();
}

Result<Launched> BearChild(CgroupDriver* cgroups, const std::string& name, ParkedRequest request) {
  request.sibling = true;
  if (name.empty()) return LaunchParked(request);
  auto cgroup = TSC_TRY(cgroups->Create(name, {}));
  request.cgroup = cgroup.clone_fd();
  if (cgroup.needs_join()) request.join_cgroups = [&cgroup] { return cgroup.Join(0); };
  auto launched = LaunchParked(request);
  if (!launched.ok()) (void)cgroup.Remove().ok();
  return launched;
}

Result<UniqueFd> MakeRoot(const Host& host, const std::string& name, const RootRequest& request) {
  if (::mkdirat(host.root_dir.get(), name.c_str(), 0700) != 0) return Errno("mkdir", name);
  const UniqueFd directory(::openat(host.root_dir.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!directory) return Errno("open", name);
  TSC_TRY(MakeOverlayDirectories(host, directory.get(), request));
  return MountContainerOverlay(host, request, host.options.root + "/" + name, true);
}

// Without a reader there is nothing more to do: the children see the end of their sockets, and the next supervisor removes what is left.
// One that waits for an answer is told by our end.
void Answer(int socket, const Json& answer, const std::vector<int>& descriptors) {
  if (!SendPacket(socket, answer.dump(-1, ' ', false, Json::error_handler_t::replace), descriptors)) ::_exit(1);
}

void AnswerFailure(int socket, const Failure& failure) { Answer(socket, FailureJson(failure), {}); }

void Handle(const Host& host, CgroupDriver* cgroups, Aside* aside, int socket, const Json& request) {
  if (const std::string name = StringMember(request, "root"); !name.empty()) {
    const auto overlay = MakeRoot(host, name,
                                  {StringsMember(request, "layers"), BoolMember(request, "userNamespace"), BoolMember(request, "hostname"),
                                   StringMember(request, "rootLayer")});
    return overlay.ok() ? Answer(socket, Json::object(), {overlay->get()}) : AnswerFailure(socket, overlay.failure());
  }
  ParkedRequest parked;
  parked.id_maps = host.id_maps;
  parked.aside = aside;
  parked.binds_devices = host.options.rootless;
  parked.trees = TreesOf(Member(request, "trees"));
  auto devices = DevicesFor(host, parked.trees);
  if (!devices.ok()) return AnswerFailure(socket, devices.failure());
  parked.device_file_system = std::move(*devices);
  const auto child = BearChild(cgroups, StringMember(request, "cgroup"), std::move(parked));
  if (!child.ok()) return AnswerFailure(socket, child.failure());
  std::vector<int> descriptors{child->pidfd.get(), child->control.get(), child->exec_status.get()};
  if (child->mounts) descriptors.push_back(child->mounts.get());
  Answer(socket, {{"pid", child->pid}}, descriptors);
}

[[noreturn]] void Serve(Host host, UniqueFd socket) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  SetProcessTitle("tscontainer-nursery");
  ChildCloseOthers({socket.get(), host.root_dir.get()});
  host.staging += "-nursery";  // where a mount needs a place, the supervisor's is the supervisor's
  // An engine's name in the trees is the same for all of its processes, and so is the directory found.
  auto cgroups = CgroupDriver::Open({.name = host.cgroups->name()});
  Aside aside;
  pollfd waiting{socket.get(), POLLIN, 0};
  while (cgroups.ok()) {
    ::poll(&waiting, 1, -1);
    Packet packet;
    const auto state = ReceivePacket(socket.get(), &packet);
    if (state == ReceiveState::kClosed) break;
    if (state != ReceiveState::kPacket) continue;
    const Json request = Json::parse(packet.text, nullptr, false);
    aside.Avoid(static_cast<int>(IntMember(request, "processor")));
    // What is to be buried goes with its packet.
    if (!BoolMember(request, "bury")) Handle(host, &*cgroups, &aside, socket.get(), request);
  }
  ::_exit(0);
}

}  // namespace

Status Nursery::Start() {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) return Errno("socketpair");
  UniqueFd ours(pair[0]), theirs(pair[1]);
  int pidfd = -1;
  clone_args args{};
  args.flags = CLONE_PIDFD;
  args.pidfd = reinterpret_cast<std::uint64_t>(&pidfd);
  args.exit_signal = SIGCHLD;  // that of the children it bears, too
  const pid_t pid = sys::clone3(args);
  if (pid < 0) return Errno("clone", "nursery");
  // In the copy of our memory that is the child's: nothing of it is destroyed, the child ends by _exit.
  if (pid == 0) Serve(std::move(*host_), std::move(theirs));
  pidfd_.reset(pidfd);
  socket_ = std::move(ours);
  loop_->Add(socket_.get(), EPOLLIN, [this](std::uint32_t) {
    while (socket_ && TakeAnswer()) {
    }
  });
  return {};
}

Status Nursery::Ask(Json request, Then then) {
  if (!socket_) TSC_TRY(Start());
  request["processor"] = ::sched_getcpu();  // ours
  TSC_TRY(SendPacket(socket_.get(), request.dump(-1, ' ', false, Json::error_handler_t::replace), {}));
  asked_.push_back(std::move(then));
  return {};
}

Status Nursery::AskForChild(const std::string& cgroup, const std::vector<KernelTree>& trees, OnChild then) {
  return Ask({{"cgroup", cgroup}, {"trees", TreesJson(trees)}}, [then = std::move(then)](const Json& answer, std::vector<UniqueFd> fds) {
    if (fds.size() < 3) return then(FailureOf(answer));
    fds.resize(4);
    then(
        Launched{static_cast<pid_t>(IntMember(answer, "pid")), std::move(fds[0]), std::move(fds[1]), std::move(fds[2]), std::move(fds[3])});
  });
}

Status Nursery::AskForRoot(const std::string& directory, const RootRequest& request, OnRoot then) {
  Json message{{"root", directory},
               {"layers", request.layers},
               {"rootLayer", request.root_layer},
               {"userNamespace", request.user_namespace},
               {"hostname", request.hostname}};
  return Ask(std::move(message), [then = std::move(then)](const Json& answer, std::vector<UniqueFd> fds) {
    if (fds.size() != 1) return then(FailureOf(answer));
    then(std::move(fds[0]));
  });
}

void Nursery::Bury(UniqueFd mounts) {
  if (!socket_ || !mounts) return;
  graves_.push_back(std::move(mounts));
  if (graves_.size() >= kMostGraves)
    BuryAll();
  else if (!mourning_)
    mourning_ = loop_->After(kMourning, [this] { BuryAll(); });
}

void Nursery::BuryAll() {
  if (mourning_) loop_->Cancel(*std::exchange(mourning_, std::nullopt));
  const auto graves = std::exchange(graves_, {});
  if (!socket_ || graves.empty()) return;
  std::vector<int> descriptors;
  for (const auto& grave : graves) descriptors.push_back(grave.get());
  (void)SendPacket(socket_.get(), Json{{"bury", true}, {"processor", ::sched_getcpu()}}.dump(), descriptors).ok();
}

bool Nursery::TakeAnswer() {
  Packet packet;
  bool stripped = false;
  const auto state = ReceivePacket(socket_.get(), &packet, &stripped);
  if (state == ReceiveState::kNothing) return false;
  if (state == ReceiveState::kClosed || asked_.empty()) {
    Lose();
    return false;
  }
  const Then then = std::move(asked_.front());
  asked_.pop_front();
  then(stripped ? FailureJson(Fail("receive descriptors", EMFILE)) : Json::parse(packet.text, nullptr, false),
       std::move(packet.descriptors));
  return true;
}

// It was closed, or somebody killed it. What it had begun sees that too, and what is left goes when the engine opens the next time.
void Nursery::Lose() {
  loop_->Remove(socket_.get());
  KillAndReap(pidfd_.get());
  socket_.reset();
  pidfd_.reset();
  for (const auto& then : std::exchange(asked_, {})) then(FailureJson(Fail("ask the nursery", EPIPE)), {});
}

void Nursery::Close() {
  BuryAll();
  if (!socket_) return;
  ::shutdown(socket_.get(), SHUT_WR);
  if (!AwaitEnd(pidfd_.get(), kPatienceMs)) sys::pidfd_send_signal(pidfd_.get(), SIGKILL);
  while (socket_ && TakeAnswer()) {
  }
  if (socket_) Lose();
}

}  // namespace tsc
