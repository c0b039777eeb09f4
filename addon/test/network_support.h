// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <vector>

#include "core/paths.h"
#include "core/unique_fd.h"
#include "network/addresses.h"
#include "network/firewall.h"
#include "network/links.h"

// Machines of a test, each a network namespace, and what they say to each other. Needs root.
namespace tsc::test {

inline UniqueFd CurrentNamespace() { return UniqueFd(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)); }

// Says what was refused.
inline bool Done(const Status& status) {
  if (!status.ok()) {
    const auto& [step, error, object] = status.failure();
    std::printf("%s, %s: %s\n", step.c_str(), object.c_str(), strerrorname_np(error));
  }
  return status.ok();
}

class Machine {
 public:
  Machine() {
    const UniqueFd before = CurrentNamespace();
    REQUIRE(::unshare(CLONE_NEWNET) == 0);
    fd_ = CurrentNamespace();
    route_.emplace(NetlinkSocket::Open(NETLINK_ROUTE).value());
    REQUIRE(Done(route_->Send(LinkUp(1))));
    REQUIRE(::setns(before.get(), CLONE_NEWNET) == 0);
  }
  int fd() const { return fd_.get(); }
  NetlinkSocket* route() { return &*route_; }
  template <class Work>
  auto In(const Work& work) const {
    const UniqueFd before = CurrentNamespace();
    REQUIRE(::setns(fd_.get(), CLONE_NEWNET) == 0);
    auto result = work();
    REQUIRE(::setns(before.get(), CLONE_NEWNET) == 0);
    return result;
  }
  int Index(const std::string& name) {
    const auto link = FindLink(route(), name);
    REQUIRE(link.ok());
    return *link ? (*link)->index : 0;
  }
  void Address(const std::string& link, const std::string& prefix) {
    REQUIRE(Done(route()->Send(LinkUp(Index(link)))));
    REQUIRE(Done(route()->Send(NewAddress(Index(link), *ParseIpPrefix(prefix)))));
  }
  void Gateway(const std::string& link, const std::string& address) {
    REQUIRE(Done(route()->Send(NewDefaultRoute(Index(link), *ParseIpAddress(address)))));
  }
  void Sysctl(const std::string& name, const std::string& value) const {
    const bool written = In([&] { return WriteFileAt(AT_FDCWD, ("/proc/sys/net/" + name).c_str(), value).ok(); });
    REQUIRE(written);
  }

 private:
  UniqueFd fd_;
  std::optional<NetlinkSocket> route_;
};

struct Peer {
  sockaddr_storage address{};
  socklen_t size = 0;
};

inline Peer PeerAt(const std::string& text, std::uint16_t port) {
  const auto ip = *ParseIpAddress(text);
  Peer peer;
  if (ip.family == AF_INET) {
    auto* four = reinterpret_cast<sockaddr_in*>(&peer.address);
    four->sin_family = AF_INET;
    four->sin_port = htons(port);
    std::memcpy(&four->sin_addr, ip.bytes.data(), 4);
    peer.size = sizeof *four;
  } else {
    auto* six = reinterpret_cast<sockaddr_in6*>(&peer.address);
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(port);
    std::memcpy(&six->sin6_addr, ip.bytes.data(), 16);
    peer.size = sizeof *six;
  }
  return peer;
}

inline std::string AddressText(const sockaddr_storage& address) {
  IpAddress ip{address.ss_family, {}};
  if (ip.family == AF_INET)
    std::memcpy(ip.bytes.data(), &reinterpret_cast<const sockaddr_in*>(&address)->sin_addr, 4);
  else
    std::memcpy(ip.bytes.data(), &reinterpret_cast<const sockaddr_in6*>(&address)->sin6_addr, 16);
  return Text(ip);
}

// A TCP server on a machine; it tells who came.
class Server {
 public:
  Server(const Machine& machine, const std::string& address, std::uint16_t port) {
    const Peer at = PeerAt(address, port);
    fd_ = machine.In([&] { return UniqueFd(::socket(at.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0)); });
    const int on = 1;
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    REQUIRE(::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&at.address), at.size) == 0);
    REQUIRE(::listen(fd_.get(), 8) == 0);
  }
  std::string Visitor() const {
    pollfd waiting{fd_.get(), POLLIN, 0};
    if (::poll(&waiting, 1, 300) != 1) return "nobody";
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    const UniqueFd visitor(::accept(fd_.get(), reinterpret_cast<sockaddr*>(&address), &size));
    return AddressText(address);
  }

 private:
  UniqueFd fd_;
};

// Whether a TCP connection comes to be, within a quarter of a second; from this source address, where it is given.
inline bool Connects(const Machine& from, const std::string& address, std::uint16_t port, const std::string& source = {}) {
  const Peer to = PeerAt(address, port);
  const UniqueFd fd = from.In([&] { return UniqueFd(::socket(to.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)); });
  if (!source.empty()) {
    const Peer own = PeerAt(source, 0);
    const int on = 1;
    ::setsockopt(fd.get(), SOL_IP, IP_FREEBIND, &on, sizeof on);
    if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&own.address), own.size) != 0) return false;
  }
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to.address), to.size) == 0) return true;
  pollfd waiting{fd.get(), POLLOUT, 0};
  int error = 0;
  socklen_t size = sizeof error;
  return ::poll(&waiting, 1, 250) == 1 && ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

}  // namespace tsc::test
