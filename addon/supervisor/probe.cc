// SPDX-License-Identifier: Apache-2.0
#include "supervisor/probe.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/seccomp.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>

#include "core/paths.h"
#include "core/syscalls.h"
#include "network/firewall.h"
#include "network/forward_barrier.h"
#include "network/links.h"
#include "network/traffic_control.h"
#include "runtime/inside_network.h"
#include "runtime/mount_kit.h"
#include "supervisor/host.h"
#include "supervisor/privilege.h"
#include "supervisor/probe_attempt.h"
#include "supervisor/probe_way_out.h"
#include "supervisor/rootless.h"

namespace tsc {
namespace {

// Of the initial namespaces (include/linux/proc_ns.h).
constexpr ino_t kInitialPidNamespace = 0xEFFFFFFC;
constexpr ino_t kInitialUserNamespace = 0xEFFFFFFD;

Status TryNamespaces() {
  if (::unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP) != 0) return Errno("unshare");
  // AppArmor lets a user namespace be made and then refuses whatever is to be done in it.
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0) return Errno("make mounts slaves", "/");
  return {};
}

// A fresh procfs is refused where the one that is there has parts covered, as inside most containers.
Status TryProc() {
  if (::unshare(CLONE_NEWNS | CLONE_NEWPID) != 0) return Errno("unshare");
  const pid_t child = ::fork();
  if (child < 0) return Errno("fork");
  if (child == 0) {
    const auto mounted = NewFileSystem("proc", {}, 0);
    ::_exit(mounted.ok() ? 0 : mounted.failure().error & 0xff);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return Fail("mount file system", WIFEXITED(status) ? WEXITSTATUS(status) : EINTR, "proc");
}

Status TryUserNamespace() {
  if (::unshare(CLONE_NEWUSER) != 0) return Errno("unshare", "user namespace");
  return {};
}

// A bridge and all the rules that networks need, in a namespace of their own.
Status TryNetworks() {
  auto found = TSC_TRY(NewNetworkNamespace({}));
  auto links = TSC_TRY(NetlinkSocket::Take(std::move(found.netlink)));
  auto firewall = TSC_TRY(NetlinkSocket::Take(std::move(found.nftables)));
  constexpr std::uint32_t kGroup = 1;
  TSC_TRY(links.Send(NewBridge({"tscprobe", kGroup, MacAddress{0x02}, 0})));
  RuleSet rules;
  rules.table = "tscontainer-probe";
  rules.group = kGroup;
  rules.networks.push_back({"tscprobe"});
  return ApplyRuleSet(&firewall, rules);
}

// A link that loses what it sends.
Status TryImpairment() {
  auto found = TSC_TRY(NewNetworkNamespace({}));
  auto links = TSC_TRY(NetlinkSocket::Take(std::move(found.netlink)));
  TSC_TRY(links.Send(NewBridge({"tscprobe", 1, MacAddress{0x02}, 0})));
  const auto link = TSC_TRY(FindLink(&links, "tscprobe"));
  if (!link) return Fail("find link", ENODEV, "tscprobe");
  TrafficControl bad;
  bad.impairment.loss = 1;
  return ControlTraffic(&links, link->index, bad);
}

// What drops the packets of containers on their way, as root in the host's own firewall; null: nothing that we know of.
Json ProbeForwarding() {
  auto firewall = NetlinkSocket::Open(NETLINK_NETFILTER);
  const auto barrier = firewall.ok() ? FindForwardBarrier(&*firewall) : std::nullopt;
  if (!barrier) return nullptr;
  return {{"kind", NameOf(barrier->kind)}, {"family", barrier->family}, {"table", barrier->table}, {"chain", barrier->chain}};
}

Status TrySeccomp() {
  const std::uint32_t action = SECCOMP_RET_ERRNO;
  if (::syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) != 0) return Errno("seccomp");
  return {};
}

Status TryMemfdExec() {
  const UniqueFd memory(static_cast<int>(::syscall(SYS_memfd_create, "probe", 0x0010U /* MFD_EXEC, 6.3 */)));
  if (!memory && errno != EINVAL) return Errno("memfd_create");
  return {};
}

std::string ReadText(const char* path) {
  auto text = ReadFileAt(AT_FDCWD, path, 1 << 20);
  if (!text.ok()) return {};
  while (!text->empty() && text->back() == '\n') text->pop_back();
  return *text;
}

Json ProbeSysctls() {
  return {{"maxUserNamespaces", ReadText("/proc/sys/user/max_user_namespaces")},
          {"unprivilegedUsernsClone", ReadText("/proc/sys/kernel/unprivileged_userns_clone")},
          {"apparmorRestrictUserns", ReadText("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")},
          {"memfdNoexec", ReadText("/proc/sys/vm/memfd_noexec")}};
}

bool IsInitial(const char* path, ino_t initial) {
  struct stat info {};
  return ::stat(path, &info) != 0 || info.st_ino == initial;
}

bool InContainer() {
  return ::access("/.dockerenv", F_OK) == 0 || ::access("/run/.containerenv", F_OK) == 0 ||
         !IsInitial("/proc/self/ns/pid", kInitialPidNamespace) || !IsInitial("/proc/self/ns/user", kInitialUserNamespace) ||
         ReadText("/proc/1/environ").find("container=") != std::string::npos;
}

const char* FileSystemName(const std::string& path) {
  static const std::map<unsigned long, const char*> names = {
      {EXT4_SUPER_MAGIC, "ext4"},         {XFS_SUPER_MAGIC, "xfs"},           {BTRFS_SUPER_MAGIC, "btrfs"}, {TMPFS_MAGIC, "tmpfs"},
      {OVERLAYFS_SUPER_MAGIC, "overlay"}, {NFS_SUPER_MAGIC, "nfs"},           {FUSE_SUPER_MAGIC, "fuse"},   {V9FS_MAGIC, "9p"},
      {F2FS_SUPER_MAGIC, "f2fs"},         {ECRYPTFS_SUPER_MAGIC, "ecryptfs"}, {MSDOS_SUPER_MAGIC, "vfat"},  {0x2fc12fc1UL, "zfs"}};
  struct statfs info {};
  if (::statfs(path.c_str(), &info) != 0) return "";
  const auto known = names.find(static_cast<unsigned long>(info.f_type));
  return known == names.end() ? "" : known->second;
}

// The directory in which the root would be made, or the root itself.
std::string NearestDirectory(std::string path) {
  struct stat info {};
  while (path.size() > 1 && (::stat(path.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)))
    path.resize(std::max<std::size_t>(path.rfind('/'), 1));
  return path;
}

struct Scratch {
  std::string parent, path;
};

Result<Scratch> MakeScratch(const std::string& root) {
  Scratch scratch{NearestDirectory(root), {}};
  // mkdtemp(3) replaces the six X.
  scratch.path = (scratch.parent == "/" ? "" : scratch.parent) + "/.tscontainer-probe-XXXXXX";
  if (!::mkdtemp(scratch.path.data())) return Errno("create directory", scratch.parent);
  return scratch;
}

void RemoveScratch(const Scratch& scratch) {
  const UniqueFd parent(::open(scratch.parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (parent) (void)RemoveTree(parent.get(), scratch.path.c_str() + scratch.path.rfind('/') + 1).ok();
}

// All that a supervisor does before it serves. The report's members are those of `hello`.
Json TrySupervisor(const HostOptions& options) {
  auto host = OpenHost(options);
  if (!host.ok()) return {{"supervisor", AttemptJson(host.failure())}};
  Json report = DescribeHost(*host);
  report["supervisor"] = AttemptJson({});
  (void)host->cgroups->Close().ok();
  return report;
}

// In a child: becomes what a supervisor would be, and tries what that needs.
Json TryAll(Privilege privilege, const Result<Scratch>& scratch) {
  HostOptions options;
  options.rootless = privilege != Privilege::kRoot;
  Json report = Json::object();
  if (privilege == Privilege::kOrdinary) {
    const auto entered = EnterUserNamespace(FindRootlessMaps());
    if (!entered.ok()) return {{"userNamespace", AttemptJson(entered.failure())}};
    options.id_map = entered->id_map;
    options.mapped_ids = entered->mapped_ids;
    report["idMapReason"] = entered->reason;
  } else if (privilege == Privilege::kNamespaceRoot) {
    options.mapped_ids = MappedIds();
    options.id_map = options.mapped_ids > 1 ? "subids" : "single";
  }
  report["userNamespace"] = Attempt(TryUserNamespace);
  report["idMap"] = options.id_map;
  report["mappedIds"] = options.mapped_ids;
  report["namespaces"] = Attempt(TryNamespaces);
  report["proc"] = Attempt(TryProc);
  report["networks"] = Attempt(TryNetworks);
  report["impairment"] = Attempt(TryImpairment);
  if (options.rootless) report["wayOut"] = InChild(ProbeWayOut);
  if (!scratch.ok()) {
    report["supervisor"] = AttemptJson(scratch.failure());
    return report;
  }
  options.root = scratch->path + "/root";
  options.run_root = scratch->path + "/run";
  // Once more apart, since the scratch directory is to be removed from where nothing is mounted on it.
  report.update(InChild([&] { return TrySupervisor(options); }));
  return report;
}

}  // namespace

Json ProbeHost(const std::string& root) {
  utsname names{};
  ::uname(&names);
  const auto privilege = FindPrivilege();
  const std::string where = root.empty() ? "/var/tmp" : root;
  const auto scratch = MakeScratch(where);
  Json report{{"kernel", names.release},
              {"uid", ::geteuid()},
              {"rootless", privilege != Privilege::kRoot},
              {"container", InContainer()},
              {"noNewPrivileges", ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1},
              {"filtered", ::prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 2},
              {"fileSystem", FileSystemName(NearestDirectory(where))},
              {"seccomp", Attempt(TrySeccomp)},
              {"memfdExec", Attempt(TryMemfdExec)},
              {"forwarding", privilege == Privilege::kRoot ? ProbeForwarding() : Json()},
              {"sysctl", ProbeSysctls()}};
  const Json tried = InChild([&] { return TryAll(privilege, scratch); });
  if (tried.is_object()) report.update(tried);
  if (scratch.ok()) RemoveScratch(*scratch);
  return report;
}

}  // namespace tsc
