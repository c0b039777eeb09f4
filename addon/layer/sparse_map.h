// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

#include <string>
#include <vector>

#include "core/result.h"
#include "layer/tar_entry.h"

namespace tsc {

// Whether so much of the file is not on the disk that it is worth an archive's trouble. Every reader knows plain files.
bool HasHoles(const struct stat& info);

// Where data is, in the order and with the end that TarWriter::AddSparse wants. Blocks of zeros count as holes, so that the same content
// gives the same runs, wherever the file system has put its holes. More than kMaxRuns, which readers refuse: the list is not complete, and
// the file is to be packed as if it had none. Step "pack layer".
constexpr std::size_t kMaxRuns = 50'000;
Result<std::vector<SparseRun>> FindDataRuns(int fd, std::uint64_t size, const std::string& name);

}  // namespace tsc
