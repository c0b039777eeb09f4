// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>

#include <chrono>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/unique_fd.h"
#include "supervisor/event_loop.h"
#include "supervisor/reply.h"

namespace tsc {

struct DialAddress {
  sockaddr_storage address{};
  socklen_t size = 0;
  std::string text;  // "127.0.0.1:80"
};

// The addresses to try, in this order: `host`, or loopback's two where it is empty. EINVAL: that is no address.
Result<std::vector<DialAddress>> DialAddresses(const std::string& host, std::uint16_t port);

struct DialRequest {
  std::string container;
  int pidfd = -1;  // a process in the network namespace; none: it is our own
  std::vector<DialAddress> addresses;
  std::chrono::milliseconds timeout{0};
};

// Connections into containers that are about to be made. Each ends with its socket as the reply's descriptor, or with a failure of the
// step `dial`: what connect(2) said, ETIMEDOUT, ECANCELED, or ESRCH where the container ended first.
class Dials {
 public:
  explicit Dials(EventLoop* loop) : loop_(loop) {}

  void Start(DialRequest request, const Reply& reply);
  // False: there is no such request.
  bool Cancel(const std::shared_ptr<Connection>& connection, std::int64_t request);
  // Drops all that a connection which is gone asked for.
  void Abandon(const std::shared_ptr<Connection>& connection);
  // The container's processes are gone.
  void End(const std::string& container);

 private:
  struct Dial {
    Reply reply;
    DialRequest request;
    std::vector<UniqueFd> sockets;  // one for each address; empty where its family is missing
    std::size_t next = 0;
    std::optional<int> watched;  // the socket that the loop watches
    std::optional<EventLoop::TimerId> timer;
    int error = 0;
  };
  using Entry = std::list<Dial>::iterator;

  void Try(Entry dial);
  void OnConnected(Entry dial, std::size_t index);
  void Fail(Entry dial, int error);
  void Drop(Entry dial);
  template <class Match>
  std::size_t FailAll(int error, const Match& match);

  EventLoop* loop_;
  std::list<Dial> dials_;
};

}  // namespace tsc
