// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/result.h"
#include "core/unique_fd.h"

namespace tsc {

inline constexpr int kListenBacklog = 512;

// SOCK_SEQPACKET sockets below a directory, however long its path is (sockaddr_un holds 108 bytes).
Result<UniqueFd> ListenUnix(int directory, const std::string& path);
Result<UniqueFd> ConnectUnix(int directory, const std::string& path);

}  // namespace tsc
