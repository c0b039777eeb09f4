// SPDX-License-Identifier: Apache-2.0
#include "network_support.h"

using namespace tsc;
using namespace tsc::test;

namespace {

constexpr std::uint32_t kGroup = 0x5453;

// A host with two networks and a neighbour outside; containers c1 and c2 on the first one, d1 on the second.
struct World {
  World() {
    rules.table = "tscontainer-test";
    rules.group = kGroup;
    nft.emplace(host.In([] { return NetlinkSocket::Open(NETLINK_NETFILTER).value(); }));
    Outside();
    Bridge("tsc0", "10.7.0.1/16");
    Bridge("tsc1", "10.8.0.1/16");
    REQUIRE(Done(host.route()->Send(NewAddress(host.Index("tsc0"), *ParseIpPrefix("fd07::1/64")))));
    rules.networks = {{"tsc0"}, {"tsc1"}};
    Container(&c1, "tv1", "tsc0", {"10.7.0.2/16", "fd07::2/64"}, "10.7.0.1");
    Container(&c2, "tv2", "tsc0", {"10.7.0.3/16", "fd07::3/64"}, "10.7.0.1");
    Container(&d1, "tv3", "tsc1", {"10.8.0.2/16"}, "10.8.0.1");
    Apply();
    ::usleep(100'000);  // an IPv6 address is the kernel's own only after a job of its own has run
  }
  void Apply() {
    const auto applied = ApplyRuleSet(&*nft, rules);
    REQUIRE(Done(applied));
  }
  void Outside() {
    VethOptions pair{"up0", 0, 0, neighbour.fd(), "eth0", {2, 1, 1, 1, 1, 1}, 0};
    REQUIRE(Done(host.route()->Send(NewVeth(pair))));
    host.Address("up0", "192.0.2.1/24");
    neighbour.Address("eth0", "192.0.2.9/24");
    host.Address("up0", "fd99::1/64");
    neighbour.Address("eth0", "fd99::9/64");
    host.Index("up0");
    host.Sysctl("ipv4/ip_forward", "1");
    host.Sysctl("ipv6/conf/all/forwarding", "1");
  }
  void Bridge(const std::string& name, const std::string& gateway) {
    const auto address = *ParseIpPrefix(gateway);
    REQUIRE(Done(host.route()->Send(NewBridge({name, kGroup, MacAddressFor(address.address), 0}))));
    REQUIRE(Done(host.route()->Send(LinkUp(host.Index(name)))));
    host.Address(name, gateway);
  }
  void Container(Machine* machine, const std::string& port, const std::string& bridge, const std::vector<std::string>& addresses,
                 const std::string& gateway) {
    RuleEndpoint endpoint{bridge, port, MacAddressFor(ParseIpPrefix(addresses[0])->address), {}, {}};
    machine->Sysctl("ipv6/conf/default/accept_dad", "0");
    VethOptions pair{port, kGroup, host.Index(bridge), machine->fd(), "eth0", endpoint.mac, 1400};
    REQUIRE(Done(host.route()->Send(NewVeth(pair))));
    for (const auto& address : addresses) {
      machine->Address("eth0", address);
      endpoint.addresses.push_back(ParseIpPrefix(address)->address);
    }
    host.Index(port);  // asking makes the kernel notice at once that the link is there
    machine->Gateway("eth0", gateway);
    rules.endpoints.push_back(endpoint);
  }
  void Publish(const std::string& address, std::uint16_t port) {
    const IpAddress host_address = *ParseIpAddress(address);
    const IpAddress& inside = rules.endpoints[0].addresses[host_address.family == AF_INET ? 0 : 1];
    const PublishedPort published{host_address, IPPROTO_TCP, port, inside, 80};
    rules.endpoints[0].published.push_back(published);
    REQUIRE(Done(host.route()->Send(SetPort(host.Index("tv1"), {.isolated = false, .hairpin = true}))));
    Apply();
  }

  Machine host, neighbour, c1, c2, d1;
  std::optional<NetlinkSocket> nft;
  RuleSet rules;
};

}  // namespace

TEST_CASE("rules: containers of one network reach each other, and those of another one they do not") {
  World world;
  const Server one(world.c1, "0.0.0.0", 80), six(world.c1, "fd07::2", 81), other(world.d1, "0.0.0.0", 80);
  CHECK(Connects(world.c2, "10.7.0.2", 80));
  CHECK(one.Visitor() == "10.7.0.3");
  CHECK(Connects(world.c2, "fd07::2", 81));
  CHECK(Connects(world.host, "10.7.0.2", 80));
  CHECK(Connects(world.host, "fd07::2", 81));
  CHECK_FALSE(Connects(world.c1, "10.8.0.2", 80));
  CHECK_FALSE(Connects(world.d1, "10.7.0.2", 80));
}

TEST_CASE("rules: who leaves does so as the host, and from outside nobody comes in") {
  World world;
  const Server outside(world.neighbour, "0.0.0.0", 80), inside(world.c1, "0.0.0.0", 80);
  CHECK(Connects(world.c1, "192.0.2.9", 80));
  CHECK(outside.Visitor() == "192.0.2.1");
  world.neighbour.Gateway("eth0", "192.0.2.1");
  CHECK_FALSE(Connects(world.neighbour, "10.7.0.2", 80));
}

TEST_CASE("rules: an internal network does not go out, nor to the host") {
  World world;
  world.rules.networks[0].internal = true;
  world.Apply();
  const Server outside(world.neighbour, "0.0.0.0", 80), host(world.host, "0.0.0.0", 82), peer(world.c2, "0.0.0.0", 80);
  CHECK_FALSE(Connects(world.c1, "192.0.2.9", 80));
  CHECK_FALSE(Connects(world.c1, "10.7.0.1", 82));
  CHECK(Connects(world.c1, "10.7.0.3", 80));
  CHECK(Connects(world.d1, "10.8.0.1", 82));
}

TEST_CASE("rules: a published port leads to its container from outside, from the host and from its own network") {
  World world;
  world.Publish("0.0.0.0", 8080);
  world.host.Sysctl("ipv4/conf/tsc0/route_localnet", "1");
  const Server server(world.c1, "0.0.0.0", 80);
  CHECK(Connects(world.neighbour, "192.0.2.1", 8080));
  CHECK(server.Visitor() == "192.0.2.9");
  CHECK(Connects(world.host, "192.0.2.1", 8080));
  CHECK(server.Visitor() == "192.0.2.1");
  CHECK(Connects(world.host, "127.0.0.1", 8080));
  CHECK(server.Visitor() == "10.7.0.1");
  CHECK(Connects(world.c2, "192.0.2.1", 8080));
  CHECK(server.Visitor() == "10.7.0.1");
  CHECK(Connects(world.c1, "192.0.2.1", 8080));
  CHECK(server.Visitor() == "10.7.0.1");
  CHECK_FALSE(Connects(world.d1, "192.0.2.1", 8080));
  CHECK_FALSE(Connects(world.neighbour, "192.0.2.1", 8081));
}

TEST_CASE("rules: IPv6 goes out and comes in as IPv4 does") {
  World world;
  world.c1.Gateway("eth0", "fd07::1");
  world.c2.Gateway("eth0", "fd07::1");
  world.Publish("::", 8080);
  world.Publish("fd99::1", 8081);
  const Server server(world.c1, "fd07::2", 80), outside(world.neighbour, "fd99::9", 80);
  CHECK(Connects(world.c1, "fd99::9", 80));
  CHECK(outside.Visitor() == "fd99::1");
  for (const std::uint16_t port : {8080, 8081}) {
    CHECK(Connects(world.neighbour, "fd99::1", port));
    CHECK(server.Visitor() == "fd99::9");
    CHECK(Connects(world.host, "fd99::1", port));
    CHECK(server.Visitor() == "fd99::1");
    CHECK(Connects(world.c2, "fd99::1", port));
    CHECK(server.Visitor() == "fd07::1");
  }
  world.neighbour.Gateway("eth0", "fd99::1");
  CHECK_FALSE(Connects(world.neighbour, "fd07::2", 80));
  CHECK_FALSE(Connects(world.host, "::1", 8080));
}

TEST_CASE("rules: no container is a router for its network, or answers for another's IPv6 address") {
  World world;
  const Server server(world.c1, "fd07::2", 80);
  CHECK(Connects(world.c2, "fd07::2", 80));
  world.c1.In([] { return ::system("ip link set eth0 down"); });
  world.c2.Address("eth0", "fd07::2/64");
  world.host.In([] { return ::system("ip neigh flush all"); });
  ::usleep(100'000);
  const Server thief(world.c2, "fd07::2", 80);
  CHECK_FALSE(Connects(world.host, "fd07::2", 80));
}

TEST_CASE("rules: a shared port leads to those who receive, and to all where nobody does") {
  World world;
  for (const std::size_t i : {0U, 1U}) {
    auto& endpoint = world.rules.endpoints[i];
    endpoint.published.push_back({*ParseIpAddress("192.0.2.1"), IPPROTO_TCP, 8080, endpoint.addresses[0], 80, "web"});
    endpoint.published.push_back({*ParseIpAddress("0.0.0.0"), IPPROTO_TCP, 8081, endpoint.addresses[0], 80, "web"});
    endpoint.receives = i == 0;
  }
  const Server one(world.c1, "10.7.0.2", 80), two(world.c2, "10.7.0.3", 80);
  const auto visits_to_two = [&](std::uint16_t port) {
    int visits = 0;
    for (int i = 0; i < 20; ++i) {
      REQUIRE(Connects(world.neighbour, "192.0.2.1", port));
      if (one.Visitor() == "nobody" && two.Visitor() == "192.0.2.9") ++visits;
    }
    return visits;
  };
  world.Apply();
  CHECK(visits_to_two(8080) == 0);
  for (const bool receives : {true, false}) {
    for (auto& endpoint : world.rules.endpoints) endpoint.receives = receives;
    world.Apply();
    const int visits = visits_to_two(receives ? 8080 : 8081);
    CHECK((visits > 0 && visits < 20));
  }
}

TEST_CASE("rules: a port published on 127.0.0.1 is reached from the host alone") {
  World world;
  world.Publish("127.0.0.1", 8080);
  world.host.Sysctl("ipv4/conf/tsc0/route_localnet", "1");
  const Server server(world.c1, "0.0.0.0", 80), own(world.host, "127.0.0.1", 82);
  CHECK(Connects(world.host, "127.0.0.1", 8080));
  CHECK_FALSE(Connects(world.neighbour, "192.0.2.1", 8080));
  // A neighbour and a container that route that address to the host, whose own links would let it in.
  for (const char* link : {"up0", "tsc0", "tsc1"}) world.host.Sysctl("ipv4/conf/" + std::string(link) + "/route_localnet", "1");
  for (Machine* machine : {&world.neighbour, &world.c2, &world.d1}) {
    machine->Sysctl("ipv4/conf/eth0/route_localnet", "1");
    machine->In([] {
      return ::system("ip addr del 127.0.0.1/8 dev lo; ip link set lo down; ip route del table local 127.0.0.0/8 dev lo 2>/dev/null");
    });
  }
  world.neighbour.In([] { return ::system("ip route add 127.0.0.0/8 via 192.0.2.1 src 192.0.2.9"); });
  world.c2.In([] { return ::system("ip route add 127.0.0.0/8 via 10.7.0.1 src 10.7.0.3"); });
  world.d1.In([] { return ::system("ip route add 127.0.0.0/8 via 10.8.0.1 src 10.8.0.2"); });
  CHECK_FALSE(Connects(world.neighbour, "127.0.0.1", 8080));
  CHECK(server.Visitor() == "10.7.0.1");
  CHECK(server.Visitor() == "nobody");
  for (const Machine* machine : {&world.c2, &world.d1}) {
    CHECK_FALSE(Connects(*machine, "127.0.0.1", 8080));
    CHECK_FALSE(Connects(*machine, "127.0.0.1", 82));
  }
}

TEST_CASE("rules: a container speaks for nobody else") {
  World world;
  const Server server(world.c1, "0.0.0.0", 80);
  world.c2.Address("eth0", "10.7.0.99/16");
  CHECK_FALSE(Connects(world.c2, "10.7.0.2", 80, "10.7.0.99"));
  world.c2.In([] { return ::system("ip neigh flush all"); });
  CHECK(Connects(world.c2, "10.7.0.2", 80, "10.7.0.3"));
  world.c2.In([] { return ::system("ip link set eth0 address 02:74:0a:07:00:02"); });
  CHECK_FALSE(Connects(world.c2, "10.7.0.1", 80, "10.7.0.3"));
  world.c2.In([] { return ::system("ip link set eth0 address 02:74:0a:07:00:03"); });
  // An answer to who has an address that is c1's.
  world.c1.In([] { return ::system("ip link set eth0 down"); });
  world.c2.Address("eth0", "10.7.0.2/16");
  world.host.In([] { return ::system("ip neigh flush all"); });
  const Server thief(world.c2, "0.0.0.0", 80);
  CHECK_FALSE(Connects(world.host, "10.7.0.2", 80));
}

TEST_CASE("rules: what is removed is closed at once, and comes back") {
  World world;
  const auto elements = ElementsOf(world.rules.endpoints[1]);
  const Server server(world.c1, "0.0.0.0", 80);
  REQUIRE(RemoveFromRuleSet(&*world.nft, world.rules.table, elements).ok());
  CHECK_FALSE(Connects(world.c2, "10.7.0.2", 80));
  CHECK(RemoveFromRuleSet(&*world.nft, world.rules.table, elements).ok());
  REQUIRE(AddToRuleSet(&*world.nft, world.rules.table, elements).ok());
  world.c2.In([] { return ::system("ip neigh flush all"); });
  CHECK(Connects(world.c2, "10.7.0.2", 80));
  REQUIRE(ClearRuleSet(&*world.nft, world.rules.table).ok());
  const auto missing = AddToRuleSet(&*world.nft, world.rules.table, elements);
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.failure().error == ENOENT);
}

TEST_CASE("rules: two that are kept from each other are so by every way, until they are not") {
  World world;
  world.Publish("0.0.0.0", 8080);
  const Server server(world.c1, "0.0.0.0", 80), six(world.c1, "fd07::2", 81);
  CHECK(Connects(world.c2, "10.7.0.2", 80));
  const auto apart = ElementsBetween(world.rules.endpoints[0], world.rules.endpoints[1]);
  REQUIRE(AddToRuleSet(&*world.nft, world.rules.table, apart).ok());
  REQUIRE(AddToRuleSet(&*world.nft, world.rules.table, apart).ok());
  CHECK_FALSE(Connects(world.c2, "10.7.0.2", 80));
  CHECK_FALSE(Connects(world.c2, "fd07::2", 81));
  CHECK_FALSE(Connects(world.c2, "192.0.2.1", 8080));
  CHECK(Connects(world.host, "10.7.0.2", 80));
  CHECK(Connects(world.neighbour, "192.0.2.1", 8080));
  world.rules.severed = apart;
  world.Apply();
  CHECK_FALSE(Connects(world.c2, "10.7.0.2", 80));
  REQUIRE(RemoveFromRuleSet(&*world.nft, world.rules.table, apart).ok());
  world.c2.In([] { return ::system("ip neigh flush all"); });
  CHECK(Connects(world.c2, "10.7.0.2", 80));
}

TEST_CASE("rules: a port is published once") {
  World world;
  world.Publish("192.0.2.1", 8080);
  RuleEndpoint second = world.rules.endpoints[1];
  second.port = "tv9";
  second.addresses = {*ParseIpAddress("10.7.0.9")};
  second.published = {{*ParseIpAddress("192.0.2.1"), IPPROTO_TCP, 8080, second.addresses[0], 80}};
  const auto added = AddToRuleSet(&*world.nft, world.rules.table, ElementsOf(second));
  REQUIRE_FALSE(added.ok());
  CHECK(added.failure().error == EEXIST);
  CHECK(added.failure().object.starts_with("192.0.2.1 8080/tcp"));
}

TEST_CASE("rules: nothing is routed between links that were there before we made the host a router") {
  World world;
  Machine second;
  REQUIRE(Done(world.host.route()->Send(NewVeth({"up1", 0, 0, second.fd(), "eth0", {2, 1, 1, 1, 1, 2}, 0}))));
  world.host.Address("up1", "198.51.100.1/24");
  second.Address("eth0", "198.51.100.9/24");
  world.host.Index("up1");
  second.Gateway("eth0", "198.51.100.1");
  world.neighbour.Gateway("eth0", "192.0.2.1");
  const Server server(second, "0.0.0.0", 80);
  CHECK(Connects(world.neighbour, "198.51.100.9", 80));
  world.rules.uplinks = {"up0", "up1"};
  world.Apply();
  CHECK_FALSE(Connects(world.neighbour, "198.51.100.9", 80));
}
