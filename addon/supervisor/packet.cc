// SPDX-License-Identifier: Apache-2.0
#include "supervisor/packet.h"

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cstring>

#include "core/passed_descriptors.h"
#include "core/paths.h"

namespace tsc {
namespace {

constexpr std::size_t kMostReceived = kPacketLimit + 4096;
constexpr std::size_t kMessageLimit = 64 << 20;
constexpr std::size_t kMaxDescriptors = 17;  // sixteen, and the memfd
constexpr const char kInMemfd[] = "{\"memfd\":true}";

void TakeDescriptors(msghdr* message, std::vector<UniqueFd>* descriptors) {
  for (cmsghdr* header = CMSG_FIRSTHDR(message); header; header = CMSG_NXTHDR(message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof fd);
      descriptors->emplace_back(fd);
    }
  }
}

bool LoadFromMemfd(Packet* packet) {
  if (packet->descriptors.empty()) return false;
  const UniqueFd memory = std::move(packet->descriptors.front());
  packet->descriptors.erase(packet->descriptors.begin());
  struct stat info {};
  if (::fstat(memory.get(), &info) != 0 || !S_ISREG(info.st_mode) || static_cast<std::size_t>(info.st_size) > kMessageLimit) return false;
  packet->text.resize(static_cast<std::size_t>(info.st_size));
  return ::pread(memory.get(), packet->text.data(), packet->text.size(), 0) == info.st_size;
}

// How long the next message is: memory is touched for that alone, which after each fork costs a copy.
ssize_t NextSize(int socket) {
  ssize_t n;
  do n = ::recv(socket, nullptr, 0, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);
  while (n < 0 && errno == EINTR);
  return n;
}

}  // namespace

ReceiveState ReceivePacket(int socket, Packet* packet, bool* stripped) {
  const ssize_t size = NextSize(socket);
  if (size < 0) return errno == EAGAIN ? ReceiveState::kNothing : ReceiveState::kClosed;
  if (static_cast<std::size_t>(size) > kMostReceived) return ReceiveState::kClosed;
  packet->text.resize(static_cast<std::size_t>(size));
  alignas(cmsghdr) char control[CMSG_SPACE(kMaxDescriptors * sizeof(int))];
  iovec part{packet->text.data(), packet->text.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t n;
  do n = ::recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  while (n < 0 && errno == EINTR);
  if (n < 0) return errno == EAGAIN ? ReceiveState::kNothing : ReceiveState::kClosed;
  packet->descriptors.clear();
  TakeDescriptors(&message, &packet->descriptors);
  if (n == 0 || (message.msg_flags & MSG_TRUNC) != 0) return ReceiveState::kClosed;
  if ((message.msg_flags & MSG_CTRUNC) != 0) {
    if (!stripped || packet->descriptors.size() == kMaxDescriptors || packet->text == kInMemfd) return ReceiveState::kClosed;
    packet->descriptors.clear();
    *stripped = true;
    return ReceiveState::kPacket;
  }
  if (packet->text == kInMemfd && !LoadFromMemfd(packet)) return ReceiveState::kClosed;
  return ReceiveState::kPacket;
}

Status SendPacket(int socket, std::string_view text, const std::vector<int>& descriptors) {
  std::vector<int> sent = descriptors;
  UniqueFd memory;
  std::string_view body = text;
  if (text.size() > kPacketLimit) {
    memory.reset(::memfd_create("message", MFD_CLOEXEC));
    if (!memory) return Errno("memfd_create", "message");
    TSC_TRY(WriteAll(memory.get(), text, "message"));
    sent.insert(sent.begin(), memory.get());
    body = kInMemfd;
  }
  iovec part{const_cast<char*>(body.data()), body.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  const PassedDescriptors<kMaxDescriptors> passed(&message, sent.data(), sent.size());
  ssize_t n;
  do n = ::sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);
  if (n < 0) return Errno("send");
  return {};
}

}  // namespace tsc
