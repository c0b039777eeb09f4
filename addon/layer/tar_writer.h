// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

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

  // The end of the archive; does not finish the sink. EINVAL where data of the last entry is missing.
  Status Finish();

 private:
  Status EndEntry();
  Status WritePax(const std::string& records, std::string_view name);

  ByteSink& sink_;
  std::uint64_t left_ = 0;
  std::size_t padding_ = 0;
};

}  // namespace tsc
