// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/unique_fd.h"

namespace tsc::binding {

// docs/protocol.md: longer messages travel in a memfd, the first descriptor of a packet that is exactly this.
inline constexpr std::size_t kInlineLimit = std::size_t{96} * 1024;
inline constexpr std::string_view kMemfdPacket = R"({"memfd":true})";
inline constexpr std::size_t kMaxDescriptors = 16;
inline constexpr std::size_t kMessageLimit = std::size_t{64} * 1024 * 1024;

struct Packet {
  std::string text;
  std::vector<UniqueFd> fds;
};

enum class Received { kPacket, kNothing, kEnd };

// One end of an AF_UNIX SOCK_SEQPACKET connection, never blocking.
class PacketSocket {
 public:
  // Connects to the socket at `path`. EPERM where its listener belongs to a third user.
  static Result<PacketSocket> Connect(const std::string& path);

  int fd() const { return fd_.get(); }
  void Close() { fd_.reset(); }

  // Hands the message to the kernel; false when the peer's queue is full. The caller keeps `fds`.
  Result<bool> Send(std::string_view text, const std::vector<int>& fds);

  // Takes the next packet. `text` lives until the next call; `fds` gets what came along.
  Result<Received> Receive(std::string_view* text, std::vector<UniqueFd>* fds);

 private:
  explicit PacketSocket(UniqueFd fd);

  UniqueFd fd_;
  std::unique_ptr<char[]> buffer_;
  std::string large_;
};

}  // namespace tsc::binding
