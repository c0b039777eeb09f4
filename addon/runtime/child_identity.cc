// SPDX-License-Identifier: Apache-2.0
#include "runtime/child_identity.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/paths.h"

namespace tsc {
namespace {

constexpr int kLastCapability = 40;

Status SetCapabilities(const Capabilities& wanted) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  for (int word = 0; word < 2; ++word) {
    const int shift = 32 * word;
    data[word].effective = static_cast<std::uint32_t>(wanted.effective >> shift);
    data[word].permitted = static_cast<std::uint32_t>(wanted.permitted >> shift);
    data[word].inheritable = static_cast<std::uint32_t>(wanted.inheritable >> shift);
  }
  if (::syscall(SYS_capset, &header, data) != 0) return Errno("capset");
  return {};
}

// A capability that the bounding set lacks cannot be had: what is asked for beyond it is dropped, as the specification allows.
std::uint64_t AvailableOf(std::uint64_t asked) {
  std::uint64_t available = 0;
  for (int capability = 0; capability <= kLastCapability; ++capability) {
    const auto bit = std::uint64_t{1} << capability;
    if ((asked & bit) && ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) == 1) available |= bit;
  }
  return available;
}

Status DropBounding(std::uint64_t keep) {
  for (int capability = 0; capability <= kLastCapability; ++capability) {
    if (keep & std::uint64_t{1} << capability) continue;
    // EINVAL: the kernel is older than the capability.
    if (::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0 && errno != EINVAL) return Errno("drop bounding set");
  }
  return {};
}

Status RaiseAmbient(std::uint64_t set) {
  for (int capability = 0; capability <= kLastCapability; ++capability) {
    const auto bit = std::uint64_t{1} << capability;
    if ((set & bit) && ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) != 0) return Errno("raise ambient capability");
  }
  return {};
}

bool GroupsForbidden() {
  const auto text = ReadFileAt(AT_FDCWD, "/proc/self/setgroups", 64);
  return text.ok() && text->starts_with("deny");
}

// A user namespace with one id cannot set groups at all; without wish for any there is nothing to miss.
Status SetGroups(const User& user) {
  const auto& groups = user.additional_gids;
  if (::setgroups(groups.size(), groups.data()) == 0) return {};
  if (errno == EINVAL) return Fail("unmapped group", EINVAL);
  if (errno != EPERM) return Errno("setgroups");
  if (GroupsForbidden()) {
    if (user.gid != 0) return Fail("unmapped group", EINVAL, std::to_string(user.gid));
    if (!groups.empty()) return Fail("unmapped group", EINVAL, std::to_string(groups.front()));
  }
  return groups.empty() ? Status{} : Fail("setgroups", EPERM);
}

Status SetUser(const User& user) {
  TSC_TRY(SetGroups(user));
  if (::setresgid(user.gid, user.gid, user.gid) != 0) {
    return errno == EINVAL ? Fail("unmapped group", EINVAL, std::to_string(user.gid)) : Errno("setgid", std::to_string(user.gid));
  }
  ChildStayUntraceable();
  if (::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) return Errno("keep capabilities");
  if (::setresuid(user.uid, user.uid, user.uid) != 0) {
    return errno == EINVAL ? Fail("unmapped user", EINVAL, std::to_string(user.uid)) : Errno("setuid", std::to_string(user.uid));
  }
  // While it has all capabilities: after that whoever has as many as it keeps could trace it.
  ChildStayUntraceable();
  return {};
}

}  // namespace

void ChildStayUntraceable() { ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

Status ChildApplyLimits(const Process& process) {
  for (const auto& limit : process.rlimits) {
    const rlimit value{limit.soft, limit.hard};
    if (::setrlimit(static_cast<__rlimit_resource>(limit.resource), &value) != 0) {
      return Errno("set rlimit", std::to_string(limit.resource));
    }
  }
  ::umask(process.user.umask.value_or(022));
  return {};
}

Status ChildBecome(const Process& process, const SeccompProgram* seccomp) {
  auto wanted = process.capabilities;
  const auto available = AvailableOf(wanted.permitted | wanted.inheritable);
  wanted.permitted &= available;
  wanted.effective &= wanted.permitted;
  wanted.inheritable &= available;
  wanted.ambient &= wanted.permitted & wanted.inheritable;
  // Without no_new_privs a filter may only be installed with CAP_SYS_ADMIN, so before that is gone.
  if (seccomp && !process.no_new_privileges) TSC_TRY(LoadSeccomp(*seccomp));
  TSC_TRY(DropBounding(process.capabilities.bounding));
  TSC_TRY(SetUser(process.user));
  TSC_TRY(SetCapabilities(wanted));
  TSC_TRY(RaiseAmbient(wanted.ambient));
  if (process.no_new_privileges && ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return Errno("no_new_privs");
  return {};
}

Status ChildDropToInit() {
  const auto kill_only = std::uint64_t{1} << CAP_KILL;
  const Capabilities wanted{0, kill_only, kill_only, 0, 0};
  TSC_TRY(SetCapabilities(wanted));
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return Errno("no_new_privs");
  return {};
}

}  // namespace tsc
