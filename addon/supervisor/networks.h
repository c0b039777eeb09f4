// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "supervisor/background.h"
#include "supervisor/dns_worker.h"
#include "supervisor/egress.h"
#include "supervisor/endpoint.h"
#include "supervisor/endpoint_watch.h"
#include "supervisor/event_loop.h"
#include "supervisor/firewall_watch.h"
#include "supervisor/host.h"
#include "supervisor/network_host.h"
#include "supervisor/network_options.h"
#include "supervisor/partitions.h"
#include "supervisor/port_worker.h"
#include "supervisor/reply.h"
#include "supervisor/traffic_shape.h"
#include "supervisor/way_out.h"

namespace tsc {

// The networks of a run directory, and the places of our containers on them. A network is there from `network.ensure` until
// `network.remove`, or until the supervisor leaves with nobody on any of them.
class Networks {
 public:
  Networks(EventLoop* loop, Host* host, Background* background)
      : loop_(loop),
        background_(background),
        network_(host),
        watch_(loop),
        egress_(loop, &network_),
        names_(loop, host, &egress_),
        ports_(loop),
        way_out_(loop, host),
        endpoints_(
            loop, host, [this](const EndpointRecord& came) { Name(came); },
            [this](const EndpointRecord& went) { names_.Forget(went.network, went.container); }) {}

  // EEXIST: there is another one of this id or bridge. EADDRINUSE: it overlaps one.
  Status Ensure(const NetworkDefinition& definition);
  // The same; answers when its packets can leave, where anything leads out.
  void Ensure(const NetworkDefinition& definition, const Reply& reply);
  // For who comes to it from now on; its members are told by `egress`. ENOENT: it is not there.
  Status SetEgress(const std::string& id, std::int64_t version, const Json& egress);
  // EBUSY: somebody is on it. It is gone when the reply comes.
  void Remove(const std::string& id, const Reply& reply);
  // Networks, and the routes of the host that a new subnet must not overlap.
  Result<Json> Describe();

  struct Wanted {
    std::string container;
    int pidfd = -1;  // of its first process
    const std::vector<NetworkPlace>* places = nullptr;
    const std::vector<PortRequest>* ports = nullptr;  // may be missing
    std::vector<std::string> names;                   // what it is called on each of them, its own name first
    std::optional<EgressPolicy> egress = {};          // in the place of those of its networks
  };
  // All of them, or none.
  Result<std::vector<Endpoint>> Connect(const Wanted& wanted);
  void Disconnect(std::vector<Endpoint>* endpoints);
  // Whether new connections of ports that it shares come to that container. At first they do not, unless they come to no other one.
  void Receive(std::vector<Endpoint>* endpoints, bool receives);
  // Of a container that lives on: answers when the link is gone.
  void Disconnect(const Endpoint& endpoint, int pidfd, const Reply& reply);
  // How fast a container that lives sends and receives there, and what becomes of what it sends.
  Status Shape(const Endpoint& endpoint, int pidfd, const Rate& rate, const Impairment& impairment) {
    return ShapeEndpoint(&network_, endpoint, pidfd, rate, impairment);
  }
  // It is called so from now on, its own name first.
  Status Rename(Endpoint* endpoint, const std::vector<std::string>& names, const NetworkPlace& place);
  // Its owner was killed.
  void DisconnectLeft(const std::string& container);

  // From now on its programs can ask for names, those of containers on its networks first.
  Status ServeNames(const std::string& container, int pidfd, const dns::Client& client);
  void StopNames(const std::string& container) {
    names_.Leave(container);
    egress_.Leave(container);
  }

  // network_egress.cc
  // Of a container with these places: all that it may reach and ask for is as they say, from now on.
  Status Police(const std::string& container, const std::vector<Endpoint>& endpoints);
  // They have another policy now: this one, or else that of their network.
  Status ChangeEgress(const std::string& container, const std::optional<EgressPolicy>& own, std::vector<Endpoint>* endpoints);
  // What it may ask for; nothing: everything.
  static std::optional<std::vector<EgressName>> NamesAllowed(const std::vector<Endpoint>& endpoints);
  void OnRefused(Egress::Refused refused) { egress_.OnRefused(std::move(refused)); }

  // Keeps containers from each other as long as `owner` is connected. ENOENT: there is no such network. EOPNOTSUPP: one without a bridge.
  Status Sever(const std::vector<Partition>& partitions, const std::shared_ptr<Connection>& owner);
  void Heal(const Healing& healing);
  // All of a container (of a network, where one is named), as it leaves.
  void HealAll(const std::string& container, const std::string& network);
  void Abandon(const std::shared_ptr<Connection>& connection);

  // On leaving: waits for the end of the processes that work for this one.
  void EndHelpers();
  // After that: takes everything away, unless somebody else's containers are there.
  void TakeAway();
  void Leave();

 private:
  void Heal(const Partition& partition);
  // Whoever does only this is not told when somebody takes the rules away: two who were would answer each other for ever.
  Status Establish(const NetworkDefinition& definition);
  Status CheckNew(const NetworkDefinition& definition);
  void Repair();
  void AnswerOthers();
  void ForgetNetwork(const NetworkDefinition& network);
  Status EnsureMacvlan(const NetworkDefinition& definition);
  Status Make(const NetworkDefinition& definition);
  Status MakeBridge(const NetworkDefinition& definition);
  Result<NetworkDefinition> FindNetwork(const std::string& id);
  // One place with its addresses, which are taken.
  Result<Endpoint> PlanPlace(const Wanted& wanted, NetworkPlace* place, const NetworkDefinition& network);
  Status PlanEgress(const std::optional<EgressPolicy>& own, const NetworkDefinition& network, Endpoint* endpoint);
  Status PlanPorts(const Wanted& wanted, const std::vector<NetworkPlace>& places, const std::vector<NetworkDefinition>& networks,
                   std::vector<Endpoint>* endpoints);
  Status MakePlaces(const Wanted& wanted, std::vector<NetworkPlace>* places, std::vector<Endpoint>* endpoints, std::size_t* made);
  void LeadOut(const std::vector<NetworkDefinition>& networks);
  bool IsForwarded(const PortRequest& port) const;
  Result<PortClaim> Claim(const PortRequest& port);
  Status Forward(int process, const Endpoint& endpoint);
  void Name(const EndpointRecord& endpoint);
  // Links whose namespaces are held by somebody, such as a connection that was dialled.
  void SweepLater();
  // In the network namespace that `where` is of; -1: in ours.
  void DeleteLinks(int where, std::vector<std::string> names, const std::function<void()>& then);

  EventLoop* loop_;
  Background* background_;
  NetworkHost network_;
  FirewallWatch watch_;
  Egress egress_;
  DnsWorker names_;
  PortWorker ports_;
  WayOut way_out_;
  EndpointWatch endpoints_;
  std::map<Partition, std::weak_ptr<Connection>> severed_;
  std::set<std::string> made_;     // networks whose rules are there
  std::set<std::string> leaving_;  // bridges that are being deleted
  std::optional<EventLoop::TimerId> sweep_;
};

// What an earlier supervisor left when it was killed: all but the networks of living containers. Called once, before serving.
Status ReclaimNetworks(const Host& host, const std::set<std::string>& living);

}  // namespace tsc
