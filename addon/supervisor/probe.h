// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/json_reader.h"

namespace tsc {

// What this host can do for the calling user with an engine in `root`, found out by trying it in forked children: a whole supervisor is
// set up in a scratch directory beside it, short of serving. Leaves nothing behind.
//
//     kernel, uid, rootless, container
//     idMap, mappedIds, idMapReason             what the ids of containers come from; why a range cannot be had
//     noNewPrivileges, filtered                 of the calling process: setuid helpers gain nothing; a seccomp filter is on
//     userNamespace namespaces proc overlay supervisor seccomp memfdExec      {ok, errno, step}
//     userns, usernsReason                      whether containers get user namespaces of their own
//     wayOut                                    of who is not root: ProbeWayOut
//     fileSystem                                the type of what the root lies on
//     cgroup {version, controllers, reasons}, sysctl {…}
Json ProbeHost(const std::string& root);

}  // namespace tsc
