// SPDX-License-Identifier: Apache-2.0
#include "build/digest_memo.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <ctime>

#include "core/paths.h"
#include "core/unique_fd.h"

namespace tsc {
namespace {

constexpr char kMagic[] = "tscontainer digests 1\n\0";  // 24 bytes, so that records are aligned
constexpr std::size_t kHeader = sizeof kMagic;
static_assert(kHeader == 24);
constexpr std::size_t kSlack = 100'000;  // records that nobody asked for and that are kept nevertheless
// The clock of file times moves in steps; where it has whole seconds, FAT's two of them.
constexpr std::int64_t kStepNs = 20'000'000, kCoarseStepNs = 2'000'000'000;

constexpr time_t kAbandonedS = 60;

std::int64_t Nanoseconds(const timespec& time) { return time.tv_sec * 1'000'000'000 + time.tv_nsec; }

// One writer at a time: a second one leaves it at that, and what one that was killed left is taken away after a while.
UniqueFd CreateAlone(int store, const std::string& path) {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  UniqueFd file(::openat(store, path.c_str(), kFlags, 0600));
  struct stat info {};
  timespec now{};
  if (file || errno != EEXIST || ::fstatat(store, path.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) return file;
  ::clock_gettime(CLOCK_REALTIME, &now);
  if (now.tv_sec - info.st_mtim.tv_sec < kAbandonedS || ::unlinkat(store, path.c_str(), 0) != 0) return file;
  return UniqueFd(::openat(store, path.c_str(), kFlags, 0600));
}

// Readers have the old file mapped, so that one is never written to.
void Replace(int store, const std::string& name, const std::string& bytes) {
  const auto temporary = "cache/." + name + ".new";
  const UniqueFd file = CreateAlone(store, temporary);
  if (!file) return;
  const bool written = WriteAll(file.get(), bytes, temporary).ok();
  if (!written || ::renameat(store, temporary.c_str(), store, ("cache/" + name).c_str()) != 0) ::unlinkat(store, temporary.c_str(), 0);
}

}  // namespace

DigestMemo::~DigestMemo() {
  if (map_ != nullptr) ::munmap(map_, mapped_);
}

void DigestMemo::Open(int store, const std::string& name) {
  store_ = store;
  name_ = name;
  ::clock_gettime(CLOCK_REALTIME, &opened_);
  const UniqueFd file(::openat(store, ("cache/" + name).c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  struct stat info {};
  if (!file || ::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) return;
  const auto size = static_cast<std::size_t>(info.st_size);
  if (size < kHeader || (size - kHeader) % sizeof(Record) != 0) return;
  // It is replaced, never written to, so it does not get shorter under the mapping.
  void* map = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (map == MAP_FAILED) return;
  map_ = map;
  mapped_ = size;
  if (std::memcmp(map, kMagic, kHeader) != 0) return;
  records_ = reinterpret_cast<const Record*>(static_cast<const char*>(map) + kHeader);
  count_ = (size - kHeader) / sizeof(Record);
  used_.resize(count_);
}

DigestMemo::Key DigestMemo::KeyOf(const struct stat& info) {
  return {info.st_ino,
          info.st_dev,
          static_cast<std::uint64_t>(info.st_size),
          info.st_mtim.tv_sec,
          info.st_ctim.tv_sec,
          static_cast<std::uint32_t>(info.st_mtim.tv_nsec),
          static_cast<std::uint32_t>(info.st_ctim.tv_nsec)};
}

std::optional<ContentHash> DigestMemo::Find(const struct stat& info) {
  const auto key = KeyOf(info);
  const auto* found = std::lower_bound(records_, records_ + count_, key, [](const Record& record, const Key& k) { return record.key < k; });
  if (found == records_ + count_ || found->key != key) return std::nullopt;
  used_[static_cast<std::size_t>(found - records_)] = true;
  return found->hash;
}

bool DigestMemo::Settled(const struct stat& info) const {
  const bool coarse = info.st_mtim.tv_nsec == 0 && info.st_ctim.tv_nsec == 0;
  const auto latest = std::max(Nanoseconds(info.st_mtim), Nanoseconds(info.st_ctim));
  return latest + (coarse ? kCoarseStepNs : kStepNs) < Nanoseconds(opened_);
}

void DigestMemo::Add(const struct stat& info, const ContentHash& hash) {
  if (store_ >= 0 && Settled(info)) added_.push_back({KeyOf(info), hash});
}

void DigestMemo::Save() {
  if (added_.empty()) return;
  const auto used = static_cast<std::size_t>(std::count(used_.begin(), used_.end(), true));
  const bool keep_all = count_ - used <= 2 * (used + added_.size()) + kSlack;
  const auto less = [](const Record& one, const Record& other) { return one.key < other.key; };
  const auto same = [](const Record& one, const Record& other) { return one.key == other.key; };
  std::sort(added_.begin(), added_.end(), less);
  std::string bytes(kMagic, kHeader);
  std::vector<Record> all;
  all.reserve(count_ + added_.size());
  for (std::size_t i = 0; i < count_; ++i)
    if (keep_all || used_[i]) all.push_back(records_[i]);
  const auto middle = static_cast<std::ptrdiff_t>(all.size());
  all.insert(all.end(), added_.begin(), added_.end());
  std::inplace_merge(all.begin(), all.begin() + middle, all.end(), less);
  all.erase(std::unique(all.begin(), all.end(), same), all.end());
  bytes.append(reinterpret_cast<const char*>(all.data()), all.size() * sizeof(Record));
  Replace(store_, name_, bytes);
}

}  // namespace tsc
