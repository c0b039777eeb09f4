// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tsc {

// Whether the caller is root of the host, not only of a user namespace.
bool IsHostsRoot();

// A path as it is meant where the command was called; an empty one stays empty. Asked before the bundle is entered.
std::string AbsolutePath(const std::string& path);

}  // namespace tsc
