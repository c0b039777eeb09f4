// SPDX-License-Identifier: Apache-2.0
#include "supervisor/volume_mount.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/paths.h"
#include "core/syscalls.h"
#include "runtime/mount_kit.h"

namespace tsc {
namespace {

constexpr const char kDirectory[] = "v1/volumes";

// By its path: the descriptor of the run directory is of the mount namespace that we came from.
Result<UniqueFd> OpenMountPoints(const Host& host) {
  const std::string path = host.options.run_root + "/" + kDirectory;
  UniqueFd dir(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!dir) return Errno("mount volume", path);
  return dir;
}

// Without asking the file system, whose server may be far away.
bool IsMounted(int parent, const std::string& name) {
  struct statx info {};
  const int flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC;
  return ::statx(parent, name.c_str(), flags, 0, &info) == 0 && (info.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

Result<UniqueFd> Alone(const Host& host, const std::string& name) {
  UniqueFd dir(::openat(host.root_dir.get(), ("volumes/" + name).c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!dir) return Errno("find volume", name);
  if (::flock(dir.get(), LOCK_EX | LOCK_NB) != 0) return Fail("mount volume", EBUSY, name);
  return dir;
}

Result<UniqueFd> NewVolumeFileSystem(const VolumeFileSystem& wanted, const std::string& name) {
  auto made = NewFileSystem(wanted.type.c_str(), wanted.data, sys::kAttrNosuid | sys::kAttrNodev);
  if (!made.ok()) return Fail("mount volume", made.failure().error, name + ": " + made.failure().object);
  return made;
}

}  // namespace

std::string VolumeMountPath(const Host& host, const std::string& name) { return host.options.run_root + "/" + kDirectory + "/" + name; }

Status MountVolume(const Host& host, const VolumeUse& use) {
  TSC_TRY(MkdirsInRoot(host.run_dir.get(), kDirectory, 0700));
  const auto parent = TSC_TRY(OpenMountPoints(host));
  if (IsMounted(parent.get(), use.name)) return {};
  const auto alone = use.file_system->in_memory() ? TSC_TRY(Alone(host, use.name)) : UniqueFd();
  if (::mkdirat(parent.get(), use.name.c_str(), 0755) != 0 && errno != EEXIST) return Errno("mount volume", use.name);
  const auto made = TSC_TRY(NewVolumeFileSystem(*use.file_system, use.name));
  const UniqueFd place(::openat(parent.get(), use.name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!place) return Errno("mount volume", use.name);
  return Attach(made.get(), place.get(), use.name);
}

void UnmountVolume(const Host& host, const std::string& name) {
  const auto parent = OpenMountPoints(host);
  if (!parent.ok() || !IsMounted(parent->get(), name)) return;
  const auto alone = Alone(host, name);
  if (!alone.ok() && alone.failure().error == EBUSY) return;
  if (::umount2(VolumeMountPath(host, name).c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
    ::unlinkat(parent->get(), name.c_str(), AT_REMOVEDIR);
}

}  // namespace tsc
