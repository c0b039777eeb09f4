// SPDX-License-Identifier: Apache-2.0
#include "supervisor/dns_worker.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "layer/confine.h"
#include "supervisor/dns_gate.h"
#include "supervisor/dns_server.h"
#include "supervisor/network_records.h"

namespace tsc {
namespace {

// Containers often follow each other: a process for each would cost more than one that waits a little.
constexpr std::chrono::seconds kUntilEnd(2);

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

Json LinksJson(const std::vector<dns::Link>& links) {
  Json list = Json::array();
  for (const auto& link : links) list.push_back({link.name, link.container});
  return list;
}

std::vector<dns::Link> LinksOf(const Json& message) {
  std::vector<dns::Link> links;
  for (const auto& pair : Member(message, "links"))
    if (pair.is_array() && pair.size() == 2) links.push_back({StringOf(pair[0]), StringOf(pair[1])});
  return links;
}

Json EndpointJson(const dns::Endpoint& endpoint) {
  return {{"name", true},
          {"network", endpoint.network},
          {"container", endpoint.container},
          {"names", endpoint.names},
          {"addresses", AddressesJson(endpoint.addresses)}};
}

// Null: everything.
Json AllowedJson(const std::optional<std::vector<EgressName>>& allowed) {
  if (!allowed) return nullptr;
  Json list = Json::array();
  for (const auto& entry : *allowed) list.push_back({{"name", entry.name}, {"below", entry.below}});
  return list;
}

std::optional<std::vector<EgressName>> AllowedOf(const Json& list) {
  if (!list.is_array()) return std::nullopt;
  std::vector<EgressName> allowed;
  for (const auto& json : list) allowed.push_back({StringMember(json, "name"), BoolMember(json, "below"), {}});
  return allowed;
}

// Whom its questions may go to. They leave only where packets do (CVE-2024-29018), whichever networks it was on before.
Json UpstreamsJson(const Host& host, const dns::Client& client) {
  const bool leads_out = std::any_of(client.networks.begin(), client.networks.end(), [&](const std::string& id) {
    const auto network = ReadNetworkRecord(host, id);
    return network.ok() && !network->internal;
  });
  return leads_out ? AddressesJson(client.upstreams) : Json::array();
}

Json ClientJson(const Host& host, const std::string& container, const dns::Client& client) {
  return {{"container", container},
          {"networks", client.networks},
          {"upstreams", UpstreamsJson(host, client)},
          {"links", LinksJson(client.links)},
          {"allowed", AllowedJson(client.allowed)}};
}

void Obey(DnsServer* server, DnsGate* gate, const Json& message, std::vector<UniqueFd> descriptors) {
  if (message.is_object() && message.contains("opened")) return gate->Hear(message);
  const std::string container = StringMember(message, "container");
  const std::string network = StringMember(message, "network");
  if (BoolMember(message, "name")) {
    return server->names()->Add({network, container, StringsMember(message, "names"), AddressesOf(message, "addresses")});
  }
  if (!network.empty()) return server->names()->Remove(network, container);
  if (descriptors.size() != 2 && !BoolMember(message, "update")) return server->RemoveClient(container);
  const dns::Client client{StringsMember(message, "networks"), AddressesOf(message, "upstreams"), LinksOf(message),
                           AllowedOf(Member(message, "allowed"))};
  if (descriptors.empty()) return server->UpdateClient(container, client);
  server->AddClient(container, client, std::move(descriptors[0]), std::move(descriptors[1]));
}

CompanionProcess::Obey Begin(EventLoop* loop, std::function<void()> take_all, int empty, const std::shared_ptr<DnsGate>& gate) {
  if (!ConfineResponder(empty).ok()) ::_exit(125);
  const auto server = std::make_shared<DnsServer>(loop, std::move(take_all), gate->Ways());
  return [server, gate](const Json& message, std::vector<UniqueFd> descriptors) {
    Obey(server.get(), gate.get(), message, std::move(descriptors));
  };
}

}  // namespace

DnsWorker::DnsWorker(EventLoop* loop, const Host* host, Egress* egress) : loop_(loop), host_(host), egress_(egress) {}

Status DnsWorker::Start() {
  const int memory = host_->memory_dir.get();
  if (::mkdirat(memory, "empty", 0555) != 0 && errno != EEXIST) return Errno("mkdir", "empty");
  empty_.reset(::openat(memory, "empty", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!empty_) return Errno("open", "empty");
  CompanionProcess::Parts parts;
  parts.title = "tscontainer-dns";
  parts.keep = {empty_.get()};
  const auto gate = std::make_shared<std::shared_ptr<DnsGate>>();  // made in the child
  parts.speak = [gate](DnsGate::Say say) { *gate = std::make_shared<DnsGate>(std::move(say)); };
  parts.begin = [empty = empty_.get(), gate](EventLoop* loop, std::function<void()> take_all) {
    return Begin(loop, std::move(take_all), empty, *gate);
  };
  parts.hear = [this](const Json& message) { Hear(message); };
  parts.wanted = [this] { return !clients_.empty(); };
  parts.tell_all = [this] { TellAll(); };
  process_.emplace(loop_, std::move(parts));
  return process_->Start();
}

// It reads what strangers say: nothing that it asks for is more than its container's policy would have.
void DnsWorker::Hear(const Json& message) {
  if (!message.is_object() || !egress_) return;
  const std::string container = StringMember(message, "container");
  if (message.contains("refused"))
    return egress_->RefuseName(container, StringMember(message, "refused"), StringMember(message, "protocol"));
  const auto opened = egress_->Open(container, StringMember(message, "name"), ResolvedOf(Member(message, "addresses")));
  Tell({{"opened", IntMember(message, "open")}, {"addresses", ResolvedJson(opened)}}, {});
}

void DnsWorker::TellAll() {
  for (const auto& entry : endpoints_) Tell(EndpointJson(entry.second), {});
  for (const auto& [container, served] : clients_) TellOf(container, served);
}

void DnsWorker::Tell(const Json& message, const std::vector<int>& descriptors) {
  if (process_) process_->Tell(message, descriptors);
}

void DnsWorker::TellOf(const std::string& container, const Served& served) {
  const auto& [client, udp, tcp] = served;
  Tell(ClientJson(*host_, container, client), {udp.get(), tcp.get()});
}

void DnsWorker::Serve(const std::string& container, dns::Client client, UniqueFd udp, UniqueFd tcp) {
  auto& served = clients_[container] = {std::move(client), std::move(udp), std::move(tcp)};
  if (end_) loop_->Cancel(*std::exchange(end_, std::nullopt));
  if (process_ && process_->running()) return TellOf(container, served);
  (void)(process_ ? process_->Start() : Start()).ok();
}

void DnsWorker::Limit(const std::string& container, const std::vector<std::string>& networks,
                      std::optional<std::vector<EgressName>> allowed) {
  const auto found = clients_.find(container);
  if (found == clients_.end()) return;
  auto& client = found->second.client;
  if (client.networks == networks && client.allowed == allowed) return;
  client.networks = networks;
  client.allowed = std::move(allowed);
  Json message = ClientJson(*host_, container, client);
  message["update"] = true;
  Tell(message, {});
}

void DnsWorker::Leave(const std::string& container) {
  if (clients_.erase(container) == 0) return;
  Tell({{"container", container}}, {});
  if (!clients_.empty() || end_) return;
  end_ = loop_->After(kUntilEnd, [this] {
    end_.reset();
    if (process_) process_->Close();
  });
}

void DnsWorker::Name(const dns::Endpoint& endpoint) {
  endpoints_[{endpoint.network, endpoint.container}] = endpoint;
  Tell(EndpointJson(endpoint), {});
}

void DnsWorker::Forget(const std::string& network, const std::string& container) {
  if (endpoints_.erase({network, container}) != 0) Tell({{"network", network}, {"container", container}}, {});
}

void DnsWorker::Close() {
  if (end_) loop_->Cancel(*std::exchange(end_, std::nullopt));
  if (process_) process_->Close();
}

}  // namespace tsc
