// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/result.h"
#include "supervisor/host.h"

// names/<name> in the root is a symbolic link whose target is the id of the container of that name. Making it is how a name is taken, by
// whichever process.
namespace tsc {

// EEXIST: another container has it. One that has it already keeps it: who was to name it so was killed in the middle of that.
Status ClaimName(const Host& host, const std::string& name, const std::string& id);
// Its id; empty: nobody has that name. Fails where it cannot be told for the moment.
Result<std::string> ContainerNamed(const Host& host, const std::string& name);
// Unless it is another's.
void DropName(const Host& host, const std::string& name, const std::string& id);

}  // namespace tsc
