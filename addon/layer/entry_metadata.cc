// SPDX-License-Identifier: Apache-2.0
#include "layer/entry_metadata.h"

#include <sys/xattr.h>
#include <unistd.h>

#include <string_view>

#include "layer/entry_name.h"
#include "layer/whiteout.h"

namespace tsc {
namespace {

constexpr std::string_view kCapability = "security.capability";
constexpr std::string_view kDefaultAcl = "system.posix_acl_default";
constexpr std::string_view kAccessAcl = "system.posix_acl_access";
constexpr std::uint64_t kNoId = 4294967295;  // (uid_t)-1 means "leave as it is" to chown

bool MayRestore(std::string_view name) {
  if (name == kCapability || name == kDefaultAcl || name == kAccessAcl) return true;
  return name.starts_with("user.") && !IsOverlayXattr(name);
}

// The file system or the name space cannot hold it: no reason to refuse an image.
bool Unsupported(int error) { return error == EOPNOTSUPP || error == EPERM || error == EINVAL; }

}  // namespace

Result<Owner> OwnerOf(const TarEntry& entry, const OwnerPolicy& policy) {
  if (policy.single_id) return OwnOwner();
  const std::uint64_t limit = policy.max_id < kNoId ? policy.max_id : kNoId;
  if (entry.uid < limit && entry.gid < limit) return Owner{static_cast<uid_t>(entry.uid), static_cast<gid_t>(entry.gid)};
  const auto ids = std::to_string(entry.uid) + ":" + std::to_string(entry.gid);
  return Fail("unpack layer", EINVAL, "unmapped owner " + ids + " of " + PrintableName(entry.name));
}

std::uint64_t DropForeignXattrs(Xattrs& xattrs) {
  return std::erase_if(xattrs, [](const auto& xattr) { return !MayRestore(xattr.first); });
}

Xattrs TakeInheritedXattrs(Xattrs& xattrs) {
  Xattrs taken;
  for (auto& xattr : xattrs)
    if (xattr.first == kDefaultAcl) taken.push_back(std::move(xattr));
  if (!taken.empty()) std::erase_if(xattrs, [](const auto& xattr) { return xattr.first.empty() || xattr.first == kDefaultAcl; });
  return taken;
}

Owner OwnOwner() { return {::geteuid(), ::getegid()}; }

Status ApplyOwner(int fd, Owner owner, Owner current) {
  if (owner.uid == current.uid && owner.gid == current.gid) return {};
  if (::fchown(fd, owner.uid, owner.gid) != 0) return Errno("unpack layer", "owner");
  return {};
}

Status ApplyXattrs(int fd, const Xattrs& xattrs, std::uint64_t& dropped) {
  for (const auto& [name, value] : xattrs) {
    if (::fsetxattr(fd, name.c_str(), value.data(), value.size(), 0) == 0) continue;
    if (!Unsupported(errno) || name == kCapability) return Errno("unpack layer", name);
    ++dropped;
  }
  return {};
}

}  // namespace tsc
