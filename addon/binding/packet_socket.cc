// SPDX-License-Identifier: Apache-2.0
#include "binding/packet_socket.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstring>

#include "core/paths.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

namespace tsc::binding {
namespace {

// One byte more than any packet may have, so that a longer one shows as truncated.
constexpr std::size_t kBufferSize = kInlineLimit + 1024;
constexpr std::size_t kControlSize = CMSG_SPACE(sizeof(int) * (kMaxDescriptors + 1));

// The run directory is private to its owner; this holds even where somebody else made a directory of that name first.
Status CheckPeer(int fd, const std::string& path) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return Errno("identify supervisor", path);
  if (peer.uid != ::geteuid() && peer.uid != 0) return Fail("identify supervisor", EPERM, path);
  return {};
}

// A sealed memfd with the message: what the receiver checked cannot change any more.
Result<UniqueFd> SealedMessage(std::string_view text) {
  UniqueFd fd(::memfd_create("tscontainer-message", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL));
  if (!fd && errno == EINVAL) fd.reset(::memfd_create("tscontainer-message", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd) return Errno("create message memfd");
  TSC_TRY(WriteAll(fd.get(), text, "message memfd"));
  ::lseek(fd.get(), 0, SEEK_SET);
  if (::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0) return Errno("seal message memfd");
  return fd;
}

Status ReadMessage(int fd, std::string* text) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) return Errno("stat message memfd");
  if (info.st_size < 0 || static_cast<std::size_t>(info.st_size) > kMessageLimit) return Fail("read message memfd", EMSGSIZE);
  text->resize(static_cast<std::size_t>(info.st_size));
  for (std::size_t at = 0; at < text->size();) {
    const ssize_t n = ::pread(fd, text->data() + at, text->size() - at, static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return n < 0 ? Errno("read message memfd") : Fail("read message memfd", EPROTO);
    at += static_cast<std::size_t>(n);
  }
  return {};
}

// Everything that arrived gets an owner at once, so that it is closed on each way out.
void TakeDescriptors(msghdr* message, std::vector<UniqueFd>* fds) {
  for (cmsghdr* header = CMSG_FIRSTHDR(message); header != nullptr; header = CMSG_NXTHDR(message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; i++) {
      int fd;
      std::memcpy(&fd, CMSG_DATA(header) + i * sizeof fd, sizeof fd);
      fds->emplace_back(fd);
    }
  }
}

Result<bool> SendPacket(int socket, std::string_view text, const std::vector<int>& fds) {
  alignas(cmsghdr) char control[kControlSize] = {};
  iovec part{const_cast<char*>(text.data()), text.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (!fds.empty()) {
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(sizeof(int) * fds.size());
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int) * fds.size());
    std::memcpy(CMSG_DATA(header), fds.data(), sizeof(int) * fds.size());
  }
  for (;;) {
    if (::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0) return true;
    if (errno == EAGAIN) return false;
    if (errno != EINTR) return Errno("send to supervisor");
  }
}

}  // namespace

PacketSocket::PacketSocket(UniqueFd fd) : fd_(std::move(fd)), buffer_(new char[kBufferSize]) {}

Result<PacketSocket> PacketSocket::Connect(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) return Fail("connect to supervisor", ENAMETOOLONG, path);
  if (path.find('\0') != std::string::npos) return Fail("connect to supervisor", EINVAL, path);
  std::memcpy(address.sun_path, path.data(), path.size());
  UniqueFd fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return Errno("create socket");
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return Errno("connect to supervisor", path);
  TSC_TRY(CheckPeer(fd.get(), path));
  return PacketSocket(std::move(fd));
}

Result<bool> PacketSocket::Send(std::string_view text, const std::vector<int>& fds) {
  if (fds.size() > kMaxDescriptors || text.size() > kMessageLimit) return Fail("send to supervisor", EMSGSIZE);
  if (text.size() <= kInlineLimit) return SendPacket(fd_.get(), text, fds);
  const UniqueFd memfd = TSC_TRY(SealedMessage(text));
  std::vector<int> all{memfd.get()};
  all.insert(all.end(), fds.begin(), fds.end());
  return SendPacket(fd_.get(), kMemfdPacket, all);
}

Result<Received> PacketSocket::Receive(std::string_view* text, std::vector<UniqueFd>* fds) {
  alignas(cmsghdr) char control[kControlSize];
  iovec part{buffer_.get(), kBufferSize};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t size;
  do size = ::recvmsg(fd_.get(), &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  while (size < 0 && errno == EINTR);
  if (size < 0) return errno == EAGAIN ? Result<Received>(Received::kNothing) : Errno("receive from supervisor");
  TakeDescriptors(&message, fds);
  // MSG_CTRUNC: this process has no room for the descriptors (EMFILE), or they were too many.
  if (message.msg_flags & MSG_CTRUNC) return Fail("receive descriptors", EMFILE);
  if (message.msg_flags & MSG_TRUNC) return Fail("receive from supervisor", EMSGSIZE);
  if (size == 0) return Received::kEnd;
  *text = {buffer_.get(), static_cast<std::size_t>(size)};
  if (*text != kMemfdPacket) return Received::kPacket;
  if (fds->empty()) return Fail("receive from supervisor", EPROTO);
  TSC_TRY(ReadMessage(fds->front().get(), &large_));
  fds->erase(fds->begin());
  *text = large_;
  return Received::kPacket;
}

}  // namespace tsc::binding
