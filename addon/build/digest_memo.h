// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"

namespace tsc {

using ContentHash = std::array<unsigned char, 32>;

// The digests of files that were hashed before, known again by device, inode, size and both times. A file that was changed a moment before
// it was hashed is not remembered, as git has it: it could change again without a difference in its times.
class DigestMemo {
 public:
  DigestMemo() = default;
  DigestMemo(const DigestMemo&) = delete;
  DigestMemo& operator=(const DigestMemo&) = delete;
  ~DigestMemo();

  // Reads `cache/<name>` of the store; one that is missing or damaged is empty.
  void Open(int store, const std::string& name);
  std::optional<ContentHash> Find(const struct stat& info);
  void Add(const struct stat& info, const ContentHash& hash);
  // Replaces the file, if there is something new. What is not remembered costs time only, so nobody is told.
  void Save();

 private:
  // On the disk as in memory: the file is this machine's alone.
  struct Key {
    std::uint64_t inode = 0, device = 0, size = 0;
    std::int64_t mtime = 0, ctime = 0;
    std::uint32_t mtime_ns = 0, ctime_ns = 0;
    auto operator<=>(const Key&) const = default;
  };
  struct Record {
    Key key;
    ContentHash hash{};
  };

  static Key KeyOf(const struct stat& info);
  bool Settled(const struct stat& info) const;

  int store_ = -1;
  std::string name_;
  timespec opened_{};
  void* map_ = nullptr;
  std::size_t mapped_ = 0;
  const Record* records_ = nullptr;  // sorted
  std::size_t count_ = 0;
  std::vector<bool> used_;
  std::vector<Record> added_;
};

}  // namespace tsc
