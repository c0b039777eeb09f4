// SPDX-License-Identifier: Apache-2.0
#include "supervisor/dns_worker.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/syscalls.h"
#include "layer/confine.h"
#include "runtime/child_program.h"
#include "runtime/process_title.h"
#include "supervisor/dns_server.h"
#include "supervisor/packet.h"

namespace tsc {
namespace {

// Should it not live, it is not made again and again.
constexpr std::chrono::milliseconds kUntilNext(500);

Json AddressesJson(const std::vector<IpAddress>& addresses) {
  Json list = Json::array();
  for (const auto& address : addresses) list.push_back(Text(address));
  return list;
}

std::vector<IpAddress> AddressesOf(const Json& message, const char* key) {
  std::vector<IpAddress> addresses;
  for (const auto& text : StringsMember(message, key))
    if (const auto address = ParseIpAddress(text); address.ok()) addresses.push_back(*address);
  return addresses;
}

Json EndpointJson(const dns::Endpoint& endpoint) {
  return {{"name", true},
          {"network", endpoint.network},
          {"container", endpoint.container},
          {"names", endpoint.names},
          {"addresses", AddressesJson(endpoint.addresses)}};
}

void Obey(DnsServer* server, const Json& message, std::vector<UniqueFd> descriptors) {
  const std::string container = StringMember(message, "container");
  const std::string network = StringMember(message, "network");
  if (BoolMember(message, "name")) {
    return server->names()->Add({network, container, StringsMember(message, "names"), AddressesOf(message, "addresses")});
  }
  if (!network.empty()) return server->names()->Remove(network, container);
  if (descriptors.size() != 2 && !BoolMember(message, "update")) return server->RemoveClient(container);
  const dns::Client client{StringsMember(message, "networks"), AddressesOf(message, "upstreams")};
  if (descriptors.empty()) return server->UpdateClient(container, client);
  server->AddClient(container, client, std::move(descriptors[0]), std::move(descriptors[1]));
}

[[noreturn]] void Run(int empty, int socket) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  SetProcessTitle("tscontainer-dns");
  ChildCloseOthers({socket, empty});
  EventLoop loop;
  if (!ConfineResponder(empty).ok()) ::_exit(125);
  std::function<void()> obey_all;
  DnsServer server(&loop, [&] { obey_all(); });
  obey_all = [&] {
    for (;;) {
      Packet packet;
      const auto state = ReceivePacket(socket, &packet);
      if (state == ReceiveState::kClosed) ::_exit(0);
      if (state == ReceiveState::kNothing) return;
      Obey(&server, Json::parse(packet.text, nullptr, false), std::move(packet.descriptors));
    }
  };
  loop.Add(socket, EPOLLIN, [&](std::uint32_t) { obey_all(); });
  loop.Run();
  ::_exit(0);
}

}  // namespace

Status DnsWorker::Start() {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0) return Errno("socketpair");
  UniqueFd ours(pair[0]), theirs(pair[1]);
  const int memory = host_->memory_dir.get();
  if (::mkdirat(memory, "empty", 0555) != 0 && errno != EEXIST) return Errno("mkdir", "empty");
  const UniqueFd empty(::openat(memory, "empty", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!empty) return Errno("open", "empty");
  int pidfd = -1;
  clone_args args{};
  args.flags = CLONE_PIDFD;
  args.pidfd = reinterpret_cast<std::uint64_t>(&pidfd);
  args.exit_signal = SIGCHLD;
  const pid_t pid = sys::clone3(args);
  if (pid < 0) return Errno("clone", "dns");
  if (pid == 0) Run(empty.get(), theirs.get());
  pidfd_.reset(pidfd);
  socket_ = std::move(ours);
  // It says nothing: what comes is the end.
  loop_->Add(socket_.get(), EPOLLIN, [this](std::uint32_t) {
    Lose();
    loop_->After(kUntilNext, [this] {
      if (!socket_ && !clients_.empty()) (void)Start().ok();
    });
  });
  for (const auto& entry : endpoints_) Tell(EndpointJson(entry.second), {});
  for (const auto& [container, served] : clients_) TellOf(container, served);
  return {};
}

// What cannot be told is told again to the next one: a worker that does not read for so long is of no use.
void DnsWorker::Tell(const Json& message, const std::vector<int>& descriptors) {
  if (!socket_) return;
  const auto sent = SendPacket(socket_.get(), message.dump(-1, ' ', false, Json::error_handler_t::replace), descriptors);
  if (!sent.ok()) sys::pidfd_send_signal(pidfd_.get(), SIGKILL);
}

void DnsWorker::TellOf(const std::string& container, const Served& served) {
  const auto& [client, udp, tcp] = served;
  Tell({{"container", container}, {"networks", client.networks}, {"upstreams", AddressesJson(client.upstreams)}}, {udp.get(), tcp.get()});
}

void DnsWorker::Serve(const std::string& container, dns::Client client, UniqueFd udp, UniqueFd tcp) {
  auto& served = clients_[container] = {std::move(client), std::move(udp), std::move(tcp)};
  if (socket_) return TellOf(container, served);
  (void)Start().ok();
}

void DnsWorker::SetNetworks(const std::string& container, const std::vector<std::string>& networks) {
  const auto found = clients_.find(container);
  if (found == clients_.end()) return;
  auto& client = found->second.client;
  client.networks = networks;
  Tell({{"update", true}, {"container", container}, {"networks", networks}, {"upstreams", AddressesJson(client.upstreams)}}, {});
}

void DnsWorker::Leave(const std::string& container) {
  if (clients_.erase(container) == 0) return;
  Tell({{"container", container}}, {});
  if (clients_.empty()) Close();
}

void DnsWorker::Name(const dns::Endpoint& endpoint) {
  endpoints_[{endpoint.network, endpoint.container}] = endpoint;
  Tell(EndpointJson(endpoint), {});
}

void DnsWorker::Forget(const std::string& network, const std::string& container) {
  if (endpoints_.erase({network, container}) != 0) Tell({{"network", network}, {"container", container}}, {});
}

void DnsWorker::Lose() {
  if (!socket_) return;
  loop_->Remove(socket_.get());
  socket_.reset();
  siginfo_t info{};
  sys::waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(pidfd_.get()), &info, WEXITED, nullptr);
  pidfd_.reset();
}

void DnsWorker::Close() {
  if (socket_) ::shutdown(socket_.get(), SHUT_RDWR);
  Lose();
}

}  // namespace tsc
