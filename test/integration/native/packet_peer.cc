// SPDX-License-Identifier: Apache-2.0
// The other end of the channel, for its tests: a SOCK_SEQPACKET listener that says what a supervisor might say.
//   packet-peer SOCKET echo     sends every packet back as it came, with its descriptors
//   packet-peer SOCKET script   writes "COUNT TEXT" to stdout for a packet that came with COUNT descriptors, and sends for such a line on
//                               stdin a packet with COUNT descriptors of its own executable; ends the connection at "close"
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <string>
#include <vector>

namespace {

constexpr int kMaxFds = 64;

void Check(bool good, const char* what) {
  if (good) return;
  std::perror(what);
  std::exit(1);
}

int Accept(const char* path) {
  const int listener = ::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  Check(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "bind");
  Check(::listen(listener, 8) == 0, "listen");
  std::cout << "listening" << std::endl;
  const int fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  Check(fd >= 0, "accept");
  ::close(listener);
  return fd;
}

bool Receive(int fd, std::string* text, std::vector<int>* fds) {
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * kMaxFds)];
  text->resize(200'000);
  iovec part{text->data(), text->size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const ssize_t n = ::recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
  if (n <= 0) return false;
  text->resize(static_cast<std::size_t>(n));
  fds->clear();
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    fds->resize((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    std::memcpy(fds->data(), CMSG_DATA(header), fds->size() * sizeof(int));
  }
  return true;
}

void Send(int fd, const std::string& text, const std::vector<int>& fds) {
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * kMaxFds)] = {};
  iovec part{const_cast<char*>(text.data()), text.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (!fds.empty()) {
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(sizeof(int) * fds.size());
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    *header = {CMSG_LEN(sizeof(int) * fds.size()), SOL_SOCKET, SCM_RIGHTS};
    std::memcpy(CMSG_DATA(header), fds.data(), sizeof(int) * fds.size());
  }
  ::sendmsg(fd, &message, MSG_NOSIGNAL);
}

void Echo(int fd) {
  std::string text;
  std::vector<int> fds;
  while (Receive(fd, &text, &fds)) {
    Send(fd, text, fds);
    for (const int received : fds) ::close(received);
  }
}

// The whole text of a packet whose message travelled in a memfd, followed by the word "sealed" where nobody can change it.
std::string Unfold(const std::string& text, const std::vector<int>& fds) {
  if (text != R"({"memfd":true})" || fds.empty()) return text;
  std::string whole(static_cast<std::size_t>(::lseek(fds[0], 0, SEEK_END)), '\0');
  Check(::pread(fds[0], whole.data(), whole.size(), 0) == static_cast<ssize_t>(whole.size()), "pread");
  const int seals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;
  return whole + ((::fcntl(fds[0], F_GET_SEALS) & seals) == seals ? "sealed" : "unsealed");
}

// One line of the script; false at its end.
bool Play(int fd, const std::string& line) {
  if (line == "close") return false;
  const std::size_t space = line.find(' ');
  const int count = std::atoi(line.c_str());
  std::vector<int> fds;
  for (int i = 0; i < count; i++) fds.push_back(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  Send(fd, line.substr(space + 1), fds);
  for (const int sent : fds) ::close(sent);
  return true;
}

void Script(int fd) {
  pollfd ready[2] = {{0, POLLIN, 0}, {fd, POLLIN, 0}};
  for (;;) {
    Check(::poll(ready, 2, -1) > 0, "poll");
    if (ready[0].revents != 0) {
      std::string line;
      do {
        if (!std::getline(std::cin, line) || !Play(fd, line)) return;
      } while (std::cin.rdbuf()->in_avail() > 0);
    }
    std::string text;
    std::vector<int> fds;
    if (ready[1].revents == 0) continue;
    if (!Receive(fd, &text, &fds)) return;
    std::cout << fds.size() << ' ' << Unfold(text, fds) << std::endl;
    for (const int received : fds) ::close(received);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  std::ios::sync_with_stdio(false);
  const int fd = Accept(argv[1]);
  if (std::strcmp(argv[2], "echo") == 0) {
    Echo(fd);
  } else {
    Script(fd);
  }
  return 0;
}
