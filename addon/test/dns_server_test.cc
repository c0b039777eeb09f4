// SPDX-License-Identifier: Apache-2.0
#include "supervisor/dns_server.h"

#include <dirent.h>
#include <signal.h>
#include <sys/epoll.h>

#include <cstdlib>
#include <memory>

#include "dns_support.h"
#include "network/dns_redirect.h"
#include "network_support.h"
#include "supervisor/dns_worker.h"

namespace tsc {
namespace {

using dns::AddressesIn;
using dns::Code;
using dns::CodeOf;
using dns::Question;

constexpr const char* kServer = "127.0.0.11";
constexpr std::uint16_t kServerPort = 10'053;

sockaddr_in Loopback(const std::string& address, std::uint16_t port) {
  sockaddr_in in{};
  in.sin_family = AF_INET;
  in.sin_port = htons(port);
  ::inet_pton(AF_INET, address.c_str(), &in.sin_addr);
  return in;
}

UniqueFd Bound(int type, const std::string& address, std::uint16_t port) {
  UniqueFd socket(::socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int yes = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const auto in = Loopback(address, port);
  REQUIRE(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&in), sizeof in) == 0);
  if (type == SOCK_STREAM) REQUIRE(::listen(socket.get(), 16) == 0);
  return socket;
}

UniqueFd Connected(int type) {
  UniqueFd socket(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
  const auto in = Loopback(kServer, kServerPort);
  REQUIRE(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&in), sizeof in) == 0);
  return socket;
}

IpAddress Address(const char* text) { return *ParseIpAddress(text); }

// A name server of the host that knows one address for everything, or behaves badly.
struct Upstream {
  enum class Manner { kHonest, kSilent, kForging };

  Upstream(EventLoop* loop, const std::string& address, Manner manner) : udp(Bound(SOCK_DGRAM, address, 53)) {
    loop->Add(udp.get(), EPOLLIN, [this, manner](std::uint32_t) {
      char packet[512];
      sockaddr_in from{};
      socklen_t size = sizeof from;
      const ssize_t got = ::recvfrom(udp.get(), packet, sizeof packet, 0, reinterpret_cast<sockaddr*>(&from), &size);
      if (got <= 0) return;
      ++asked;
      if (manner == Manner::kSilent) return;
      const std::string query(packet, static_cast<std::size_t>(got));
      std::string answer = dns::MakeAnswer(query, *dns::ParseQuery(query), Code::kNoError, {dns::AddressRecord(Address("192.0.2.7"))}, 512);
      if (manner == Manner::kForging) answer[0] = static_cast<char>(answer[0] + 1);
      ::sendto(udp.get(), answer.data(), answer.size(), 0, reinterpret_cast<const sockaddr*>(&from), size);
    });
  }
  UniqueFd udp;
  int asked = 0;
};

// A loop with a server of one container, in a network namespace.
struct Served {
  explicit Served(std::vector<IpAddress> upstreams) : server(&loop) {
    server.names()->Add({"blue", "c2", {"db"}, {Address("10.1.0.3")}});
    server.AddClient("c1", {{"blue"}, std::move(upstreams)}, Bound(SOCK_DGRAM, kServer, kServerPort),
                     Bound(SOCK_STREAM, kServer, kServerPort));
  }
  // What comes on a socket within that time.
  std::string Receive(const UniqueFd& socket, int milliseconds = 4000) {
    std::string text(70'000, '\0');
    ssize_t got = -1;
    const auto timer = loop.After(std::chrono::milliseconds(milliseconds), [this] { loop.Stop(); });
    loop.Add(socket.get(), EPOLLIN, [&](std::uint32_t) {
      got = ::recv(socket.get(), text.data(), text.size(), 0);
      loop.Stop();
    });
    loop.Run();
    loop.Remove(socket.get());
    loop.Cancel(timer);
    text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return text;
  }
  std::string Ask(const std::string& packet) {
    const auto socket = Connected(SOCK_DGRAM);
    REQUIRE(::send(socket.get(), packet.data(), packet.size(), 0) == static_cast<ssize_t>(packet.size()));
    return Receive(socket);
  }
  EventLoop loop;
  DnsServer server;
};

std::string Framed(const std::string& packet) {
  return std::string{static_cast<char>(packet.size() >> 8), static_cast<char>(packet.size())} + packet;
}

bool Inside(const std::function<void()>& work) {
  if (::geteuid() != 0) return false;
  return test::Machine().In([&] {
    work();
    return true;
  });
}

constexpr std::uint16_t kUsualPort = 53;

std::string AskAt(std::uint16_t port, const std::string& packet) {
  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const auto in = Loopback(kServer, port);
  REQUIRE(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&in), sizeof in) == 0);
  REQUIRE(::send(socket.get(), packet.data(), packet.size(), 0) == static_cast<ssize_t>(packet.size()));
  pollfd waiting{socket.get(), POLLIN, 0};
  if (::poll(&waiting, 1, 2000) != 1) return {};
  std::string text(4096, '\0');
  const ssize_t got = ::recv(socket.get(), text.data(), text.size(), 0);
  text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return text;
}

std::string StatusLine(pid_t pid, const std::string& key) {
  const auto text = ReadFileAt(AT_FDCWD, ("/proc/" + std::to_string(pid) + "/status").c_str(), 8192);
  const auto at = text.ok() ? text->find(key + ":\t") : std::string::npos;
  return at == std::string::npos ? "" : text->substr(at + key.size() + 2, text->find('\n', at) - at - key.size() - 2);
}

// Of a child of ours with this name.
pid_t ChildCalled(const std::string& name) {
  const std::unique_ptr<DIR, int (*)(DIR*)> proc(::opendir("/proc"), &::closedir);
  while (const dirent* entry = ::readdir(proc.get())) {
    const pid_t pid = std::atoi(entry->d_name);
    if (pid > 0 && StatusLine(pid, "PPid") == std::to_string(::getpid()) && StatusLine(pid, "Name") == name) return pid;
  }
  return -1;
}

}  // namespace

TEST_CASE("a server answers for containers, over UDP and TCP") {
  Inside([] {
    Served served({});
    CHECK(AddressesIn(served.Ask(Question("db", 1))) == std::vector<std::string>{"10.1.0.3"});
    CHECK(CodeOf(served.Ask(Question("example.org", 1))) == Code::kNoSuchName);
    const auto stream = Connected(SOCK_STREAM);
    const std::string two = Framed(Question("db", 1)) + Framed(Question("db", 28));
    // In pieces, as it may come.
    REQUIRE(::send(stream.get(), two.data(), 5, 0) == 5);
    REQUIRE(::send(stream.get(), two.data() + 5, two.size() - 5, 0) == static_cast<ssize_t>(two.size() - 5));
    const std::string answer = served.Receive(stream);
    REQUIRE(answer.size() > 2);
    CHECK(AddressesIn(answer.substr(2)) == std::vector<std::string>{"10.1.0.3"});
  });
}

TEST_CASE("a client has names of its own for others, which lead nowhere while those are not there") {
  Inside([] {
    Served served({});
    served.server.UpdateClient("c1", {{"blue"}, {}, {{"store", "c2"}, {"db", "c3"}}});
    CHECK(AddressesIn(served.Ask(Question("store", 1))) == std::vector<std::string>{"10.1.0.3"});
    CHECK(CodeOf(served.Ask(Question("db", 1))) == Code::kNoSuchName);
    served.server.names()->Add({"blue", "c3", {"other"}, {Address("10.1.0.4")}});
    CHECK(AddressesIn(served.Ask(Question("db", 1))) == std::vector<std::string>{"10.1.0.4"});
  });
}

TEST_CASE("what it does not know it asks for, one server after the other, and believes no forgery") {
  Inside([] {
    Served served({Address("127.0.1.1"), Address("127.0.1.2"), Address("127.0.1.3"), Address("127.0.1.4")});
    Upstream silent(&served.loop, "127.0.1.2", Upstream::Manner::kSilent);
    Upstream honest(&served.loop, "127.0.1.3", Upstream::Manner::kHonest);
    CHECK(AddressesIn(served.Ask(Question("example.org", 1, 99))) == std::vector<std::string>{"192.0.2.7"});
    CHECK(silent.asked == 1);
    CHECK(honest.asked == 1);
    CHECK(AddressesIn(served.Ask(Question("db", 1))) == std::vector<std::string>{"10.1.0.3"});
    CHECK(honest.asked == 1);
  });
  Inside([] {
    Served served({Address("127.0.1.2"), Address("127.0.1.3")});
    Upstream forging(&served.loop, "127.0.1.2", Upstream::Manner::kForging);
    Upstream honest(&served.loop, "127.0.1.3", Upstream::Manner::kHonest);
    CHECK(AddressesIn(served.Ask(Question("example.org", 1))) == std::vector<std::string>{"192.0.2.7"});
    CHECK(honest.asked == 1);
  });
}

TEST_CASE("without an answer it says so") {
  Inside([] {
    Served served({Address("127.0.1.2")});
    CHECK(CodeOf(served.Ask(Question("example.org", 1))) == Code::kServerFailure);
  });
}

TEST_CASE("floods and rubbish are survived") {
  Inside([] {
    Served served({Address("127.0.1.2")});
    Upstream silent(&served.loop, "127.0.1.2", Upstream::Manner::kSilent);
    const auto flood = Connected(SOCK_DGRAM);
    for (int i = 0; i < 2000; ++i) {
      const std::string packet = Question("n" + std::to_string(i) + ".example.org", 1);
      (void)!::send(flood.get(), packet.data(), packet.size(), MSG_DONTWAIT);
    }
    std::vector<UniqueFd> streams;
    for (int i = 0; i < 60; ++i) {
      if (i % 12 == 0) (void)served.Receive(flood, 20);
      streams.push_back(Connected(SOCK_STREAM));
      (void)!::send(streams.back().get(), "\xff\xff rubbish", 10, MSG_NOSIGNAL);
      (void)!::send(flood.get(), "\0\1rubbish", 9, MSG_DONTWAIT);
    }
    CHECK(AddressesIn(served.Ask(Question("db", 1))) == std::vector<std::string>{"10.1.0.3"});
    CHECK(silent.asked <= 128);
  });
}

TEST_CASE("a client that leaves takes everything along") {
  Inside([] {
    Served served({Address("127.0.1.2")});
    Upstream silent(&served.loop, "127.0.1.2", Upstream::Manner::kSilent);
    const auto asking = Connected(SOCK_DGRAM);
    const std::string packet = Question("example.org", 1);
    (void)!::send(asking.get(), packet.data(), packet.size(), 0);
    const auto stream = Connected(SOCK_STREAM);
    const std::string framed = Framed(packet);
    (void)!::send(stream.get(), framed.data(), framed.size(), 0);
    CHECK(served.Receive(asking, 100).empty());
    // Nobody listens there for streams.
    CHECK(CodeOf(served.Receive(stream).substr(2)) == Code::kServerFailure);
    served.server.RemoveClient("c1");
    CHECK(served.Receive(stream, 1000).empty());
    const auto again = Bound(SOCK_DGRAM, kServer, kServerPort);
    CHECK(again);
  });
}

TEST_CASE("a worker answers on the usual port, can do nothing else, and comes again when it is killed") {
  Inside([] {
    char directory[] = "/tmp/tsc-dns-XXXXXX";  // mkdtemp(3) replaces the six X
    REQUIRE(::mkdtemp(directory));
    Host host;
    host.memory_dir.reset(::open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    EventLoop loop;
    DnsWorker worker(&loop, &host);
    auto redirecting = NetlinkSocket::Open(NETLINK_NETFILTER);
    REQUIRE(redirecting.ok());
    REQUIRE(test::Done(redirecting->Send(RedirectDns(kServerPort, kServerPort))));
    worker.Name({"blue", "c2", {"db"}, {Address("10.1.0.3")}});
    worker.Serve("c1", {{"blue"}, {}}, Bound(SOCK_DGRAM, kServer, kServerPort), Bound(SOCK_STREAM, kServer, kServerPort));
    CHECK(AddressesIn(AskAt(kUsualPort, Question("db", 1))) == std::vector<std::string>{"10.1.0.3"});
    const pid_t first = ChildCalled("tscontainer-dns");
    REQUIRE(first > 0);
    CHECK(StatusLine(first, "CapPrm") == "0000000000000000");
    CHECK(StatusLine(first, "Uid").starts_with("65534\t65534\t65534"));
    CHECK(StatusLine(first, "Seccomp") == "2");
    CHECK(StatusLine(first, "NoNewPrivs") == "1");
    ::kill(first, SIGKILL);
    loop.After(std::chrono::milliseconds(900), [&] { loop.Stop(); });
    loop.Run();
    CHECK(AddressesIn(AskAt(kUsualPort, Question("db", 1))) == std::vector<std::string>{"10.1.0.3"});
    worker.Forget("blue", "c2");
    CHECK(CodeOf(AskAt(kUsualPort, Question("db", 1))) == Code::kNoSuchName);
    worker.Close();
    CHECK(ChildCalled("tscontainer-dns") == -1);
    ::unlinkat(host.memory_dir.get(), "empty", AT_REMOVEDIR);
    ::rmdir(directory);
  });
}

}  // namespace tsc
