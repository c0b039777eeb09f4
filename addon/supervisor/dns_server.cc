// SPDX-License-Identifier: Apache-2.0
#include "supervisor/dns_server.h"

#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <set>

namespace tsc {
namespace {

constexpr std::size_t kMaxConnections = 32;  // of one container
constexpr int kDatagramsAtOnce = 64;         // then the others have their turn
constexpr std::chrono::seconds kConnectionLife(10);

struct Sender {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
};

}  // namespace

struct DnsServer::Connection {
  UniqueFd socket;
  std::string received, unsent;
  std::optional<EventLoop::TimerId> timer;
};

struct DnsServer::Served {
  Served(EventLoop* loop, std::string id_, dns::Client client_, UniqueFd udp_, UniqueFd tcp_)
      : id(std::move(id_)), client(std::move(client_)), udp(std::move(udp_)), tcp(std::move(tcp_)), forwards(loop) {}

  std::string id;
  dns::Client client;
  UniqueFd udp, tcp;
  std::set<std::shared_ptr<Connection>> connections;
  dns::Forwards forwards;
};

DnsServer::DnsServer(EventLoop* loop, std::function<void()> catch_up, Gate gate)
    : loop_(loop), catch_up_(std::move(catch_up)), gate_(std::move(gate)) {}

DnsServer::~DnsServer() {
  while (!clients_.empty()) RemoveClient(clients_.begin()->first);
}

void DnsServer::AddClient(const std::string& id, dns::Client client, UniqueFd udp, UniqueFd tcp) {
  RemoveClient(id);
  auto served = std::make_shared<Served>(loop_, id, std::move(client), std::move(udp), std::move(tcp));
  const std::weak_ptr<Served> weak = served;  // the loop keeps its handlers: they must not keep what they belong to
  loop_->Add(served->udp.get(), EPOLLIN, [this, weak](std::uint32_t) {
    if (const auto held = weak.lock()) OnDatagrams(held);
  });
  loop_->Add(served->tcp.get(), EPOLLIN, [this, weak](std::uint32_t) {
    if (const auto held = weak.lock()) OnConnections(held);
  });
  clients_[id] = std::move(served);
}

void DnsServer::UpdateClient(const std::string& id, dns::Client client) {
  if (const auto found = clients_.find(id); found != clients_.end()) found->second->client = std::move(client);
}

void DnsServer::RemoveClient(const std::string& id) {
  const auto found = clients_.find(id);
  if (found == clients_.end()) return;
  const auto served = std::move(found->second);
  clients_.erase(found);
  while (!served->connections.empty()) Close(served, *served->connections.begin());
  loop_->Remove(served->udp.get());
  loop_->Remove(served->tcp.get());
}

void DnsServer::OnDatagrams(const std::shared_ptr<Served>& client) {
  for (int i = 0; i < kDatagramsAtOnce; ++i) {
    std::string packet(4096, '\0');
    Sender sender;
    const ssize_t got = ::recvfrom(client->udp.get(), packet.data(), packet.size(), MSG_DONTWAIT,
                                   reinterpret_cast<sockaddr*>(&sender.address), &sender.size);
    if (got < 0) return;
    packet.resize(static_cast<std::size_t>(got));
    const std::weak_ptr<Served> weak = client;
    Handle(client, std::move(packet), dns::Transport::kUdp, [weak, sender](const std::string& answer) {
      if (const auto held = weak.lock()) {
        (void)!::sendto(held->udp.get(), answer.data(), answer.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                        reinterpret_cast<const sockaddr*>(&sender.address), sender.size);
      }
    });
  }
}

void DnsServer::OnConnections(const std::shared_ptr<Served>& client) {
  for (;;) {
    UniqueFd socket(::accept4(client->tcp.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket) return;
    if (client->connections.size() >= kMaxConnections) continue;  // closed
    auto connection = std::make_shared<Connection>();
    connection->socket = std::move(socket);
    client->connections.insert(connection);
    const std::weak_ptr<Served> weak = client;
    const auto close = [this, weak, connection] {
      connection->timer.reset();
      if (const auto held = weak.lock()) Close(held, connection);
    };
    connection->timer = loop_->After(kConnectionLife, close);
    loop_->Add(connection->socket.get(), EPOLLIN, [this, weak, connection](std::uint32_t) {
      if (const auto held = weak.lock()) OnConnection(held, connection);
    });
  }
}

void DnsServer::OnConnection(const std::shared_ptr<Served>& client, const std::shared_ptr<Connection>& connection) {
  if (!connection->unsent.empty()) {
    const ssize_t sent = ::send(connection->socket.get(), connection->unsent.data(), connection->unsent.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) return Close(client, connection);
    if (sent > 0) connection->unsent.erase(0, static_cast<std::size_t>(sent));
    // Who does not take answers is asked for no more questions.
    loop_->Modify(connection->socket.get(), connection->unsent.empty() ? EPOLLIN : EPOLLOUT);
    if (!connection->unsent.empty()) return;
  }
  char buffer[4096];
  const ssize_t got = ::recv(connection->socket.get(), buffer, sizeof buffer, 0);
  if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) return Close(client, connection);
  if (got > 0) connection->received.append(buffer, static_cast<std::size_t>(got));
  if (!TakeRequests(client, connection)) Close(client, connection);
}

bool DnsServer::TakeRequests(const std::shared_ptr<Served>& client, const std::shared_ptr<Connection>& connection) {
  std::string& received = connection->received;
  while (received.size() >= 2) {
    const auto length = static_cast<std::size_t>(static_cast<std::uint8_t>(received[0]) << 8 | static_cast<std::uint8_t>(received[1]));
    if (length > 4096) return false;  // no question is as long
    if (received.size() < 2 + length) return true;
    std::string packet = received.substr(2, length);
    received.erase(0, 2 + length);
    const std::weak_ptr<Served> weak = client;
    Handle(client, std::move(packet), dns::Transport::kTcp, [this, weak, connection](const std::string& answer) {
      const auto held = weak.lock();
      if (!held || !connection->socket) return;
      connection->unsent += static_cast<char>(answer.size() >> 8);
      connection->unsent += static_cast<char>(answer.size() & 0xff);
      connection->unsent += answer;
      loop_->Modify(connection->socket.get(), EPOLLOUT);
    });
  }
  return true;
}

void DnsServer::Close(const std::shared_ptr<Served>& client, std::shared_ptr<Connection> connection) {
  if (connection->timer) loop_->Cancel(*std::exchange(connection->timer, std::nullopt));
  if (connection->socket) loop_->Remove(connection->socket.get());
  connection->socket.reset();
  client->connections.erase(connection);
}

void DnsServer::Handle(const std::shared_ptr<Served>& client, std::string packet, dns::Transport transport, dns::Reply reply) {
  catch_up_();
  const auto query = dns::ParseQuery(packet);
  if (!query) {
    if (auto refusal = dns::RefuseMalformed(packet)) reply(std::move(*refusal));
    return;
  }
  const std::size_t limit = transport == dns::Transport::kUdp ? query->udp_size : dns::kMaxMessage;
  if (auto answer = dns::AnswerHere(packet, *query, client->client, &names_, limit)) return reply(std::move(*answer));
  Ask(client, std::move(packet), *query, transport, std::move(reply));
}

// A name that is not allowed does not exist: so whoever asks does not ask again elsewhere, or wait.
void DnsServer::Ask(const std::shared_ptr<Served>& client, std::string packet, const dns::Query& query, dns::Transport transport,
                    dns::Reply reply) {
  const std::size_t limit = transport == dns::Transport::kUdp ? query.udp_size : dns::kMaxMessage;
  if (!dns::MayAsk(client->client, query)) {
    if (gate_.refused) gate_.refused(client->id, query.name, transport);
    return reply(dns::MakeAnswer(packet, query, dns::Code::kNoSuchName, {}, limit));
  }
  if (!client->client.allowed || !dns::AsksForAddresses(query)) {
    return client->forwards.Ask(client->client, std::move(packet), query, transport, std::move(reply));
  }
  const std::weak_ptr<Served> weak = client;
  client->forwards.Ask(client->client, packet, query, transport, [this, weak, packet, query, limit, reply](const std::string& answer) {
    if (const auto held = weak.lock()) OpenWay(held, packet, query, limit, answer, reply);
  });
}

// What it is told is made anew of what was understood: nothing else that a stranger has said reaches it, and the way is open before.
void DnsServer::OpenWay(const std::shared_ptr<Served>& client, const std::string& packet, const dns::Query& query, std::size_t limit,
                        const std::string& answer, const dns::Reply& reply) {
  auto resolution = dns::ReadResolution(answer, query);
  if (!resolution) return reply(dns::MakeAnswer(packet, query, dns::Code::kServerFailure, {}, limit));
  if (resolution->truncated) return reply(dns::MakeAnswer(packet, query, dns::Code::kNoError, {}, 0));
  if (resolution->addresses.empty() || !gate_.open) return reply(dns::MakeAnswer(packet, query, resolution->code, {}, limit));
  gate_.open(client->id, query.name, std::move(resolution->addresses),
             [packet, query, limit, reply](const std::vector<dns::Resolved>& opened) {
               std::vector<dns::Record> records;
               for (const auto& [address, ttl] : opened) records.push_back(dns::AddressRecord(address, ttl));
               reply(dns::MakeAnswer(packet, query, dns::Code::kNoError, records, limit));
             });
}

}  // namespace tsc
