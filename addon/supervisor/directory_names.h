// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/result.h"

namespace tsc {

// What is in a directory; nothing where there is none. Step "list".
Result<std::vector<std::string>> NamesIn(int parent, const char* path);

// Whether a failure says something of the moment, not of what was looked at: no descriptor or memory left, a disk that did not answer. What
// it was is then not known, and nobody may take it for gone.
bool IsOfTheMoment(int error);

}  // namespace tsc
