// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tsc {

// What this process may do to the machine; decides how the supervisor gets the rights that it needs.
enum class Privilege {
  kRoot,           // everything
  kNamespaceRoot,  // everything within a user namespace that somebody else made: inside a container
  kOrdinary,       // nothing yet, so a user namespace has to be made: ordinary users, and a container's root without CAP_SYS_ADMIN
};
Privilege FindPrivilege();

bool HasCapability(int capability);

// How many ids from 0 on this user namespace has for users and groups alike, at most 65536; only as far as a child's map of the two pieces
// {0} and {1…} lies within pieces of it. 0: id 0 is not mapped.
unsigned MappedIds();

}  // namespace tsc
