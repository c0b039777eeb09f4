// SPDX-License-Identifier: Apache-2.0
#include "layer/tree_xattrs.h"

#include <sys/xattr.h>

#include <algorithm>
#include <cstring>

#include "layer/whiteout.h"

namespace tsc {
namespace {

constexpr std::size_t kMaxList = 64 << 10;  // XATTR_LIST_MAX, XATTR_SIZE_MAX
constexpr std::size_t kCapability2 = 20;    // linux/capability.h: struct vfs_cap_data
constexpr std::size_t kCapability3 = 24;    // struct vfs_ns_cap_data: the same and the id that is root

// Capabilities of "root in a user namespace" become those of root, which is what they are in any container of the image.
void ToPlainCapability(std::string& value, std::uint64_t id_base) {
  if (value.size() != kCapability3 || value[3] != 3) return;
  std::uint32_t root = 0;
  std::memcpy(&root, value.data() + kCapability2, sizeof root);
  if (root != id_base) return;
  value.resize(kCapability2);
  value[3] = 2;
}

// linux/posix_acl_xattr.h: a version, then entries of tag, permissions and id.
constexpr std::size_t kAclHeader = 4, kAclEntry = 8, kAclId = 4;
constexpr std::uint16_t kAclUser = 0x02, kAclGroup = 0x08;

// The users and groups of an access list are ids as well.
void ToPlainAcl(std::string& value, std::uint64_t id_base) {
  for (std::size_t at = kAclHeader; at + kAclEntry <= value.size(); at += kAclEntry) {
    std::uint16_t tag = 0;
    std::uint32_t id = 0;
    std::memcpy(&tag, value.data() + at, sizeof tag);
    std::memcpy(&id, value.data() + at + kAclId, sizeof id);
    if ((tag != kAclUser && tag != kAclGroup) || id < id_base) continue;
    id -= static_cast<std::uint32_t>(id_base);
    std::memcpy(value.data() + at + kAclId, &id, sizeof id);
  }
}

Status Sort(std::string_view name, std::string value, TreeXattrs& xattrs, std::uint64_t id_base) {
  if (IsOverlayXattr(name)) {
    const auto mark = name.substr(name.rfind('.') + 1);
    xattrs.opaque |= mark == "opaque" && value == "y";
    xattrs.partial |= mark == "redirect" || mark == "metacopy";
    return {};
  }
  if (name == "security.capability") ToPlainCapability(value, id_base);
  if (id_base != 0 && name.starts_with("system.posix_acl_")) ToPlainAcl(value, id_base);
  xattrs.kept.emplace_back(name, std::move(value));
  return {};
}

}  // namespace

Result<TreeXattrs> ReadXattrs(int fd, std::uint64_t id_base) {
  TreeXattrs xattrs;
  const ssize_t size = ::flistxattr(fd, nullptr, 0);
  if (size == 0 || (size < 0 && errno == EOPNOTSUPP)) return xattrs;
  if (size < 0) return Errno("pack layer", "attributes");
  std::string names(kMaxList, '\0');
  const ssize_t listed = ::flistxattr(fd, names.data(), names.size());
  if (listed < 0) return Errno("pack layer", "attributes");
  names.resize(static_cast<std::size_t>(listed));
  std::string value(kMaxList, '\0');
  for (std::size_t at = 0; at < names.size(); at += std::strlen(names.c_str() + at) + 1) {
    const char* name = names.c_str() + at;
    const ssize_t length = ::fgetxattr(fd, name, value.data(), value.size());
    if (length < 0 && (errno == ENODATA || errno == EPERM || errno == EOPNOTSUPP)) continue;
    if (length < 0) return Errno("pack layer", name);
    TSC_TRY(Sort(name, value.substr(0, static_cast<std::size_t>(length)), xattrs, id_base));
  }
  DropForeignXattrs(xattrs.kept);
  std::sort(xattrs.kept.begin(), xattrs.kept.end());
  return xattrs;
}

}  // namespace tsc
