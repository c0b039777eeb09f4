// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "core/result.h"

namespace tsc {

// Copies the content of regular files. Holes stay holes. copy_file_range(2) shares the blocks where the file system can, so there is no
// FICLONE before it; where it cannot even copy (two file systems), bytes are read and written.
class DataCopier {
 public:
  // From the beginning to `size`. `to` is empty; `blocks` is st_blocks of `from`. A file that turns out shorter is ESTALE.
  Status Copy(int from, int to, std::uint64_t size, std::uint64_t blocks);

 private:
  Status CopyRange(int from, int to, std::uint64_t begin, std::uint64_t end);
  Status ReadAndWrite(int from, int to, std::uint64_t begin, std::uint64_t end);

  bool in_kernel_ = true;
  std::unique_ptr<char[]> buffer_;
};

}  // namespace tsc
