// SPDX-License-Identifier: Apache-2.0
#include "layer/confine.h"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/syscalls.h"
#include "core/unique_fd.h"
#include "layer/confine_parts.h"

namespace tsc {
namespace {

using confine::Because;

constexpr rlim_t kMemory = rlim_t{1} << 30;
constexpr rlim_t kFiles = 8192;  // a stack of layers is as many descriptors for each directory on the way
constexpr rlim_t kSockets = 65'536;
constexpr uid_t kNobody = 65'534;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kLimitMemory = false;  // its shadow memory is terabytes of address space
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool kLimitMemory = false;
#else
constexpr bool kLimitMemory = true;
#endif
#else
constexpr bool kLimitMemory = true;
#endif

// A mount of the target alone, where that is possible: a directory that came from another mount namespace cannot be cloned.
UniqueFd CloneTree(int dir, TreeAccess access) {
  UniqueFd tree(sys::open_tree(dir, "", sys::kOpenTreeClone | O_CLOEXEC | AT_EMPTY_PATH));
  if (!tree) return tree;
  sys::MountAttr attr{};
  attr.attr_set = sys::kAttrNosuid | sys::kAttrNodev | sys::kAttrNoexec;
  if (access == TreeAccess::kRead) attr.attr_set |= sys::kAttrRdonly;
  if (sys::mount_setattr(tree.get(), "", AT_EMPTY_PATH, attr) != 0) tree.reset();
  return tree;
}

Status EnterNamespaces() {
  if (::unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) != 0) return Because("namespaces");
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return Because("mount propagation");
  return {};
}

// The new root is mounted over the old one, which is then let go.
bool PivotInto(int tree) {
  if (sys::move_mount(tree, "", AT_FDCWD, "/", sys::kMoveFromEmptyPath) != 0) return false;
  if (::fchdir(tree) != 0 || sys::pivot_root(".", ".") != 0) return false;
  return ::umount2(".", MNT_DETACH) == 0;
}

// A chroot holds as well: SYS_CHROOT is dropped, and no descriptor of a directory outside is left.
Status EnterRoot(const UniqueFd& tree, int target_dir) {
  if (tree && PivotInto(tree.get())) return {};
  if (::fchdir(target_dir) != 0 || ::chroot(".") != 0) return Because("root");
  return {};
}

// From the old descriptor ".." would lead out: it is of a mount that is not under the new root.
Status ReplaceDescriptor(int target_dir) {
  const UniqueFd root(::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (::chdir("/") != 0 || !root || ::dup3(root.get(), target_dir, O_CLOEXEC) < 0) return Because("root");
  return {};
}

Status Limit(decltype(RLIMIT_CORE) what, rlim_t value) {
  rlimit now{};
  if (::getrlimit(what, &now) != 0) return Because("limits");
  const rlimit lower{now.rlim_max < value ? now.rlim_max : value, now.rlim_max < value ? now.rlim_max : value};
  if (::setrlimit(what, &lower) != 0) return Because("limits");
  return {};
}

Status GiveUp(const confine::Reach& reach, confine::Caps caps, confine::Network network = confine::Network::kNone, rlim_t files = kFiles) {
  TSC_TRY(Limit(RLIMIT_CORE, 0));
  TSC_TRY(Limit(RLIMIT_NOFILE, files));
  if (kLimitMemory) TSC_TRY(Limit(RLIMIT_DATA, kMemory));
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return Because("no_new_privs");
  TSC_TRY(confine::DropCapabilities(caps));
  TSC_TRY(confine::ApplyLandlock(reach, network));
  return confine::ApplySeccomp(network);
}

// In a user namespace with a single id there is nobody else to be.
Status BecomeNobody() {
  if (::setgroups(0, nullptr) != 0 && errno != EPERM) return Because("group");
  if (::setresgid(kNobody, kNobody, kNobody) != 0) return errno == EINVAL ? Status{} : Status(Because("group"));
  if (::setresuid(kNobody, kNobody, kNobody) != 0) return Because("user");
  return {};
}

}  // namespace

Status ConfineWorker(int target_dir, bool need_caps, TreeAccess access, const std::vector<int>& readable) {
  using confine::Caps;
  const auto caps = !need_caps ? Caps::kNone : confine::OnHost() ? Caps::kFilesAndTrustedXattrs : Caps::kFiles;
  const UniqueFd tree = CloneTree(target_dir, access);
  TSC_TRY(EnterNamespaces());
  TSC_TRY(EnterRoot(tree, target_dir));
  TSC_TRY(ReplaceDescriptor(target_dir));
  return GiveUp({target_dir, readable}, caps);
}

Status ConfineInPlace(int root) { return GiveUp({root, {}}, confine::Caps::kFiles); }

Status ConfineResponder(int empty_dir) {
  if (::fchdir(empty_dir) != 0 || ::chroot(".") != 0) return Because("root");
  TSC_TRY(BecomeNobody());
  return GiveUp({empty_dir, {}}, confine::Caps::kNone, confine::Network::kAnswer, kSockets);
}

}  // namespace tsc
