// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "core/unique_fd.h"

namespace tsc {

struct LogFileOptions {
  std::uint64_t max_bytes = 64 << 20;  // of one file, then it is rotated
  unsigned max_files = 2;
};

// log.jsonl in a container's directory, and log.jsonl.1 and so on before it. The file is opened with its first line; one that somebody
// removed is made anew.
class LogFile {
 public:
  LogFile(UniqueFd directory, const LogFileOptions& options) : directory_(std::move(directory)), options_(options) {}

  // Whole lines. A full disk loses them, not the container.
  void Append(const std::string& lines);

 private:
  bool Open();
  void Rotate();

  UniqueFd directory_;
  LogFileOptions options_;
  UniqueFd file_;
  std::uint64_t size_ = 0;
};

}  // namespace tsc
