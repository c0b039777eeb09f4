// SPDX-License-Identifier: Apache-2.0
#include "network/dns_message.h"

#include <doctest/doctest.h>

#include "dns_support.h"
#include "network/dns_names.h"
#include "network/dns_policy.h"

namespace tsc::dns {
namespace {

IpAddress Address(const char* text) { return *ParseIpAddress(text); }

Names WebAndDatabase() {
  Names names;
  names.Add({"blue", "c1", {"Web", "web.blue", "www"}, {Address("10.1.0.2"), Address("fd00::2")}});
  names.Add({"blue", "c2", {"db", "www"}, {Address("10.1.0.3")}});
  names.Add({"red", "c3", {"db"}, {Address("10.2.0.2")}});
  return names;
}

std::optional<std::string> Ask(Names* names, const Client& client, const std::string& name, std::uint16_t type, std::size_t limit = 1232) {
  const std::string packet = Question(name, type);
  return AnswerHere(packet, *ParseQuery(packet), client, names, limit);
}

}  // namespace

TEST_CASE("a question is read in lower case, with what its sender can take") {
  const auto query = ParseQuery(Question("DB.Example", 1));
  REQUIRE(query);
  CHECK(query->name == "db.example");
  CHECK(query->type == 1);
  CHECK(query->udp_size == 512);
  CHECK(query->recursion_desired);
  const auto extended = ParseQuery(WithExtension(Question("db", 28), 4096));
  REQUIRE(extended);
  CHECK(extended->extended);
  CHECK(extended->udp_size == kUdpSize);
}

TEST_CASE("what is no question is none") {
  const std::string good = Question("db", 1);
  for (std::size_t length = 0; length < good.size(); ++length) CHECK_FALSE(ParseQuery(good.substr(0, length)));
  std::string answer = good;
  answer[2] = static_cast<char>(answer[2] | 0x80);
  CHECK_FALSE(ParseQuery(answer));
  CHECK_FALSE(RefuseMalformed(answer));
  std::string pointing = good;
  pointing[12] = static_cast<char>(0xc0);
  CHECK_FALSE(ParseQuery(pointing));
  CHECK(RefuseMalformed(pointing));
  std::string two = good;
  two[5] = 2;
  CHECK_FALSE(ParseQuery(two));
  CHECK_FALSE(ParseQuery(Question(std::string(200, 'a'), 1)));  // one label
  std::string deep;
  for (int i = 0; i < 140; ++i) deep += "a.";
  CHECK_FALSE(ParseQuery(Question(deep + "a", 1)));
}

TEST_CASE("bytes that no host name has are no name of a container") {
  const auto query = ParseQuery(Question("d\0b", 1));
  REQUIRE(query);
  const auto strange = ParseQuery(Question("d b", 1));
  REQUIRE(strange);
  CHECK(strange->name.empty());
}

TEST_CASE("addresses are read from their reversed names") {
  CHECK(ReversedAddress("2.0.1.10.in-addr.arpa") == Address("10.1.0.2"));
  CHECK(ReversedAddress("2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa") == Address("fd00::2"));
  for (const char* name : {"1.10.in-addr.arpa", "256.0.1.10.in-addr.arpa", "a.0.1.10.in-addr.arpa", ".0.1.10.in-addr.arpa", "2.0.1.10.arpa",
                           "in-addr.arpa", "arpa", "", "10.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa"})
    CHECK_FALSE(ReversedAddress(name));
}

TEST_CASE("names are those of the networks of who asks") {
  auto names = WebAndDatabase();
  const Client blue{{"blue"}, {}}, red{{"red"}, {}};
  CHECK(AddressesIn(*Ask(&names, blue, "db", 1)) == std::vector<std::string>{"10.1.0.3"});
  CHECK(AddressesIn(*Ask(&names, red, "DB", 1)) == std::vector<std::string>{"10.2.0.2"});
  CHECK(AddressesIn(*Ask(&names, blue, "web.blue", 28)) == std::vector<std::string>{"fd00::2"});
  CHECK(CodeOf(*Ask(&names, red, "web", 1)) == Code::kNoSuchName);
  // Known, without an address of that family: no error, no addresses.
  CHECK(CodeOf(*Ask(&names, blue, "db", 28)) == Code::kNoError);
  CHECK(AddressesIn(*Ask(&names, blue, "db", 28)).empty());
  names.Remove("red", "c3");
  CHECK(CodeOf(*Ask(&names, red, "db", 1)) == Code::kNoSuchName);
}

TEST_CASE("who shares a name takes turns at being the first") {
  auto names = WebAndDatabase();
  const Client blue{{"blue"}, {}};
  std::set<std::string> first;
  for (int i = 0; i < 6; ++i) {
    const auto addresses = AddressesIn(*Ask(&names, blue, "www", 1));
    REQUIRE(addresses.size() == 2);
    first.insert(addresses[0]);
  }
  CHECK(first.size() == 2);
}

TEST_CASE("addresses lead back to names") {
  auto names = WebAndDatabase();
  const auto answer = Ask(&names, {{"blue"}, {}}, "2.0.1.10.in-addr.arpa", 12);
  REQUIRE(answer);
  CHECK(answer->ends_with(std::string("\3web\0", 5)));
  CHECK(CodeOf(*Ask(&names, {{"red"}, {}}, "2.0.1.10.in-addr.arpa", 12)) == Code::kNoSuchName);
}

TEST_CASE("only what is no container's name may leave, and nothing does from an internal network") {
  auto names = WebAndDatabase();
  const Client outside{{"blue"}, {Address("192.0.2.1")}}, internal{{"blue"}, {}};
  CHECK_FALSE(Ask(&names, outside, "example.org", 1));
  CHECK_FALSE(Ask(&names, outside, "1.2.0.192.in-addr.arpa", 12));
  CHECK(CodeOf(*Ask(&names, internal, "example.org", 1)) == Code::kNoSuchName);
  CHECK(CodeOf(*Ask(&names, outside, "gone", 1)) == Code::kNoSuchName);
  CHECK(Ask(&names, outside, "db", 28));
}

TEST_CASE("an answer that is too long says so") {
  Names names;
  std::vector<IpAddress> many;
  for (int i = 1; i < 200; ++i) many.push_back(Address(("10.3.0." + std::to_string(i)).c_str()));
  names.Add({"blue", "c", {"many"}, many});
  const auto answer = *Ask(&names, {{"blue"}, {}}, "many", 1, 512);
  CHECK(answer.size() <= 512);
  CHECK((static_cast<std::uint8_t>(answer[2]) & 2) == 2);
  CHECK(AddressesIn(*Ask(&names, {{"blue"}, {}}, "many", 1, kMaxMessage)).size() == 199);
}

TEST_CASE("an answer is one to its question only") {
  const std::string packet = Question("example.org", 1, 7);
  const auto query = *ParseQuery(packet);
  const std::string answer = MakeAnswer(packet, query, Code::kNoError, {}, 512);
  CHECK(Answers(answer, packet, query, 7));
  CHECK_FALSE(Answers(answer, packet, query, 8));
  CHECK_FALSE(Answers(packet, packet, query, 7));
  const std::string other = Question("example.com", 1, 7);
  CHECK_FALSE(Answers(MakeAnswer(other, *ParseQuery(other), Code::kNoError, {}, 512), packet, query, 7));
  CHECK_FALSE(Answers(answer.substr(0, 13), packet, query, 7));
}

}  // namespace tsc::dns
