// SPDX-License-Identifier: Apache-2.0
#include "runtime/child_report.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/passed_descriptors.h"

namespace tsc {
namespace {

constexpr int kAttempts = 500;
constexpr useconds_t kMoment = 1000;

template <std::size_t Size>
void CopyText(char (&target)[Size], const std::string& text) {
  const auto length = std::min(text.size(), Size - 1);
  std::memcpy(target, text.data(), length);
  target[length] = '\0';
}

}  // namespace

bool SendReport(int socket, const ChildReport& report, int descriptor) {
  iovec part{const_cast<ChildReport*>(&report), sizeof report};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  const PassedDescriptors<1> passed(&message, &descriptor, descriptor >= 0 ? 1 : 0);
  for (int attempt = 0; ::sendmsg(socket, &message, MSG_NOSIGNAL) < 0;) {
    if (errno == EINTR) continue;
    // Whoever is to hear of it waits, and does not ask.
    if ((errno != ENOMEM && errno != ENOBUFS) || ++attempt == kAttempts) return false;
    ::usleep(kMoment);
  }
  return true;
}

Status TellChild(int socket, ChildCommand command) {
  const char byte = static_cast<char>(command);
  ssize_t sent;
  do sent = ::send(socket, &byte, 1, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  if (sent == 1 || errno == EPIPE || errno == ECONNRESET) return {};
  return Errno("tell child", command == ChildCommand::kStart ? "start" : "mapped");
}

ChildReport FailureReport(const Failure& failure) {
  ChildReport report;
  report.kind = ReportKind::kFailed;
  report.error = failure.error;
  CopyText(report.step, failure.step);
  CopyText(report.object, failure.object);
  return report;
}

Failure ReportedFailure(const ChildReport& report) {
  return Failure{std::string(report.step, strnlen(report.step, sizeof report.step)), report.error,
                 std::string(report.object, strnlen(report.object, sizeof report.object))};
}

int ReceiveReport(int socket, ChildReport* report, UniqueFd* descriptor) {
  iovec part{report, sizeof *report};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t n;
  do n = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  while (n < 0 && errno == EINTR);
  if (n < 0) return -1;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    int received = -1;
    std::memcpy(&received, CMSG_DATA(header), sizeof received);
    descriptor->reset(received);
  }
  if (n == 0) return 0;
  if (n != sizeof *report) {
    errno = EPROTO;
    return -1;
  }
  return 1;
}

}  // namespace tsc
