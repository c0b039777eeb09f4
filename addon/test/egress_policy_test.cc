// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <netinet/in.h>

#include "dns_support.h"
#include "network/dns_answer.h"
#include "network/dns_policy.h"
#include "network/refused_packet.h"
#include "supervisor/egress_options.h"

using namespace tsc;

namespace {

EgressPolicy Policy(const char* json) { return **ParseEgress(Json::parse(json)); }
IpAddress Address(const char* text) { return *ParseIpAddress(text); }

void Put16(std::string* packet, unsigned value) {
  packet->push_back(static_cast<char>(value >> 8));
  packet->push_back(static_cast<char>(value & 0xff));
}

std::string Wire(const std::string& name) {
  const auto question = dns::Question(name, 1);
  return question.substr(12, question.size() - 16);
}

std::string RecordOf(const std::string& owner, unsigned type, unsigned ttl, const std::string& data) {
  std::string record = owner;
  for (const unsigned value : {type, 1U, 0U, ttl, static_cast<unsigned>(data.size())}) Put16(&record, value);
  return record + data;
}

std::string Answer(const std::string& name, const std::vector<std::string>& records, std::uint16_t type = 1) {
  std::string packet = dns::Question(name, type);
  packet[2] = static_cast<char>(0x81);
  packet[3] = static_cast<char>(0x80);
  packet[7] = static_cast<char>(records.size());
  for (const auto& record : records) packet += record;
  return packet;
}

std::vector<std::string> Found(const std::string& answer, const std::string& name = "a.example", std::uint16_t type = 1) {
  const auto resolution = dns::ReadResolution(answer, *dns::ParseQuery(dns::Question(name, type)));
  if (!resolution) return {"nothing"};
  std::vector<std::string> found;
  for (const auto& [address, ttl] : resolution->addresses) found.push_back(Text(address) + " " + std::to_string(ttl));
  return found;
}

const std::string kNine("\xcb\0\x71\x09", 4), kTen("\xcb\0\x71\x0a", 4);

}  // namespace

TEST_CASE("egress policy: names, those below a name, and on which ports") {
  const auto policy = Policy(R"({"allow":[{"name":"a.example","port":443,"protocol":"tcp"},{"name":"a.example","port":53,"protocol":"udp"},
    {"name":"wild.example","below":true},{"range":"10.0.0.0/8"}]})");
  CHECK(policy.PortsOf("a.example") == std::vector<EgressPort>{{IPPROTO_TCP, 443}, {IPPROTO_UDP, 53}});
  CHECK(policy.PortsOf("x.wild.example") == std::vector<EgressPort>{{0, 0}});
  for (const char* name : {"wild.example", "notwild.example", ".wild.example", "b.a.example", "a.example.evil", ""})
    CHECK_FALSE(policy.Names(name));
  CHECK(policy.Covers(Address("10.255.0.1")));
  CHECK_FALSE(policy.Covers(Address("11.0.0.1")));
}

TEST_CASE("egress policy: what no message of ours says is refused") {
  for (const char* json :
       {R"({})", R"({"allow":[{}]})", R"({"allow":[{"name":"A.example"}]})",
        R"({"allow":[{"name":"a.example","port":0,"protocol":"tcp"}]})", R"({"allow":[{"name":"a.example","port":1,"protocol":"icmp"}]})",
        R"({"allow":[{"range":"10.0.0.0/40"}]})", R"({"allow":["a"]})"})
    CHECK_FALSE(ParseEgress(Json::parse(json)).ok());
  CHECK_FALSE(ParseEgress(nullptr)->has_value());
}

TEST_CASE("egress policy: what leads inside") {
  for (const char* text :
       {"127.0.0.1", "10.1.1.1", "172.31.0.1", "192.168.0.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "255.255.255.255", "224.0.0.1",
        "::1", "::", "fe80::1", "fd00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "ff02::1"})
    CHECK_MESSAGE(IsInward(Address(text)), text);
  for (const char* text : {"8.8.8.8", "172.32.0.1", "203.0.113.9", "2600::1", "192.167.0.1"})
    CHECK_FALSE_MESSAGE(IsInward(Address(text)), text);
}

TEST_CASE("egress policy: the host by its name is its addresses there") {
  const auto policy =
      WithHost(Policy(R"({"allow":[{"name":"host.containers.internal","port":8080,"protocol":"tcp"}]})"), {*ParseIpPrefix("10.7.0.1/16")});
  CHECK(policy.names.empty());
  CHECK(policy.ranges == std::vector<EgressRange>{{*ParseIpPrefix("10.7.0.1/32"), {IPPROTO_TCP, 8080}}});
}

TEST_CASE("dns: with a policy only its names may be asked for") {
  dns::Client client{{"n"}, {Address("192.0.2.53")}, {}, std::nullopt};
  const auto query = *dns::ParseQuery(dns::Question("evil.example", 16)), odd = *dns::ParseQuery(dns::Question("a b.wild.example", 1));
  CHECK(dns::MayAsk(client, query));
  client.allowed = {{"wild.example", true, {}}};
  CHECK_FALSE(dns::MayAsk(client, query));
  CHECK_FALSE(dns::MayAsk(client, odd));
  CHECK(dns::MayAsk(client, *dns::ParseQuery(dns::Question("X.Wild.example", 16))));
}

TEST_CASE("dns: an answer is what leads from the name that was asked for, aliases included") {
  const std::string self("\xc0\x0c", 2);
  CHECK(Found(Answer("a.example", {RecordOf(self, 1, 60, kNine), RecordOf(self, 1, 30, kTen)})) ==
        std::vector<std::string>{"203.0.113.9 60", "203.0.113.10 30"});
  CHECK(Found(Answer("a.example", {RecordOf(self, 5, 20, Wire("B.example")), RecordOf(Wire("b.example"), 1, 60, kNine)})) ==
        std::vector<std::string>{"203.0.113.9 20"});
  CHECK(Found(Answer("a.example", {RecordOf(Wire("c.example"), 1, 60, kNine), RecordOf(self, 28, 60, kNine)})).empty());
  CHECK(Found(Answer("a.example", {RecordOf(self, 5, 20, self), RecordOf(Wire("b.example"), 1, 60, kNine)})).empty());
}

TEST_CASE("dns: an answer that cannot be read says nothing") {
  const std::string self("\xc0\x0c", 2);
  const auto whole = Answer("a.example", {RecordOf(self, 1, 60, kNine)});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto found = Found(whole.substr(0, size));
    CHECK(found == std::vector<std::string>{"nothing"});
  }
  // Pointers to themselves, forward, and round and round.
  for (const char* pointer : {"\xc0\x1b", "\xc0\xff", "\xff\xff"})
    CHECK(Found(Answer("a.example", {RecordOf(std::string(pointer, 2), 1, 60, kNine)})) == std::vector<std::string>{"nothing"});
  auto claims = whole;
  claims[6] = claims[7] = static_cast<char>(0xff);
  CHECK(Found(claims) == std::vector<std::string>{"nothing"});
}

TEST_CASE("refused packets: where they were to go") {
  std::string packet = std::string("\x45\0\0\x1c\0\0\0\0\x40\x11\0\0", 12) + kNine + kTen + std::string("\x04\xd2\0\x35", 4);
  const auto refused = ReadRefusedPacket(packet);
  REQUIRE(refused);
  CHECK(Text(refused->source) == "203.0.113.9");
  CHECK(Text(refused->destination) == "203.0.113.10");
  CHECK(refused->port == 53);
  CHECK(ProtocolText(refused->protocol) == "udp");
  CHECK(ReadRefusedPacket(packet.substr(0, 22))->port == 0);
  CHECK_FALSE(ReadRefusedPacket(packet.substr(0, 19)));
}
