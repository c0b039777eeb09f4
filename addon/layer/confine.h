// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/result.h"

namespace tsc {

// Shuts the calling process in before it reads a stranger's data. For a child of a fork with one thread, root of the host or of
// a user namespace, which ends after its work: nothing here can be undone.
//
//   namespaces    its own mounts, network, IPC and host name
//   root          the tree of `target_dir`, nosuid, nodev, noexec, and read-only for those who only read (where it can be mounted once
//                 more); everything else is unreachable by path
//   limits        no core file, 1 GiB of memory
//   privileges    no_new_privs; with `need_caps` CHOWN DAC_OVERRIDE FOWNER FSETID MKNOD SETFCAP are kept, and on the host (not in a user
//                 namespace) SYS_ADMIN, without which the kernel neither sets nor shows trusted.overlay.*; all else is dropped
//   Landlock      nothing is executed, no TCP, no signals or abstract sockets to the outside; where the kernel has it
//   seccomp       the system calls of addon/layer, EPERM for all others: no mount, no socket, no exec, no executable memory
//
// `target_dir` then is a descriptor of the new root. Other descriptors stay as they are, so the caller has closed those that the work does
// not need, directories above all. Fails with step "confine worker" and the part as object; the process must then exit.
enum class TreeAccess { kWrite, kRead };
// What is in the directories of `readable` can be read by their descriptors.
Status ConfineWorker(int target_dir, bool need_caps, TreeAccess access = TreeAccess::kWrite, const std::vector<int>& readable = {});

// The same for a process that is in the root of strangers already, a container's: its namespaces and its root stay as they are. It keeps
// the capabilities of files alone.
Status ConfineInPlace(int root);

// For who answers strangers over sockets of IP, in the network namespace that it is in: an empty directory is all it sees, it has no
// capability and, where the host has such a user, is nobody; it can make no other sockets, and no files.
Status ConfineResponder(int empty_dir);

}  // namespace tsc
