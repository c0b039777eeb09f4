// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"

namespace tsc {

// A process of a container may reach the file of whoever enters it through /proc/<pid>/exe, and write it later (CVE-2019-5736). So what
// makes or joins namespaces runs from a read-only mount of that file that exists for it alone: this runs the program anew from there, once.
Status RunSealed(char** argv);

}  // namespace tsc
