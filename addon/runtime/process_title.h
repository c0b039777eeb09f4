// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tsc {

// main() tells once where its arguments lie; a child that shares our image then shows its own name instead of our command line,
// which names directories of the host.
void RememberArguments(int argc, char** argv);
void SetProcessTitle(const char* title);

}  // namespace tsc
