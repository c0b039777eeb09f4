// SPDX-License-Identifier: Apache-2.0
#include "network_support.h"

using namespace tsc;
using namespace tsc::test;

TEST_CASE("addresses: are read strictly, and written as they are read") {
  for (const char* text : {"10.0.0.0/8", "0.0.0.0/0", "fd00::/64", "::1/128"}) CHECK(Text(*ParseIpPrefix(text)) == text);
  for (const char* text :
       {"", "10.0.0.0", "10.0.0.0/33", "10.0.0/8", "10.0.0.0/", "10.0.0.0/8x", "10.0.0.0/-1", "fd00::/129", "::1::/64"}) {
    CHECK_FALSE(ParseIpPrefix(text).ok());
  }
  CHECK(ParseMacAddress("02:74:0a:00:00:02").ok());
  for (const char* text : {"", "02:74:0a:00:00", "02:74:0a:00:00:022", "01:74:0a:00:00:02", "00:00:00:00:00:00", "02-74-0a-00-00-02"}) {
    CHECK_FALSE(ParseMacAddress(text).ok());
  }
}

TEST_CASE("addresses: subnets know what they hold") {
  const auto subnet = *ParseIpPrefix("10.1.16.0/20");
  CHECK(subnet.Contains(*ParseIpAddress("10.1.31.255")));
  CHECK_FALSE(subnet.Contains(*ParseIpAddress("10.1.32.0")));
  CHECK_FALSE(subnet.Contains(*ParseIpAddress("fd00::1")));
  CHECK(subnet.Overlaps(*ParseIpPrefix("10.1.30.0/24")));
  CHECK(ParseIpPrefix("10.1.30.0/24")->Overlaps(subnet));
  CHECK_FALSE(subnet.Overlaps(*ParseIpPrefix("10.1.32.0/24")));
}

TEST_CASE("links: a pair is made in one message, with its other end elsewhere") {
  Machine host, inside;
  REQUIRE(Done(host.route()->Send(NewBridge({"tsc0", 77, {2, 0, 0, 0, 0, 9}, 1300}))));
  const int bridge = host.Index("tsc0");
  REQUIRE(Done(host.route()->Send(NewVeth({"tv1", 77, bridge, inside.fd(), "eth0", {2, 0, 0, 0, 0, 7}, 1300}))));
  const auto ours = ListLinksOfGroup(host.route(), 77).value();
  REQUIRE(ours.size() == 2);
  CHECK(ours[0].kind == "bridge");
  CHECK(ours[0].mac == MacAddress{2, 0, 0, 0, 0, 9});
  CHECK(ours[1].master == bridge);
  CHECK(ours[1].up);
  const auto other = FindLink(inside.route(), "eth0").value();
  REQUIRE(other);
  CHECK_FALSE(other->up);
  CHECK(other->mac == MacAddress{2, 0, 0, 0, 0, 7});
  CHECK(other->mtu == 1300);
}

TEST_CASE("links: what is refused is said with the kernel's own words") {
  Machine host;
  const auto refused = host.route()->Send(NewVeth({"tv1", 1, 4711, host.fd(), "eth0", {2, 0, 0, 0, 0, 7}, 0}));
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.failure().step == "create veth");
  CHECK(refused.failure().object.starts_with("tv1"));
  REQUIRE(Done(host.route()->Send(NewBridge({"tsc0", 1, {2, 0, 0, 0, 0, 9}, 0}))));
  const auto twice = host.route()->Send(NewBridge({"tsc0", 1, {2, 0, 0, 0, 0, 9}, 0}));
  REQUIRE_FALSE(twice.ok());
  CHECK(twice.failure().error == EEXIST);
  const auto wrong = host.route()->Send(NewDefaultRoute(host.Index("tsc0"), *ParseIpAddress("10.9.9.9")));
  REQUIRE_FALSE(wrong.ok());
  CHECK(wrong.failure().object.size() > std::string("10.9.9.9").size());
}

TEST_CASE("links: removing what is not there is no failure") {
  Machine host;
  REQUIRE(Done(host.route()->Send(NewBridge({"tsc0", 1, {2, 0, 0, 0, 0, 9}, 0}))));
  CHECK(host.route()->SendTolerating(ENODEV, DeleteLink("tsc0")).ok());
  CHECK(host.route()->SendTolerating(ENODEV, DeleteLink("tsc0")).ok());
  CHECK_FALSE(FindLink(host.route(), "tsc0").value());
}

TEST_CASE("links: a macvlan is made inside, over a link of the host") {
  Machine host, inside;
  Machine far;
  REQUIRE(Done(host.route()->Send(NewVeth({"up0", 0, 0, far.fd(), "eth0", {2, 0, 0, 0, 0, 1}, 0}))));
  far.Address("eth0", "192.0.2.9/24");
  REQUIRE(Done(host.route()->Send(NewMacvlan({host.Index("up0"), inside.fd(), "eth0", MacAddress{2, 0, 0, 0, 0, 5}, 0}))));
  inside.Address("eth0", "192.0.2.5/24");
  const Server server(far, "0.0.0.0", 80);
  CHECK(Connects(inside, "192.0.2.9", 80));
}

TEST_CASE("links: members of an isolated bridge do not hear each other") {
  Machine host, one, two;
  REQUIRE(Done(host.route()->Send(NewBridge({"tsc0", 1, {2, 0, 0, 0, 0, 9}, 0}))));
  REQUIRE(Done(host.route()->Send(LinkUp(host.Index("tsc0")))));
  host.Address("tsc0", "10.7.0.1/16");
  const auto join = [&](Machine* machine, const char* port, std::uint8_t last) {
    REQUIRE(Done(host.route()->Send(NewVeth({port, 1, host.Index("tsc0"), machine->fd(), "eth0", {2, 0, 0, 0, 0, last}, 0}))));
    REQUIRE(Done(host.route()->Send(SetPort(host.Index(port), {.isolated = true, .hairpin = false}))));
    REQUIRE(Done(host.route()->Send(PinAddress(host.Index(port), {2, 0, 0, 0, 0, last}))));
    machine->Address("eth0", "10.7.0." + std::to_string(last) + "/16");
    host.Index(port);
  };
  join(&one, "tv1", 2);
  join(&two, "tv2", 3);
  const Server server(one, "0.0.0.0", 80), gateway(host, "0.0.0.0", 80);
  CHECK_FALSE(Connects(two, "10.7.0.2", 80));
  CHECK(Connects(two, "10.7.0.1", 80));
}

TEST_CASE("routes: those of the host are listed") {
  Machine host;
  REQUIRE(Done(host.route()->Send(NewBridge({"tsc0", 1, {2, 0, 0, 0, 0, 9}, 0}))));
  REQUIRE(Done(host.route()->Send(LinkUp(host.Index("tsc0")))));
  host.Address("tsc0", "10.7.0.1/16");
  host.Gateway("tsc0", "10.7.0.9");
  bool subnet = false, out = false;
  const auto routes = ListRoutes(host.route());
  REQUIRE(routes.ok());
  for (const auto& route : *routes) {
    subnet = subnet || Text(route.destination) == "10.7.0.0/16";
    out = out || (route.destination.length == 0 && route.gateway && Text(*route.gateway) == "10.7.0.9");
  }
  CHECK(subnet);
  CHECK(out);
}
