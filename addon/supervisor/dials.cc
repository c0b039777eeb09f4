// SPDX-License-Identifier: Apache-2.0
#include "supervisor/dials.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/epoll.h>

#include <algorithm>
#include <cstring>

#include "runtime/inside_sockets.h"

namespace tsc {
namespace {

// How long a process that is ending may take until its end is known.
constexpr std::chrono::milliseconds kEndingLatest{2000};

// What entering its namespaces says of a process that is ending: from the moment its memory is gone it is EPERM to us without root.
bool MayBeEnding(int error) { return error == ESRCH || error == EPERM; }

DialAddress Address4(const in_addr& host, std::uint16_t port, const std::string& text) {
  DialAddress address;
  sockaddr_in in{};
  in.sin_family = AF_INET;
  in.sin_addr = host;
  in.sin_port = htons(port);
  std::memcpy(&address.address, &in, sizeof in);
  address.size = sizeof in;
  address.text = text + ":" + std::to_string(port);
  return address;
}

DialAddress Address6(const in6_addr& host, std::uint16_t port, const std::string& text) {
  DialAddress address;
  sockaddr_in6 in{};
  in.sin6_family = AF_INET6;
  in.sin6_addr = host;
  in.sin6_port = htons(port);
  std::memcpy(&address.address, &in, sizeof in);
  address.size = sizeof in;
  address.text = "[" + text + "]:" + std::to_string(port);
  return address;
}

// 0: it is; EINPROGRESS: it may be, later.
int ConnectError(int socket, const DialAddress& address) {
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address.address), address.size) == 0) return 0;
  return errno;
}

int PendingError(int socket) {
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

bool IsDecided(int socket) {
  pollfd poll{socket, POLLOUT, 0};
  return ::poll(&poll, 1, 0) > 0;
}

}  // namespace

Result<std::vector<DialAddress>> DialAddresses(const std::string& host, std::uint16_t port) {
  if (host.empty()) return std::vector{Address4({htonl(INADDR_LOOPBACK)}, port, "127.0.0.1"), Address6(in6addr_loopback, port, "::1")};
  in_addr four{};
  in6_addr six{};
  if (::inet_pton(AF_INET, host.c_str(), &four) == 1) return std::vector{Address4(four, port, host)};
  if (::inet_pton(AF_INET6, host.c_str(), &six) == 1) return std::vector{Address6(six, port, host)};
  return tsc::Fail("parse address", EINVAL, host);
}

void Dials::Start(DialRequest request, const Reply& reply) {
  std::vector<int> families;
  for (const auto& address : request.addresses) families.push_back(address.address.ss_family);
  auto sockets = request.pidfd >= 0 ? OpenSocketsInside(request.pidfd, families) : OpenSockets(families);
  const int error = sockets.ok() ? 0 : sockets.failure().error;
  if (error != 0 && !MayBeEnding(error)) return reply.Fail(sockets.failure());
  const auto timeout = error == 0 ? request.timeout : std::min(request.timeout, kEndingLatest);
  const auto dial = dials_.insert(dials_.end(), Dial{reply, std::move(request), {}, 0, {}, {}, 0});
  dial->timer = loop_->After(timeout, [this, dial, error] {
    dial->timer.reset();
    Fail(dial, error == 0 ? ETIMEDOUT : error);
  });
  // Otherwise its end is about to be noticed, and told before this fails.
  if (error != 0) return;
  dial->sockets = std::move(*sockets);
  Try(dial);
}

// On loopback the kernel has mostly decided when connect returns; what is full, or far away, it decides later.
void Dials::Try(Entry dial) {
  for (; dial->next < dial->sockets.size(); ++dial->next) {
    const std::size_t index = dial->next;
    const int socket = dial->sockets[index].get();
    if (socket < 0) continue;
    int error = ConnectError(socket, dial->request.addresses[index]);
    if (error == EINPROGRESS && !IsDecided(socket)) {
      dial->watched = socket;
      return loop_->Add(socket, EPOLLOUT, [this, dial, index](std::uint32_t) { OnConnected(dial, index); });
    }
    if (error == EINPROGRESS) error = PendingError(socket);
    if (error == 0) {
      dial->reply.Ok(Json::object(), {socket});
      return Drop(dial);
    }
    // That of the first says most: ::1 may not even be there.
    if (dial->error == 0) dial->error = error;
  }
  Fail(dial, dial->error);
}

void Dials::OnConnected(Entry dial, std::size_t index) {
  const int socket = dial->sockets[index].get();
  loop_->Remove(socket);
  dial->watched.reset();
  const int error = PendingError(socket);
  if (error == 0) {
    dial->reply.Ok(Json::object(), {socket});
    return Drop(dial);
  }
  if (dial->error == 0) dial->error = error;
  ++dial->next;
  Try(dial);
}

void Dials::Fail(Entry dial, int error) {
  dial->reply.Fail(tsc::Fail("dial", error, dial->request.addresses.front().text));
  Drop(dial);
}

void Dials::Drop(Entry dial) {
  if (dial->watched) loop_->Remove(*dial->watched);
  if (dial->timer) loop_->Cancel(*dial->timer);
  dials_.erase(dial);
}

template <class Match>
std::size_t Dials::FailAll(int error, const Match& match) {
  std::size_t count = 0;
  for (auto dial = dials_.begin(); dial != dials_.end();) {
    const auto current = dial++;
    if (!match(*current)) continue;
    Fail(current, error);
    ++count;
  }
  return count;
}

bool Dials::Cancel(const std::shared_ptr<Connection>& connection, std::int64_t request) {
  return FailAll(ECANCELED, [&](const Dial& dial) { return dial.reply.connection() == connection && dial.reply.request() == request; }) > 0;
}

void Dials::Abandon(const std::shared_ptr<Connection>& connection) {
  FailAll(ECANCELED, [&](const Dial& dial) { return dial.reply.connection() == connection; });
}

void Dials::End(const std::string& container) {
  FailAll(ESRCH, [&](const Dial& dial) { return dial.request.container == container; });
}

}  // namespace tsc
