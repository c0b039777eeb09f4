// SPDX-License-Identifier: Apache-2.0
#include "supervisor/volume_store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "core/paths.h"
#include "layer/layer_stack.h"
#include "supervisor/create_request.h"
#include "supervisor/directory_names.h"
#include "supervisor/disk_quota.h"
#include "supervisor/stored_container.h"

namespace tsc {
namespace {

constexpr std::size_t kMaxRecord = 1 << 20;

std::string PathOf(const std::string& name) { return "volumes/" + name; }

Result<UniqueFd> OpenVolume(const Host& host, const std::string& name) {
  if (!IsName(name)) return Fail("find volume", ENOENT, name);
  UniqueFd dir(::openat(host.root_dir.get(), PathOf(name).c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!dir) return Errno("find volume", name);
  return dir;
}

// What was opened may have been renamed before it was locked.
bool IsStill(const Host& host, const std::string& name, int dir) {
  struct stat opened {
  }, named{};
  return ::fstat(dir, &opened) == 0 && ::fstatat(host.root_dir.get(), PathOf(name).c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 &&
         opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
}

Json ReadRecord(int dir) {
  const UniqueFd file(::openat(dir, "volume.json", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  const auto text = file ? ReadFd(file.get(), kMaxRecord, "volume.json") : Result<std::string>(Errno("open", "volume.json"));
  return text.ok() ? Json::parse(*text, nullptr, false) : Json();
}

Status Fill(const Host& host, int dir, const std::string& record) {
  if (::mkdirat(dir, "data", 0755) != 0) return Errno("make volume", "data");
  const uid_t owner = host.volume_shift();
  if (owner != 0 && ::fchownat(dir, "data", owner, owner, AT_SYMLINK_NOFOLLOW) != 0) return Errno("make volume", "owner");
  return WriteFileAtomic(dir, "volume.json", record);
}

}  // namespace

std::string VolumePath(const Host& host, const std::string& name) { return host.options.root + "/" + PathOf(name) + "/data"; }

Status MakeVolume(const Host& host, const std::string& name, const std::string& record, std::uint64_t quota) {
  if (!IsName(name)) return Fail("parse volume", EINVAL, name);
  static std::uint64_t made = 0;
  const int root = host.root_dir.get();
  const std::string staging = "tmp/volume-" + std::to_string(::getpid()) + "-" + std::to_string(++made);
  if (::mkdirat(root, staging.c_str(), 0700) != 0) return Errno("make volume", name);
  const UniqueFd dir(::openat(root, staging.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  auto status = dir ? Status{} : Status(Errno("make volume", name));
  if (status.ok() && quota > 0) status = host.disk_quotas ? SetTreeQuota(dir.get(), quota) : Status(Fail("set disk quota", ENOTSUP, name));
  if (status.ok()) status = Fill(host, dir.get(), record);
  if (status.ok() && ::renameat2(root, staging.c_str(), root, PathOf(name).c_str(), RENAME_NOREPLACE) != 0)
    status = Errno("make volume", name);
  if (status.ok()) return status;
  if (quota > 0) ClearTreeQuota(root, staging);
  const UniqueFd tmp(::openat(root, "tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (tmp) (void)RemoveTree(tmp.get(), staging.c_str() + sizeof "tmp/" - 1).ok();
  return status;
}

Result<std::optional<std::string>> StoredVolumeUser(const Host& host, const std::string& name) {
  for (const auto& id : TSC_TRY(StoredContainerIds(host))) {
    const auto stored = LoadStoredContainer(host, id);
    if (!stored.ok() && IsOfTheMoment(stored.failure().error)) return stored.failure();
    if (!stored.ok()) continue;
    const auto& uses = stored->request.volumes;
    if (std::any_of(uses.begin(), uses.end(), [&](const VolumeUse& use) { return use.name == name; }))
      return std::optional(stored->request.name);
  }
  return std::optional<std::string>();
}

Result<UniqueFd> HoldVolume(const Host& host, const std::string& name) {
  auto dir = TSC_TRY(OpenVolume(host, name));
  // Who holds it alone is about to remove it.
  if (::flock(dir.get(), LOCK_SH | LOCK_NB) != 0 || !IsStill(host, name, dir.get())) return Fail("find volume", ENOENT, name);
  return dir;
}

Status RemoveVolume(const Host& host, const std::string& name) {
  const auto dir = TSC_TRY(OpenVolume(host, name));
  if (::flock(dir.get(), LOCK_EX | LOCK_NB) != 0) return Fail("remove volume", EBUSY);
  if (!IsStill(host, name, dir.get())) return Fail("find volume", ENOENT, name);
  if (const auto user = TSC_TRY(StoredVolumeUser(host, name))) return Fail("remove volume", EBUSY, *user);
  const int root = host.root_dir.get();
  if (host.disk_quotas) ClearTreeQuota(root, PathOf(name));
  static std::uint64_t removed = 0;
  const std::string doomed = "trash/volume-" + std::to_string(::getpid()) + "-" + std::to_string(++removed) + "-" + name;
  if (::renameat(root, PathOf(name).c_str(), root, doomed.c_str()) != 0) return Errno("remove volume", name);
  return {};
}

void ReleaseVolume(const Host& host, const std::string& name) {
  const auto dir = OpenVolume(host, name);
  if (!dir.ok()) return;
  Json record = ReadRecord(dir->get());
  if (!record.is_object() || record.erase("container") == 0) return;
  (void)WriteFileAtomic(dir->get(), "volume.json", record.dump(-1, ' ', false, Json::error_handler_t::replace)).ok();
}

void SweepVolumes(const Host& host) {
  const UniqueFd volumes(::openat(host.root_dir.get(), "volumes", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const auto names =
      volumes ? ListDirectory(volumes.get(), "volumes", "sweep volumes") : Result<std::vector<std::string>>(Errno("open", "volumes"));
  if (!names.ok()) return;
  for (const auto& name : *names) {
    const auto dir = OpenVolume(host, name);
    if (!dir.ok()) continue;
    const std::string container = StringMember(ReadRecord(dir->get()), "container");
    if (!IsId(container)) continue;
    // Its directory comes before its volumes, and goes before them.
    if (::faccessat(host.root_dir.get(), ("containers/" + container).c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT) continue;
    (void)RemoveVolume(host, name).ok();
  }
}

}  // namespace tsc
