// SPDX-License-Identifier: Apache-2.0
// The framing of the protocol: a packet, or a message in a memfd, with descriptors beside it. The first byte says how many of them there
// are, whether one is missing, and what kind the first one is.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "core/paths.h"
#include "supervisor/packet.h"
#include "target.h"

namespace tsc::fuzz {
namespace {

// What nobody sends as a text: a message is an object with an operation.
constexpr std::string_view kInMemfd = "{\"memfd\":true}";

UniqueFd FirstDescriptor(unsigned kind, std::string_view content) {
  if (kind == 0) return UniqueFd(::open("/", O_PATH | O_CLOEXEC));
  if (kind == 1) return UniqueFd(::open("/dev/zero", O_RDONLY | O_CLOEXEC));
  UniqueFd memory(::memfd_create("fuzz", MFD_CLOEXEC));
  (void)WriteAll(memory.get(), content, "fuzz");
  return memory;
}

void Send(int socket, std::string_view text, const std::vector<int>& descriptors) {
  iovec part{const_cast<char*>(text.data()), text.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(32 * sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (!descriptors.empty()) {
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(descriptors.size() * sizeof(int));
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(descriptors.size() * sizeof(int));
    std::memcpy(CMSG_DATA(header), descriptors.data(), descriptors.size() * sizeof(int));
  }
  Require(::sendmsg(socket, &message, MSG_DONTWAIT) >= 0);
}

void Run(std::string_view input) {
  if (input.empty()) return;
  const unsigned choice = static_cast<unsigned char>(input[0]);
  const std::string_view content = input.substr(1);
  int ends[2];
  Require(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0);
  const UniqueFd one(ends[0]), other(ends[1]);
  const UniqueFd first = FirstDescriptor(choice % 4, content);
  const bool in_memfd = (choice & 4) != 0 || content == kInMemfd;
  Send(one.get(), in_memfd ? kInMemfd : content, std::vector<int>(choice / 8 % 32, first.get()));
  Packet packet;
  if (ReceivePacket(other.get(), &packet) != ReceiveState::kPacket) return;
  Require(packet.text == content && packet.descriptors.size() + (in_memfd ? 1 : 0) == choice / 8 % 32);
  Require(SendPacket(other.get(), packet.text, {}).ok());
  Packet back;
  const auto state = ReceivePacket(one.get(), &back);
  Require(state == ReceiveState::kPacket || packet.text.empty() || packet.text == kInMemfd);
}

const Registration kTarget({"packet", Run});

}  // namespace
}  // namespace tsc::fuzz
