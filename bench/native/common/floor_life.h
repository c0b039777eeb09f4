// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>

// What the kernel asks of any container, and nothing else: clone3 with namespaces, an overlay, /proc, pivot_root, exec, wait, clean-up.
// No limits, no seccomp, no capabilities, no devices, no masks, no records. Plain C++ without the engine's libraries.
namespace bench {

struct FloorOptions {
  std::string lower;    // a root file system with /bin/true and /proc
  std::string scratch;  // where uppers are made
  std::string staging;  // an empty directory
  int namespaces = 0;   // CLONE_NEW…
  bool linked = false;  // a user and a network namespace, and on a network (floor_link.h)
};

struct FloorProcess {
  pid_t pid = 0;
  int pidfd = -1;
  std::string directory;
};

// A mount namespace of our own, as any engine has it, so that the host's mounts neither receive nor send anything.
void EnterOwnMounts();

// Ends the program with a message when a step fails: a floor with a hole is no floor.
FloorProcess StartFloor(const FloorOptions& options, const char* program, const char* argument);
void EndFloor(const FloorProcess& process);

// fork, join the container's namespaces, exec /bin/true, its output read to the end.
void FloorExec(const FloorProcess& container, int namespaces);

}  // namespace bench
