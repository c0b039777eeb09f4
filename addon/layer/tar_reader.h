// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/result.h"
#include "layer/byte_source.h"
#include "layer/tar_entry.h"
#include "layer/tar_header.h"
#include "layer/tar_pax.h"

namespace tsc {

struct TarLimits {
  std::uint64_t entries = 10'000'000;
  std::size_t pax_bytes = 1 << 20;
  std::size_t name_bytes = 4096;
  std::size_t sparse_runs = 100'000;
  std::uint64_t file_bytes = std::uint64_t{64} << 30;  // sizes of all files, holes included
};

// Bytes of the current entry and where in the file they belong. Empty at the end of the entry.
struct TarData {
  std::uint64_t offset = 0;
  std::string_view bytes;
};

// Reads ustar, star, GNU (long names, base-256, old sparse) and PAX (names, sizes, ids, times, xattrs, sparse 0.0, 0.1, 1.0).
// Where readers of the world disagree it does what Go's archive/tar does, since that is what made the images: links, devices
// and directories have no data whatever their size says, global headers are skipped. What stays ambiguous is refused.
// Every failure is step "read tar", EBADMSG (EFBIG and E2BIG for limits), and names the entry.
class TarReader {
 public:
  explicit TarReader(ByteSource& source, TarLimits limits = {}) : source_(source), limits_(limits) {}

  // Moves to the next entry, past data that was not read. False at the end of the archive.
  Result<bool> Next(TarEntry& entry);

  // The next data of the current entry; the bytes stay valid until the next call on this reader.
  Result<TarData> Read();

  // Pulls the rest of the source, ignoring what stands behind the archive, so that its digest covers every byte.
  Status Drain();

  std::uint64_t entries() const { return entries_; }

 private:
  struct Extensions {
    bool any = false;
    PaxRecords pax;
    std::string long_name;
    std::string long_link;
  };

  Result<bool> ReadEntry(TarEntry& entry);
  Result<bool> ReadExtension(const TarHeader& header, Extensions& extensions);
  Status FinishEntry(TarHeader header, Extensions extensions, TarEntry& entry);
  Status SetNames(const TarHeader& header, Extensions& extensions, TarEntry& entry) const;
  Status SetData(char type, const PaxRecords& pax, TarEntry& entry);
  Status ReadSparseMap(char type, const PaxRecords& pax, TarEntry& entry);
  Status ReadGnuSparse(TarEntry& entry);
  Status ReadPaxSparse(TarEntry& entry);
  Status AddRuns(const std::vector<std::uint64_t>& map);
  Status CheckRuns(std::uint64_t file_size) const;
  Status AtEnd(const Extensions& extensions);

  Result<bool> ReadBlock();  // into block_; false at a clean end of the source
  Result<std::string_view> Take(std::uint64_t at_most);
  Result<std::string> TakeString(std::uint64_t size);
  Status Skip(std::uint64_t bytes);
  Failure Bad(std::string what, int error = EBADMSG) const;

  ByteSource& source_;
  TarLimits limits_;
  std::string_view pending_;
  char block_[kTarBlock];
  std::string current_;  // name of the entry being read, for messages
  std::uint64_t entries_ = 0;
  std::uint64_t file_bytes_ = 0;
  std::vector<SparseRun> runs_;
  std::size_t run_ = 0;
  std::uint64_t run_done_ = 0;
  std::uint64_t left_ = 0;     // data of the entry still in the archive
  std::uint64_t padding_ = 0;  // behind that data, to the next block
  bool finished_ = false;
};

}  // namespace tsc
