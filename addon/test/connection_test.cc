// SPDX-License-Identifier: Apache-2.0
// What is sent together arrives in one packet, in its order among all else; what cannot be in one with others is alone.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "supervisor/connection.h"

using namespace tsc;

namespace {

struct Line {
  EventLoop loop;
  UniqueFd peer;
  std::shared_ptr<Connection> connection;
  bool closed = false;

  Line() {
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0);
    peer.reset(ends[0]);
    connection = std::make_shared<Connection>(&loop, UniqueFd(ends[1]));
    connection->Watch([](const Packet&) {}, [this] { closed = true; });
  }

  // The packets that have come, each with how many descriptors it has before its text.
  std::vector<std::string> Received() const {
    std::vector<std::string> texts;
    for (Packet packet; ReceivePacket(peer.get(), &packet) == ReceiveState::kPacket;)
      texts.push_back(std::to_string(packet.descriptors.size()) + packet.text);
    return texts;
  }
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("what is sent together is one packet, at the end of the outermost") {
  const Line line;
  line.connection->Send("before");
  {
    const Connection::Together together(line.connection);
    line.connection->Send("a");
    {
      const Connection::Together inner(line.connection);
      line.connection->Send("b");
    }
    CHECK(line.Received() == Texts{"0before"});
    line.connection->Send("c");
  }
  line.connection->Send("after");
  CHECK(line.Received() == Texts{"0a\nb\nc", "0after"});
  { const Connection::Together nothing(line.connection); }
  { const Connection::Together nobody(nullptr); }
  CHECK(line.Received().empty());
}

TEST_CASE("what has descriptors, or is too large, is alone and in its place") {
  const Line line;
  const UniqueFd file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const std::string half(kPacketLimit / 2, 'h'), large(kPacketLimit + 1, 'l'), full(kPacketLimit, 'f');
  {
    const Connection::Together together(line.connection);
    line.connection->Send("a");
    line.connection->Send("b", {file.get()});
    line.connection->Send("c");
    line.connection->Send("d");
    line.connection->Send(large);
    line.connection->Send(half);
    line.connection->Send(half);
    line.connection->Send("e");
    line.connection->Send(full);
    line.connection->Send("f");
  }
  CHECK(line.Received() == Texts{"0a", "1b", "0c\nd", "0" + large, "0" + half, "0" + half + "\ne", "0" + full, "0f"});
}

TEST_CASE("what the peer has no room for waits in its order") {
  Line line;
  std::string sent, received;
  for (int i = 0; i < 2000; ++i) {
    const Connection::Together together(line.connection);
    for (const char* part : {"x", "y"}) {
      const std::string text = part + std::to_string(i) + std::string(500, '.');
      line.connection->Send(text);
      sent += text + "\n";
    }
  }
  const auto take = [&] {
    for (const auto& text : line.Received()) received += text.substr(1) + "\n";
  };
  for (int i = 0; i < 1000 && received.size() < sent.size(); ++i) {
    take();
    line.loop.After(std::chrono::milliseconds(1), [&] { line.loop.Stop(); });
    line.loop.Run();
  }
  CHECK(received == sent);
  CHECK(!line.closed);
}

TEST_CASE("whoever sent descriptors that find no room is told, of two lines too") {
  for (const char* text : {R"({"id":7,"op":"create"})", "{\"id\":7,\"op\":\"create\"}\n{}"}) {
    Line line;
    const UniqueFd file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    REQUIRE(SendPacket(line.peer.get(), text, {file.get()}).ok());
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
    const UniqueFd next(::fcntl(file.get(), F_DUPFD_CLOEXEC, 0));
    const rlimit full{static_cast<rlim_t>(next.get() + 1), before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &full) == 0);
    line.loop.After(std::chrono::milliseconds(1), [&] { line.loop.Stop(); });
    line.loop.Run();
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
    CHECK(line.Received() == Texts{R"(0{"error":{"errno":"EMFILE","object":"","step":"receive descriptors"},"id":7})"});
  }
}

TEST_CASE("one that is closed meanwhile sends nothing") {
  const Line line;
  {
    const Connection::Together together(line.connection);
    line.connection->Send("a");
    line.connection->Close();
    line.connection->Send("b");
  }
  CHECK(line.Received().empty());
}
