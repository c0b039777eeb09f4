// SPDX-License-Identifier: Apache-2.0
#include "layer/copy_metadata.h"

#include <sys/xattr.h>
#include <unistd.h>

#include <cstring>

namespace tsc {
namespace {

// linux/capability.h: struct vfs_cap_data, version 2; version 3 is the same with the id that is root behind it.
constexpr std::size_t kCapability2 = 20;
// linux/posix_acl_xattr.h: a version, then entries of tag, permissions and id.
constexpr std::size_t kAclHeader = 4, kAclEntry = 8, kAclId = 4;
constexpr std::uint16_t kAclUser = 0x02, kAclGroup = 0x08;

template <class Number>
Number NumberAt(const std::string& bytes, std::size_t at) {
  Number number;
  std::memcpy(&number, bytes.data() + at, sizeof number);
  return number;
}

// A kernel takes the capabilities of a file only from root of the namespace they are used in.
void ShiftCapability(std::string& value, std::uint32_t base) {
  if (value.size() != kCapability2 || value[3] != 2) return;
  value[3] = 3;
  value.append(reinterpret_cast<const char*>(&base), sizeof base);
}

void ShiftAcl(std::string& value, std::uint32_t base) {
  for (std::size_t at = kAclHeader; at + kAclEntry <= value.size(); at += kAclEntry) {
    const auto tag = NumberAt<std::uint16_t>(value, at);
    if (tag != kAclUser && tag != kAclGroup) continue;
    const auto id = NumberAt<std::uint32_t>(value, at + kAclId) + base;
    std::memcpy(value.data() + at + kAclId, &id, sizeof id);
  }
}

}  // namespace

Result<Owner> ShiftOwner(const struct stat& info, const IdShift& shift) {
  if (info.st_uid < shift.count && info.st_gid < shift.count) {
    return Owner{static_cast<uid_t>(info.st_uid + shift.base), static_cast<gid_t>(info.st_gid + shift.base)};
  }
  return Fail("copy layer", EINVAL, "unmapped owner " + std::to_string(info.st_uid) + ":" + std::to_string(info.st_gid));
}

void ShiftXattrs(Xattrs& xattrs, const IdShift& shift) {
  if (shift.base == 0) return;
  const auto base = static_cast<std::uint32_t>(shift.base);
  for (auto& [name, value] : xattrs) {
    if (name == "security.capability") ShiftCapability(value, base);
    if (name.starts_with("system.posix_acl_")) ShiftAcl(value, base);
  }
}

// Chown clears setuid bits and capabilities, chmod changes ACLs: in this order.
Status ApplyMetadata(int fd, const FileMetadata& metadata, std::uint64_t& dropped) {
  if (::fchown(fd, metadata.owner.uid, metadata.owner.gid) != 0) return Errno("copy layer", "owner");
  if (::fchmod(fd, metadata.mode & 07777) != 0) return Errno("copy layer", "mode");
  auto applied = ApplyXattrs(fd, metadata.xattrs, dropped);
  if (!applied) return Fail("copy layer", applied.failure().error, applied.failure().object);
  const timespec times[2] = {metadata.mtime, metadata.mtime};
  if (::futimens(fd, times) != 0) return Errno("copy layer", "time");
  return {};
}

Status ClearXattrs(int fd, const Xattrs& xattrs) {
  for (const auto& xattr : xattrs) {
    if (::fremovexattr(fd, xattr.first.c_str()) != 0 && errno != ENODATA) return Errno("copy layer", xattr.first);
  }
  return {};
}

}  // namespace tsc
