// SPDX-License-Identifier: Apache-2.0
#include "build/source_digest.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

#include "layer/entry_name.h"
#include "layer/tree_xattrs.h"
#include "layer/whiteout.h"

namespace tsc {
namespace {

constexpr std::size_t kBuffer = 256 << 10;

Failure Because(int error, const SourceItem& item) { return Fail("read source", error, PrintableName(item.name)); }

// Each text with its length before it, so that no two lists look the same.
void AddText(std::string& to, std::string_view text) {
  to += std::to_string(text.size());
  to += ':';
  to += text;
}

std::string TextOf(const Xattrs& xattrs) {
  std::string text;
  for (const auto& [name, value] : xattrs) {
    AddText(text, name);
    AddText(text, value);
  }
  return text;
}

char KindOfMode(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG:
      return 'f';
    case S_IFDIR:
      return 'd';
    case S_IFLNK:
      return 'l';
    case S_IFIFO:
      return 'p';
    default:
      return S_ISBLK(mode) ? 'b' : 'c';
  }
}

bool SameTime(const timespec& one, const timespec& other) { return one.tv_sec == other.tv_sec && one.tv_nsec == other.tv_nsec; }

}  // namespace

UniqueFd OpenSourceFile(const SourceItem& item) {
  return UniqueFd(::openat(item.dir, item.leaf.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
}

Result<std::string> ReadSourceLink(const SourceItem& item) {
  auto target = ReadLinkAt(item.dir, item.leaf);
  if (!target) return Because(target.failure().error == EINVAL ? ESTALE : target.failure().error, item);
  return target;
}

bool SameState(const struct stat& one, const struct stat& other) {
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino && one.st_mode == other.st_mode && one.st_size == other.st_size &&
         SameTime(one.st_mtim, other.st_mtim) && SameTime(one.st_ctim, other.st_ctim);
}

Status SourceDigest::Begin(const FoundSource& source) {
  std::string text = source.directory ? "D" : "F";
  AddText(text, std::to_string(source.number));
  hash_.Update(text);
  return {};
}

Status SourceDigest::Take(const SourceItem& item) {
  // It would delete something where the layer is unpacked.
  if (HasWhiteoutPrefix(item.leaf)) return Because(EINVAL, item);
  if (item.directory != nullptr) {
    const auto xattrs = ReadXattrs(stack_.Source(*item.directory).fd.get(), 0);
    if (!xattrs) return Because(xattrs.failure().error, item);
    return Write(item, item.info, TextOf(xattrs->kept));
  }
  if (S_ISLNK(item.info.st_mode)) return TakeLink(item, TSC_TRY(ReadSourceLink(item)));
  if (!S_ISREG(item.info.st_mode)) return Write(item, item.info, {});
  if (const auto known = memo_.Find(item.info)) {
    return Write(item, item.info, {reinterpret_cast<const char*>(known->data()), known->size()});
  }
  const auto fd = OpenSourceFile(item);
  struct stat info {};
  if (!fd) return Because(errno, item);
  return TakeFile(item, fd.get(), &info);
}

Status SourceDigest::TakeLink(const SourceItem& item, const std::string& target) {
  if (HasWhiteoutPrefix(item.leaf)) return Because(EINVAL, item);
  return Write(item, item.info, target);
}

Status SourceDigest::TakeFile(const SourceItem& item, int fd, struct stat* info) {
  if (HasWhiteoutPrefix(item.leaf)) return Because(EINVAL, item);
  if (::fstat(fd, info) != 0) return Because(errno, item);
  if (!S_ISREG(info->st_mode)) return Because(ESTALE, item);
  auto hash = memo_.Find(*info);
  if (!hash) {
    hash = TSC_TRY(HashFile(item, fd, *info));
    struct stat after {};
    if (::fstat(fd, &after) != 0) return Because(errno, item);
    if (!SameState(*info, after)) return Because(ESTALE, item);
    memo_.Add(*info, *hash);
  }
  return Write(item, *info, {reinterpret_cast<const char*>(hash->data()), hash->size()});
}

Result<ContentHash> SourceDigest::HashFile(const SourceItem& item, int fd, const struct stat& info) {
  const auto xattrs = ReadXattrs(fd, 0);
  if (!xattrs) return Because(xattrs.failure().error, item);
  std::string head;
  AddText(head, TextOf(xattrs->kept));
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, head.data(), head.size());
  if (!buffer_) buffer_.reset(new char[kBuffer]);
  std::uint64_t at = 0;
  for (;;) {
    const ssize_t n = ::pread(fd, buffer_.get(), kBuffer, static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Because(errno, item);
    if (n == 0) break;
    SHA256_Update(&context, buffer_.get(), static_cast<std::size_t>(n));
    at += static_cast<std::uint64_t>(n);
  }
  if (at != static_cast<std::uint64_t>(info.st_size)) return Because(ESTALE, item);
  ContentHash hash;
  SHA256_Final(hash.data(), &context);
  return hash;
}

Status SourceDigest::Write(const SourceItem& item, const struct stat& info, std::string_view detail) {
  const bool link = S_ISLNK(info.st_mode), file = S_ISREG(info.st_mode);
  char numbers[160];
  const int length =
      std::snprintf(numbers, sizeof numbers, "%c%o %llu %llu %u %u ", KindOfMode(info.st_mode),
                    link ? 0777U : static_cast<unsigned>(info.st_mode & 07777), file ? static_cast<unsigned long long>(info.st_size) : 0ULL,
                    S_ISCHR(info.st_mode) || S_ISBLK(info.st_mode) ? static_cast<unsigned long long>(info.st_rdev) : 0ULL,
                    with_owners_ ? info.st_uid : 0U, with_owners_ ? info.st_gid : 0U);
  std::string text(numbers, static_cast<std::size_t>(length));
  AddText(text, item.name);
  AddText(text, detail);
  hash_.Update(text);
  ++entries_;
  if (file) bytes_ += static_cast<std::uint64_t>(info.st_size);
  return {};
}

}  // namespace tsc
