// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/result.h"
#include "supervisor/host.h"

// v1/leaving/<id> says that a network is being removed. Whoever has written the record of an endpoint on it looks for this, and whoever has
// written this looks for such records: so one of the two sees the other, whichever processes they are.
namespace tsc {

Status MarkLeaving(const Host& host, const std::string& network);
void UnmarkLeaving(const Host& host, const std::string& network);
bool IsLeaving(const Host& host, const std::string& network);
// What was begun by somebody who died.
void UnmarkAllLeaving(const Host& host);

}  // namespace tsc
