// SPDX-License-Identifier: Apache-2.0
#include "common/floor_link.h"

#include <arpa/inet.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <net/route.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace bench {
namespace {

constexpr const char kBridge[] = "floor", kInside[] = "eth0";
constexpr const char kAddress[] = "10.0.0.2", kGateway[] = "10.0.0.1", kMask[] = "255.255.255.0";

void Must(bool done, const char* step) {
  if (done) return;
  std::fprintf(stderr, "floor: %s: %s\n", step, std::strerror(errno));
  ::_exit(1);
}

// Attributes within attributes: each is closed where the text has grown to.
class Message {
 public:
  Message() {
    ifinfomsg link{};
    link.ifi_flags = link.ifi_change = IFF_UP;
    text_.append(reinterpret_cast<const char*>(&link), sizeof link);
  }
  void Add(unsigned short type, const void* data, std::size_t size) {
    const auto at = Open(type);
    text_.append(static_cast<const char*>(data), size);
    Close(at);
  }
  void Add(unsigned short type, const std::string& name) { Add(type, name.c_str(), name.size() + 1); }
  void Add(unsigned short type, int number) { Add(type, &number, sizeof number); }
  std::size_t Open(unsigned short type) {
    const rtattr attribute{0, type};
    text_.append(reinterpret_cast<const char*>(&attribute), sizeof attribute);
    return text_.size() - sizeof attribute;
  }
  void Close(std::size_t at) {
    const auto length = static_cast<unsigned short>(text_.size() - at);
    std::memcpy(&text_[at], &length, sizeof length);
    text_.resize(RTA_ALIGN(text_.size()));
  }
  // Of the other end of a pair.
  void AddLink() {
    const ifinfomsg link{};
    text_.append(reinterpret_cast<const char*>(&link), sizeof link);
  }
  void Send(const char* step) const {
    static int socket = -1;
    if (socket < 0) socket = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    nlmsghdr header{};
    header.nlmsg_len = static_cast<__u32>(sizeof header + text_.size());
    header.nlmsg_type = RTM_NEWLINK;
    header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;
    const std::string whole = std::string(reinterpret_cast<const char*>(&header), sizeof header) + text_;
    Must(::send(socket, whole.data(), whole.size(), 0) == static_cast<ssize_t>(whole.size()), step);
    alignas(nlmsghdr) char answer[4096];
    Must(::recv(socket, answer, sizeof answer, 0) > 0, step);
    nlmsgerr error{};
    std::memcpy(&error, answer + sizeof header, sizeof error);
    errno = -error.error;
    Must(error.error == 0, step);
  }

 private:
  std::string text_;
};

sockaddr AddressOf(const char* text) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  ::inet_pton(AF_INET, text, &address.sin_addr);
  sockaddr any{};
  std::memcpy(&any, &address, sizeof any);
  return any;
}

}  // namespace

void MakeFloorBridge() {
  Must(::unshare(CLONE_NEWNET) == 0, "unshare network");
  Message bridge;
  bridge.Add(IFLA_IFNAME, std::string(kBridge));
  const auto info = bridge.Open(IFLA_LINKINFO);
  bridge.Add(IFLA_INFO_KIND, std::string("bridge"));
  bridge.Close(info);
  bridge.Send("make bridge");
}

void GiveFloorLink(pid_t pid) {
  static unsigned count = 0;
  Message pair;
  pair.Add(IFLA_IFNAME, "port" + std::to_string(++count));
  pair.Add(IFLA_MASTER, static_cast<int>(::if_nametoindex(kBridge)));
  const auto info = pair.Open(IFLA_LINKINFO);
  pair.Add(IFLA_INFO_KIND, std::string("veth"));
  const auto data = pair.Open(IFLA_INFO_DATA);
  const auto peer = pair.Open(VETH_INFO_PEER);
  pair.AddLink();
  pair.Add(IFLA_IFNAME, std::string(kInside));
  pair.Add(IFLA_NET_NS_PID, static_cast<int>(pid));
  pair.Close(peer);
  pair.Close(data);
  pair.Close(info);
  pair.Send("make links");
}

void SetFloorLinkUp() {
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::strcpy(request.ifr_name, kInside);
  request.ifr_addr = AddressOf(kAddress);
  Must(::ioctl(socket, SIOCSIFADDR, &request) == 0, "set address");
  request.ifr_netmask = AddressOf(kMask);
  Must(::ioctl(socket, SIOCSIFNETMASK, &request) == 0, "set mask");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  Must(::ioctl(socket, SIOCSIFFLAGS, &request) == 0, "set link up");
  rtentry route{};
  route.rt_dst = AddressOf("0.0.0.0");
  route.rt_genmask = AddressOf("0.0.0.0");
  route.rt_gateway = AddressOf(kGateway);
  route.rt_flags = RTF_UP | RTF_GATEWAY;
  Must(::ioctl(socket, SIOCADDRT, &route) == 0, "add route");
  ::close(socket);
}

}  // namespace bench
