// SPDX-License-Identifier: Apache-2.0
#include "supervisor/log_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "core/paths.h"

namespace tsc {
namespace {

constexpr const char* kName = "log.jsonl";

}  // namespace

bool LogFile::Open() {
  struct stat info {};
  if (file_ && ::fstat(file_.get(), &info) == 0 && info.st_nlink > 0) return true;
  file_.reset(::openat(directory_.get(), kName, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600));
  size_ = file_ && ::fstat(file_.get(), &info) == 0 ? static_cast<std::uint64_t>(info.st_size) : 0;
  return static_cast<bool>(file_);
}

void LogFile::Append(const std::string& lines) {
  if (!Open()) return;
  if (WriteAll(file_.get(), lines, kName).ok()) size_ += lines.size();
  if (size_ >= options_.max_bytes) Rotate();
}

void LogFile::Rotate() {
  const auto name = [](unsigned number) { return number == 0 ? std::string(kName) : std::string(kName) + "." + std::to_string(number); };
  const int directory = directory_.get();
  for (unsigned number = options_.max_files; number-- > 1;) {
    ::renameat(directory, name(number - 1).c_str(), directory, name(number).c_str());
  }
  if (options_.max_files <= 1) ::unlinkat(directory, kName, 0);
  file_.reset();
}

}  // namespace tsc
