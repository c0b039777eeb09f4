// SPDX-License-Identifier: Apache-2.0
#include "supervisor/disk_quota.h"

#include <fcntl.h>
#include <linux/dqblk_xfs.h>
#include <linux/fs.h>
#include <linux/quota.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace tsc {
namespace {

constexpr std::uint64_t kBlock = 1024;                // of dqblk's limits, whatever the file system's own is
constexpr std::uint32_t kFirstProject = 0x4000'0000;  // people count theirs from 1
constexpr int kAttempts = 32;

int Quota(int fd, unsigned command, std::uint32_t id, void* data) {
  return static_cast<int>(::syscall(SYS_quotactl_fd, fd, QCMD(command, PRJQUOTA), id, data));
}

bool IsUnused(int fd, std::uint32_t project) {
  if_dqblk found{};
  if (Quota(fd, Q_GETQUOTA, project, &found) != 0) return errno == ENOENT;
  return found.dqb_bhardlimit == 0 && found.dqb_curspace == 0 && found.dqb_curinodes == 0;
}

// By chance, since engines that know nothing of each other may share the file system.
Result<std::uint32_t> PickProject(int fd) {
  for (int i = 0; i < kAttempts; ++i) {
    std::uint32_t chance = 0;
    if (::getrandom(&chance, sizeof chance, 0) != sizeof chance) return Errno("set disk quota", "project");
    const std::uint32_t project = kFirstProject | (chance & (kFirstProject - 1));
    if (IsUnused(fd, project)) return project;
  }
  return Fail("set disk quota", EAGAIN, "project");
}

Result<UniqueFd> Open(int dir, const std::string& path) {
  UniqueFd fd(::openat(dir, path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return Errno("set disk quota", path);
  return fd;
}

Status SetProject(int dir, std::uint32_t project) {
  fsxattr attributes{};
  if (::ioctl(dir, FS_IOC_FSGETXATTR, &attributes) != 0) return Errno("set disk quota", "project");
  attributes.fsx_projid = project;
  attributes.fsx_xflags |= FS_XFLAG_PROJINHERIT;
  if (::ioctl(dir, FS_IOC_FSSETXATTR, &attributes) != 0) return Errno("set disk quota", "project");
  return {};
}

Status SetLimit(int fd, std::uint32_t project, std::uint64_t bytes) {
  if_dqblk limit{};
  limit.dqb_valid = QIF_BLIMITS;
  limit.dqb_bhardlimit = limit.dqb_bsoftlimit = (bytes + kBlock - 1) / kBlock;
  if (Quota(fd, Q_SETQUOTA, project, &limit) != 0) return Errno("set disk quota", std::to_string(bytes));
  return {};
}

}  // namespace

bool HoldsDiskQuotas(const Host& host) {
  if (host.options.rootless || !host.overlay) return false;
  fs_quota_statv state{};
  state.qs_version = FS_QSTATV_VERSION1;
  return Quota(host.root_dir.get(), Q_XGETQSTATV, 0, &state) == 0 && (state.qs_flags & FS_QUOTA_PDQ_ENFD) != 0;
}

Status SetDiskQuota(int directory, std::uint64_t bytes) {
  const auto project = TSC_TRY(PickProject(directory));
  for (const char* name : {"upper", "work"}) {
    const auto dir = TSC_TRY(Open(directory, name));
    TSC_TRY(SetProject(dir.get(), project));
  }
  return SetLimit(directory, project, bytes);
}

void ClearDiskQuota(int root, const std::string& path) { ClearTreeQuota(root, path + "/upper"); }

Status SetTreeQuota(int directory, std::uint64_t bytes) {
  const auto project = TSC_TRY(PickProject(directory));
  TSC_TRY(SetProject(directory, project));
  return SetLimit(directory, project, bytes);
}

void ClearTreeQuota(int root, const std::string& path) {
  const auto dir = Open(root, path);
  fsxattr attributes{};
  if (!dir.ok() || ::ioctl(dir->get(), FS_IOC_FSGETXATTR, &attributes) != 0) return;
  if (attributes.fsx_projid & kFirstProject) (void)SetLimit(dir->get(), attributes.fsx_projid, 0).ok();
}

}  // namespace tsc
