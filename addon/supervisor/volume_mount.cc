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

bool IsMounted(int parent, const std::string& name) {
  struct stat above {
  }, here{};
  return ::fstat(parent, &above) == 0 && ::fstatat(parent, name.c_str(), &here, AT_SYMLINK_NOFOLLOW) == 0 && above.st_dev != here.st_dev;
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
  const auto parent = TSC_TRY(MkdirsInRoot(host.run_dir.get(), kDirectory, 0700));
  if (IsMounted(parent.get(), use.name)) return {};
  const auto alone = TSC_TRY(Alone(host, use.name));
  if (::mkdirat(parent.get(), use.name.c_str(), 0755) != 0 && errno != EEXIST) return Errno("mount volume", use.name);
  const auto made = TSC_TRY(NewVolumeFileSystem(*use.file_system, use.name));
  const UniqueFd place(::openat(parent.get(), use.name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!place) return Errno("mount volume", use.name);
  return Attach(made.get(), place.get(), use.name);
}

void UnmountVolume(const Host& host, const std::string& name) {
  const auto parent = OpenInRoot(host.run_dir.get(), kDirectory, O_PATH | O_DIRECTORY);
  if (!parent.ok() || !IsMounted(parent->get(), name)) return;
  const auto alone = Alone(host, name);
  if (!alone.ok() && alone.failure().error == EBUSY) return;
  if (::umount2(VolumeMountPath(host, name).c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
    ::unlinkat(parent->get(), name.c_str(), AT_REMOVEDIR);
}

}  // namespace tsc
