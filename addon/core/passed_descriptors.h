// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <cstring>

namespace tsc {

// The descriptors that go along with a message (SCM_RIGHTS), `Most` at most. It has to be there until the message is sent.
template <std::size_t Most>
class PassedDescriptors {
 public:
  PassedDescriptors(msghdr* message, const int* descriptors, std::size_t count) {
    if (count == 0) return;
    message->msg_control = control_;
    message->msg_controllen = CMSG_SPACE(count * sizeof(int));
    cmsghdr* header = CMSG_FIRSTHDR(message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(count * sizeof(int));
    std::memcpy(CMSG_DATA(header), descriptors, count * sizeof(int));
  }
  PassedDescriptors(const PassedDescriptors&) = delete;
  PassedDescriptors& operator=(const PassedDescriptors&) = delete;

 private:
  alignas(cmsghdr) char control_[CMSG_SPACE(Most * sizeof(int))] = {};
};

}  // namespace tsc
