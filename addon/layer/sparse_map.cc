// SPDX-License-Identifier: Apache-2.0
#include "layer/sparse_map.h"

#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string_view>

#include "layer/entry_name.h"

namespace tsc {
namespace {

constexpr std::uint64_t kWorthwhile = 1 << 20;
constexpr std::uint64_t kBlock = 4096;
constexpr std::size_t kBuffer = 256 << 10;  // of whole blocks
constexpr std::uint64_t kStatBlock = 512;

bool IsZero(std::string_view data) { return data.find_first_not_of('\0') == std::string_view::npos; }

class RunFinder {
 public:
  RunFinder(int fd, std::uint64_t size, const std::string& name) : fd_(fd), size_(size), name_(name), buffer_(new char[kBuffer]) {}

  Result<std::vector<SparseRun>> Run() {
    for (std::uint64_t at = 0; at < size_ && runs_.size() <= kMaxRuns;) {
      const off_t data = ::lseek(fd_, static_cast<off_t>(at), SEEK_DATA);
      if (data < 0 && errno == ENXIO) break;
      if (data < 0) return Because();
      const off_t hole = ::lseek(fd_, data, SEEK_HOLE);
      if (hole < 0) return Because();
      at = std::min<std::uint64_t>(static_cast<std::uint64_t>(hole), size_);
      TSC_TRY(Scan(static_cast<std::uint64_t>(data) / kBlock * kBlock, at));
    }
    if (runs_.empty() || runs_.back().offset + runs_.back().length < size_) runs_.push_back({size_, 0});
    return std::move(runs_);
  }

 private:
  Failure Because() const { return Fail("pack layer", errno, PrintableName(name_)); }

  Status Scan(std::uint64_t at, std::uint64_t end) {
    while (at < end && runs_.size() <= kMaxRuns) {
      const ssize_t n = ::pread(fd_, buffer_.get(), std::min<std::uint64_t>(end - at, kBuffer), static_cast<off_t>(at));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return Because();
      if (n == 0) return {};  // shorter by now, which the copying will notice
      const auto length = static_cast<std::uint64_t>(n);
      for (std::uint64_t i = 0; i < length; i += kBlock) {
        const std::uint64_t part = std::min(kBlock, length - i);
        if (!IsZero({buffer_.get() + i, part})) Append(at + i, part);
      }
      at += length;
    }
    return {};
  }

  void Append(std::uint64_t offset, std::uint64_t length) {
    if (!runs_.empty() && runs_.back().offset + runs_.back().length == offset)
      runs_.back().length += length;
    else
      runs_.push_back({offset, length});
  }

  int fd_;
  std::uint64_t size_;
  const std::string& name_;
  std::unique_ptr<char[]> buffer_;
  std::vector<SparseRun> runs_;
};

}  // namespace

bool HasHoles(const struct stat& info) {
  return static_cast<std::uint64_t>(info.st_size) >= static_cast<std::uint64_t>(info.st_blocks) * kStatBlock + kWorthwhile;
}

Result<std::vector<SparseRun>> FindDataRuns(int fd, std::uint64_t size, const std::string& name) { return RunFinder(fd, size, name).Run(); }

}  // namespace tsc
