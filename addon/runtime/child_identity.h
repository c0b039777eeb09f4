// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "runtime/seccomp.h"
#include "runtime/spec.h"

// Functions of a child between clone and exec: they turn the calling process into the one that the specification describes.
namespace tsc {

// Resource limits and umask: what needs no identity of its own.
Status ChildApplyLimits(const Process& process);

// Groups, ids, capabilities and no_new_privs, in the order that lets each still do its work. A filter is installed here only if
// no_new_privs is off, since the right to install it goes with the capabilities; else ChildExecute does it last of all.
Status ChildBecome(const Process& process, const SeccompProgram* seccomp);

// Said again after each change of ids: where fs.suid_dumpable is 1 that makes us traceable by what waits inside (CVE-2016-9962).
void ChildStayUntraceable();

// What our own init keeps: the right to signal its children. Nothing else.
Status ChildDropToInit();

}  // namespace tsc
