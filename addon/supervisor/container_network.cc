// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "supervisor/container.h"
#include "supervisor/egress_options.h"
#include "supervisor/health_monitor.h"
#include "supervisor/networks.h"
#include "supervisor/stored_container.h"

// A container's places on networks: those of its start, and those that come and go while it runs.
namespace tsc {
namespace {

bool IsOn(const std::vector<NetworkPlace>& places, const std::string& network) {
  return std::any_of(places.begin(), places.end(), [&](const NetworkPlace& place) { return place.network == network; });
}

bool HasInterface(const std::vector<NetworkPlace>& places, const std::string& name) {
  return std::any_of(places.begin(), places.end(), [&](const NetworkPlace& place) { return place.interface == name; });
}

std::size_t FreeIndex(const std::vector<NetworkPlace>& places) {
  std::size_t index = 0;
  while (HasInterface(places, "eth" + std::to_string(index))) ++index;
  return index;
}

}  // namespace

Json Container::Ports() const {
  Json ports = Json::array();
  for (const auto& port : request_.ports) ports.push_back(PortJson(port));
  return ports;
}

// Addresses are those of now: it has others each time that it is started.
Json Container::Places() const {
  Json places = Json::array();
  for (const auto& place : request_.networks) {
    Json json{{"network", place.network}, {"name", place.domain}, {"addresses", Json::array()}, {"mac", nullptr}};
    for (const auto& endpoint : endpoints_) {
      if (endpoint.network != place.network) continue;
      for (const auto& address : endpoint.rules.addresses) json["addresses"].push_back(Text(address));
      json["mac"] = Text(endpoint.rules.mac);
    }
    places.push_back(std::move(json));
  }
  return places;
}

std::vector<std::string> Container::NetworkNames() const {
  std::vector<std::string> names{request_.name, id().substr(0, 12)};
  if (!request_.spec.hostname.empty() && request_.spec.hostname != names[1]) names.push_back(request_.spec.hostname);
  return names;
}

std::vector<std::string> Container::NetworkIds() const {
  std::vector<std::string> ids;
  for (const auto& endpoint : endpoints_) ids.push_back(endpoint.network);
  return ids;
}

Status Container::Connect() {
  const int process = launched_.pidfd.get();
  endpoints_ = TSC_TRY(context_.networks->Connect({id(), process, &request_.networks, &request_.ports, NetworkNames(), request_.egress}));
  if (request_.resolver) {
    const dns::Client client{NetworkIds(), *request_.resolver, request_.links, Networks::NamesAllowed(endpoints_)};
    TSC_TRY(context_.networks->ServeNames(id(), process, client));
  }
  TSC_TRY(context_.networks->Police(id(), endpoints_));
  TSC_TRY(Shape());
  request_.ports.clear();
  for (const auto& endpoint : endpoints_)
    for (const auto& claim : endpoint.claims) request_.ports.push_back(claim.port);
  return {};
}

void Container::Receive() {
  const bool well = !health_ || health_->status() == HealthStatus::kHealthy;
  context_.networks->Receive(&endpoints_, state_ == ContainerState::kRunning && well && stopping_.empty() && !stopped_by_user_);
}

Status Container::Shape(const Endpoint& endpoint) {
  const auto impaired = impairments_.find(endpoint.network);
  return context_.networks->Shape(endpoint, launched_.pidfd.get(), request_.rate,
                                  impaired == impairments_.end() ? Impairment{} : impaired->second.how);
}

Status Container::ShapeOn(const std::string& network) {
  for (const auto& endpoint : endpoints_)
    if (endpoint.network == network && alive()) return Shape(endpoint);
  return {};
}

// Until somebody says otherwise, or whoever said it has gone.
Status Container::Impair(const Json& message, const std::shared_ptr<Connection>& owner) {
  const std::string network = StringMember(message, "network");
  if (!IsOn(request_.networks, network)) return Fail("impair link", EINVAL, network);
  const auto how = TSC_TRY(ParseImpairment(Member(message, "impairment")));
  const auto before = impairments_;
  impairments_.erase(network);
  if (how.any()) impairments_[network] = {how, owner};
  auto shaped = ShapeOn(network);
  if (shaped.ok()) return {};
  impairments_ = before;
  (void)ShapeOn(network).ok();
  return shaped;
}

void Container::AbandonImpairments(const std::shared_ptr<Connection>& connection) {
  const auto impairments = impairments_;
  for (const auto& [network, impaired] : impairments) {
    if (impaired.owner.lock() != connection) continue;
    impairments_.erase(network);
    (void)ShapeOn(network).ok();
  }
}

Status Container::Shape() {
  if (!request_.rate.any() && impairments_.empty()) return {};
  for (const auto& endpoint : endpoints_) TSC_TRY(Shape(endpoint));
  return {};
}

// From now on and at each start. What one of its links cannot do none does.
Status Container::LimitRate(const Json& wanted) {
  if (request_.networks.empty()) return Fail("limit rate", EINVAL, id());
  const Rate before = request_.rate;
  request_.rate = TSC_TRY(ParseRate(wanted, before));
  for (const auto& endpoint : endpoints_) {
    auto shaped = Shape(endpoint);
    if (shaped.ok()) continue;
    request_.rate = before;
    (void)Shape().ok();
    return shaped;
  }
  return request_.detached ? RecordRate(*context_.host, id(), RateJson(request_.rate)) : Status{};
}

Status Container::RecordPlaces() const {
  if (!request_.detached) return {};
  Json places = Json::array();
  for (const auto& place : request_.networks) places.push_back(PlaceJson(place));
  return RecordNetworks(*context_.host, id(), places);
}

Status Container::ConnectNetwork(const Json& message) {
  const Namespace* own = request_.spec.namespace_of(CLONE_NEWNET);
  if (!own || !own->path.empty()) return Fail("connect network", EINVAL, id());
  auto place = TSC_TRY(ParseNetworkPlace(Member(message, "place"), FreeIndex(request_.networks)));
  if (IsOn(request_.networks, place.network)) return Fail("connect network", EEXIST, place.network);
  if (HasInterface(request_.networks, place.interface)) return Fail("connect network", EEXIST, place.interface);
  if (alive()) {
    const std::vector<NetworkPlace> places{place};
    auto made = TSC_TRY(context_.networks->Connect({id(), launched_.pidfd.get(), &places, nullptr, NetworkNames(), request_.egress}));
    for (auto& endpoint : made) endpoints_.push_back(std::move(endpoint));
    auto held = context_.networks->Police(id(), endpoints_);
    if (held.ok()) held = Shape();
    if (!held.ok()) {
      std::vector<Endpoint> last;
      last.push_back(std::move(endpoints_.back()));
      endpoints_.pop_back();
      (void)context_.networks->Police(id(), endpoints_).ok();
      context_.networks->Disconnect(&last);
      return held;
    }
  }
  launched_.mounts.reset();  // it holds what is others' now
  request_.networks.push_back(std::move(place));
  WriteState();
  return RecordPlaces();
}

void Container::DisconnectNetwork(const std::string& network, const Reply& reply) {
  if (!IsOn(request_.networks, network)) return reply.Fail(Fail("disconnect network", ENOENT, network));
  std::erase_if(request_.networks, [&](const NetworkPlace& place) { return place.network == network; });
  impairments_.erase(network);
  context_.networks->HealAll(id(), network);
  if (const auto recorded = RecordPlaces(); !recorded.ok()) return reply.Fail(recorded.failure());
  const auto it = std::find_if(endpoints_.begin(), endpoints_.end(), [&](const Endpoint& endpoint) { return endpoint.network == network; });
  WriteState();
  if (it == endpoints_.end()) return reply.Ok();
  const Endpoint endpoint = std::move(*it);
  endpoints_.erase(it);
  (void)context_.networks->Police(id(), endpoints_).ok();
  std::erase_if(request_.ports, [&](const PortRequest& port) {
    return std::any_of(endpoint.claims.begin(), endpoint.claims.end(), [&](const PortClaim& claim) { return claim.port == port; });
  });
  context_.networks->Disconnect(endpoint, launched_.pidfd.get(), reply);
}

Status Container::ChangeEgress(const Json& message) {
  const Namespace* own = request_.spec.namespace_of(CLONE_NEWNET);
  if (!own || !own->path.empty()) return Fail("change egress", EINVAL, id());
  if (message.contains("egress")) {
    auto egress = TSC_TRY(ParseEgress(message["egress"]));
    const bool apart = std::any_of(endpoints_.begin(), endpoints_.end(), [](const Endpoint& endpoint) { return endpoint.macvlan; });
    if (egress && apart) return Fail("apply egress policy", EOPNOTSUPP, id());
    if (request_.detached) TSC_TRY(RecordEgress(*context_.host, id(), message["egress"]));
    request_.egress = std::move(egress);
  }
  return context_.networks->ChangeEgress(id(), request_.egress, &endpoints_);
}

}  // namespace tsc
