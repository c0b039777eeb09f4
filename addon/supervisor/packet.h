// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/unique_fd.h"

// docs/protocol.md, the first paragraph.
namespace tsc {

// Longer messages travel in a memfd.
inline constexpr std::size_t kPacketLimit = std::size_t{96} * 1024;

struct Packet {
  std::string text;
  std::vector<UniqueFd> descriptors;
};

enum class ReceiveState { kPacket, kNothing, kClosed };

// Takes one message from the socket. kClosed also for a peer that does not keep to the protocol; and for a message of whose descriptors
// some found no room in this process, unless the caller asks whether it is such a one: then it has none of them.
ReceiveState ReceivePacket(int socket, Packet* packet, bool* stripped = nullptr);

// EAGAIN: the peer does not read.
Status SendPacket(int socket, std::string_view text, const std::vector<int>& descriptors);

}  // namespace tsc
