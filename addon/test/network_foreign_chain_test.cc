// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstdio>

#include "network/foreign_chain.h"
#include "network/forward_barrier.h"
#include "network_support.h"

using namespace tsc;
using namespace tsc::test;

namespace {

// A machine whose firewall is as Docker leaves it.
struct Dockered {
  Dockered() : socket(machine.In([] { return NetlinkSocket::Open(NETLINK_NETFILTER).value(); })) {
    Run("iptables-nft -P FORWARD DROP");
    Run("iptables-nft -N DOCKER-USER");
    Run("iptables-nft -A DOCKER-USER -j RETURN");
    Run("iptables-nft -A FORWARD -j DOCKER-USER");
  }
  void Run(const char* command) {
    REQUIRE(machine.In([command] { return ::system(command); }) == 0);
  }
  std::string Listed(const char* command) {
    return machine.In([command] {
      std::string text;
      std::array<char, 4096> part;
      std::FILE* pipe = ::popen(command, "r");
      while (pipe && std::fgets(part.data(), part.size(), pipe)) text += part.data();
      if (pipe) ::pclose(pipe);
      return text;
    });
  }
  std::string Rules() { return Listed("iptables-nft -S"); }

  Machine machine;
  NetlinkSocket socket;
};

const Passage kPassage{"tscontainer-test", {"docker0"}, {"tsc0"}};

}  // namespace

TEST_CASE("foreign chain: a passage is what iptables would have written, once, and goes without a trace") {
  Dockered docker;
  const auto& chain = KnownForeignChains()[0];
  const std::string before = docker.Rules();
  REQUIRE(Done(LetPass(&docker.socket, chain, kPassage)));
  const std::string passing = docker.Rules();
  CHECK(passing.find("-A DOCKER-USER -m comment --comment tscontainer-test -j tscontainer-test\n-A DOCKER-USER -j RETURN") !=
        std::string::npos);
  CHECK(passing.find("-A tscontainer-test -o docker0 ") < passing.find("-A tscontainer-test -i tsc0 "));
  CHECK(passing.find("-A tscontainer-test -o tsc0 ") != std::string::npos);
  const std::string handles = docker.Listed("nft -a list table ip filter 2>&1");
  REQUIRE(Done(LetPass(&docker.socket, chain, kPassage)));
  CHECK(docker.Listed("nft -a list table ip filter 2>&1") == handles);
  docker.Run("iptables-nft -F tscontainer-test");
  REQUIRE(Done(LetPass(&docker.socket, chain, kPassage)));
  CHECK(docker.Rules() == passing);
  REQUIRE(Done(TakePassageBack(&docker.socket, chain, kPassage.tag)));
  REQUIRE(Done(TakePassageBack(&docker.socket, chain, kPassage.tag)));
  CHECK(docker.Rules() == before);
}

TEST_CASE("foreign chain: where there is none nothing is made") {
  Machine machine;
  NetlinkSocket socket = machine.In([] { return NetlinkSocket::Open(NETLINK_NETFILTER).value(); });
  for (const auto& chain : KnownForeignChains()) CHECK(Done(LetPass(&socket, chain, kPassage)));
  CHECK_FALSE(machine.In([&socket] { return FindForwardBarrier(&socket); }));
}

TEST_CASE("forward barrier: a chain that drops is one, unless it has a place for others") {
  Dockered docker;
  const auto find = [&docker] { return docker.machine.In([&docker] { return FindForwardBarrier(&docker.socket); }); };
  CHECK_FALSE(find());
  docker.Run("nft 'add table inet mine; add chain inet mine fw { type filter hook forward priority 0; policy drop; }'");
  const auto barrier = find();
  REQUIRE(barrier);
  CHECK(barrier->chain == "fw");
  CHECK(barrier->table == "mine");
}
