// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/json_reader.h"
#include "core/result.h"
#include "core/unique_fd.h"
#include "files/file_root.h"

namespace tsc {

// {entries: [[name, kind]…]}, sorted; kinds as in layer/entry_sieve.h. Recursive: names are paths below the directory, links are not
// followed, and what goes away meanwhile is left out. Step "read directory".
Result<Json> ListFiles(const FileRoot& root, const std::string& path, bool recursive);

// Where that is now, as the container sees it.
Result<std::string> RealPathOf(const FileRoot& root, const UniqueFd& fd, const std::string& path);

}  // namespace tsc
