// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tsc {

// main() tells once where its arguments and its heap begin; a child that shares our image then shows its own name instead of our command line,
// which names directories of the host.
void RememberArguments(int argc, char** argv);
void SetProcessTitle(const char* title);

// Gives the whole heap back: afterwards nothing may be allocated or freed. A child of ours that only waits would otherwise keep its copy of
// every page that we go on to change, and of all that stood in them.
void DropHeap();

}  // namespace tsc
