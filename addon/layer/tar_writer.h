// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "layer/byte_sink.h"
#include "layer/tar_entry.h"

namespace tsc {

// Writes ustar, with a PAX header before an entry that needs one: long or non-ASCII names, large numbers, attributes. Times are cut to
// seconds, as every engine does. The same entries give the same bytes.
class TarWriter {
 public:
  explicit TarWriter(ByteSink& sink) : sink_(sink) {}

  // Begins an entry. `entry.size` bytes of data follow for a file, none for anything else.
  Status Add(const TarEntry& entry);
  Status Data(std::string_view data);

  // The same for a file with holes, as GNU tar's PAX format 1.0 has them: the data of the runs follows, one after the other. The runs are
  // in order and end with an empty one at the file's size where that ends in a hole.
  Status AddSparse(const TarEntry& entry, const std::vector<SparseRun>& runs);

  // The end of the archive; does not finish the sink. EINVAL where data of the last entry is missing.
  Status Finish();

 private:
  using Records = std::map<std::string, std::string>;  // sorted: the same entry gives the same header

  Status AddWith(const TarEntry& entry, Records records);
  Status EndEntry();
  Status WritePax(const std::string& records, std::string_view name);

  ByteSink& sink_;
  std::uint64_t left_ = 0;
  std::size_t padding_ = 0;
};

}  // namespace tsc
