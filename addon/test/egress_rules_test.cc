// SPDX-License-Identifier: Apache-2.0
#include "network_support.h"

using namespace tsc;
using namespace tsc::test;

namespace {

constexpr std::uint32_t kGroup = 0x5454;
constexpr std::uint16_t kListener = 4711;

EgressRange Range(const char* text, std::uint8_t protocol = 0, std::uint16_t port = 0) { return {*ParseIpPrefix(text), {protocol, port}}; }
IpAddress Address(const char* text) { return *ParseIpAddress(text); }

// A container behind a host, and a stranger with many addresses outside.
struct World {
  World() {
    rules.table = "tscontainer-egress";
    rules.group = kGroup;
    nft.emplace(host.In([] { return NetlinkSocket::Open(NETLINK_NETFILTER).value(); }));
    REQUIRE(Done(host.route()->Send(NewVeth({"up0", 0, 0, stranger.fd(), "eth0", {2, 1, 1, 1, 1, 1}, 0}))));
    host.Address("up0", "192.0.2.1/24");
    for (const char* address : {"192.0.2.9/24", "192.0.2.10/24"}) stranger.Address("eth0", address);
    for (const char* address : {"fd99::9/64"}) stranger.Address("eth0", address);
    host.Address("up0", "fd99::1/64");
    host.Sysctl("ipv4/ip_forward", "1");
    host.Sysctl("ipv6/conf/all/forwarding", "1");
    REQUIRE(Done(host.route()->Send(NewBridge({"tsc0", kGroup, MacAddressFor(Address("10.7.0.1")), 0}))));
    host.Address("tsc0", "10.7.0.1/16");
    host.Address("tsc0", "fd07::1/64");
    rules.networks = {{"tsc0"}};
    RuleEndpoint endpoint{"tsc0", "tv1", MacAddressFor(Address("10.7.0.2")), {Address("10.7.0.2"), Address("fd07::2")}, {}};
    box.Sysctl("ipv6/conf/default/accept_dad", "0");
    REQUIRE(Done(host.route()->Send(NewVeth({"tv1", kGroup, host.Index("tsc0"), box.fd(), "eth0", endpoint.mac, 1400}))));
    box.Address("eth0", "10.7.0.2/16");
    box.Address("eth0", "fd07::2/64");
    host.Index("tv1");
    box.Gateway("eth0", "10.7.0.1");
    box.Gateway("eth0", "fd07::1");
    rules.endpoints = {endpoint};
  }
  void Police(std::vector<EgressRange> ranges) {
    rules.endpoints[0].egress = {std::move(ranges), kListener};
    REQUIRE(Done(ApplyRuleSet(&*nft, rules)));
    ::usleep(100'000);  // an IPv6 address is the kernel's own only after a job of its own has run
  }
  void Send(std::vector<NetlinkMessage> messages) { REQUIRE(Done(nft->Send(std::move(messages)))); }

  Machine host, stranger, box;
  std::optional<NetlinkSocket> nft;
  RuleSet rules;
};

}  // namespace

TEST_CASE("egress rules: what no range has is refused at once, of both families, at the host too") {
  World world;
  Server http(world.stranger, "0.0.0.0", 80), tls(world.stranger, "0.0.0.0", 443), six(world.stranger, "::", 81),
      own(world.host, "10.7.0.1", 90);
  world.Police({});
  CHECK_FALSE(Connects(world.box, "192.0.2.9", 80));
  CHECK_FALSE(Connects(world.box, "fd99::9", 81));
  CHECK_FALSE(Connects(world.box, "10.7.0.1", 90));
  world.Police({Range("192.0.2.9/32", IPPROTO_TCP, 443), Range("fd99::/64"), Range("10.7.0.1/32", IPPROTO_TCP, 90)});
  CHECK_FALSE(Connects(world.box, "192.0.2.9", 80));
  CHECK(Connects(world.box, "192.0.2.9", 443));
  CHECK_FALSE(Connects(world.box, "192.0.2.10", 443));
  CHECK(Connects(world.box, "fd99::9", 81));
  CHECK(Connects(world.box, "10.7.0.1", 90));
}

TEST_CASE("egress rules: ranges that contain each other, of one port and of all") {
  World world;
  Server http(world.stranger, "0.0.0.0", 80), tls(world.stranger, "0.0.0.0", 443);
  world.Police({Range("192.0.2.0/24", IPPROTO_TCP, 80), Range("192.0.2.9/32"), Range("192.0.2.9/32", IPPROTO_TCP, 80),
                Range("192.0.2.8/30"), Range("0.0.0.0/0", IPPROTO_UDP, 53)});
  CHECK(Connects(world.box, "192.0.2.9", 443));
  CHECK(Connects(world.box, "192.0.2.10", 443));
  CHECK(Connects(world.box, "192.0.2.10", 80));
}

TEST_CASE("egress rules: a name's address is reached for its time, a connection longer, and neither when it is taken back") {
  World world;
  Server tls(world.stranger, "0.0.0.0", 443);
  world.Police({});
  const EgressFlow flow{Address("10.7.0.2"), {IPPROTO_TCP, 443}, Address("192.0.2.9")};
  const auto& table = world.rules.table;
  world.Send(AddElements(table, {KnownElement(flow)}));
  CHECK_FALSE(Connects(world.box, "192.0.2.9", 443));
  // Renewing is possible whether it is there or not.
  for (int i = 0; i < 3; ++i) world.Send(RenewElements(table, {NameElement(flow, 700)}));
  const Peer to = PeerAt("192.0.2.9", 443);
  const UniqueFd held = world.box.In([] { return UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)); });
  REQUIRE(::connect(held.get(), reinterpret_cast<const sockaddr*>(&to.address), to.size) == 0);
  ::usleep(900'000);
  CHECK_FALSE(Connects(world.box, "192.0.2.9", 443));
  CHECK(::send(held.get(), "x", 1, MSG_NOSIGNAL) == 1);
  ::usleep(100'000);
  CHECK(::send(held.get(), "x", 1, MSG_NOSIGNAL) == 1);
  world.Send(RemoveElements(table, {KnownElement(flow)}));
  (void)::send(held.get(), "x", 1, MSG_NOSIGNAL);
  ::usleep(100'000);
  CHECK(::send(held.get(), "x", 1, MSG_NOSIGNAL) == -1);
}

TEST_CASE("egress rules: who was asked from outside may answer") {
  World world;
  Server inside(world.box, "0.0.0.0", 80);
  const PublishedPort published{Address("192.0.2.1"), IPPROTO_TCP, 8080, Address("10.7.0.2"), 80};
  world.rules.endpoints[0].published.push_back(published);
  world.Police({});
  CHECK(Connects(world.stranger, "192.0.2.1", 8080));
}
