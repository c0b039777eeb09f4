// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan_codec.h"

#include <sys/socket.h>

#include <cstring>
#include <optional>
#include <type_traits>

namespace tsc {
namespace {

constexpr std::size_t kMostBytes = std::size_t{64} * 1024;
constexpr std::size_t kMostDescriptors = 200;

// One description of what a plan consists of serves both directions: `Archive` is a Writer or a Reader.
class Writer {
 public:
  template <class T>
  void Plain(T& value) {
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  std::size_t Size(std::size_t size) {
    Plain(size);
    return size;
  }
  void Bytes(void* data, std::size_t size) { bytes.append(static_cast<const char*>(data), size); }
  void Descriptor(UniqueFd& fd) {
    bool there = static_cast<bool>(fd);
    Plain(there);
    if (there) descriptors.push_back(fd.get());
  }

  std::string bytes;
  std::vector<int> descriptors;
};

class Reader {
 public:
  Reader(const std::string& bytes, std::vector<UniqueFd> descriptors) : bytes_(bytes), descriptors_(std::move(descriptors)) {}

  template <class T>
  void Plain(T& value) {
    Bytes(&value, sizeof value);
  }
  std::size_t Size(std::size_t) {
    std::size_t size = 0;
    Plain(size);
    return size;
  }
  void Bytes(void* data, std::size_t size) {
    if (size > bytes_.size() - at_) return;  // never of our own making
    std::memcpy(data, bytes_.data() + at_, size);
    at_ += size;
  }
  void Descriptor(UniqueFd& fd) {
    bool there = false;
    Plain(there);
    if (there && next_ < descriptors_.size()) fd = std::move(descriptors_[next_++]);
  }

 private:
  const std::string& bytes_;
  std::vector<UniqueFd> descriptors_;
  std::size_t at_ = 0;
  std::size_t next_ = 0;
};

template <class A, class T>
requires std::is_trivially_copyable_v<T>
void Visit(A& archive, T& value) { archive.Plain(value); }

template <class A>
void Visit(A& archive, std::string& text) {
  text.resize(archive.Size(text.size()));
  archive.Bytes(text.data(), text.size());
}

template <class A, class First, class Second>
void Visit(A& archive, std::pair<First, Second>& pair) {
  Visit(archive, pair.first);
  Visit(archive, pair.second);
}

template <class A>
void Visit(A& archive, Namespace& entry) {
  Visit(archive, entry.flag);
  Visit(archive, entry.path);
}

template <class A>
void Visit(A& archive, Device& device) {
  Visit(archive, device.path);
  Visit(archive, device.type);
  Visit(archive, device.major);
  Visit(archive, device.minor);
  Visit(archive, device.mode);
  Visit(archive, device.uid);
  Visit(archive, device.gid);
}

template <class A>
void Visit(A& archive, Mount& mount);

template <class A, class T>
void Visit(A& archive, std::vector<T>& list) {
  list.resize(archive.Size(list.size()));
  for (auto& item : list) Visit(archive, item);
}

template <class A>
void Visit(A& archive, Mount& mount) {
  Visit(archive, mount.destination);
  Visit(archive, mount.type);
  Visit(archive, mount.source);
  Visit(archive, mount.attr_set);
  Visit(archive, mount.attr_clear);
  Visit(archive, mount.propagation);
  Visit(archive, mount.bind);
  Visit(archive, mount.recursive);
  Visit(archive, mount.copy_up);
  Visit(archive, mount.data);
}

template <class A>
void Visit(A& archive, Process& process) {
  Visit(archive, process.args);
  Visit(archive, process.env);
  Visit(archive, process.cwd);
  Visit(archive, process.user.uid);
  Visit(archive, process.user.gid);
  Visit(archive, process.user.additional_gids);
  Visit(archive, process.user.umask);
  Visit(archive, process.user.name);
  Visit(archive, process.user.group_names);
  Visit(archive, process.capabilities);
  Visit(archive, process.rlimits);
  Visit(archive, process.no_new_privileges);
  Visit(archive, process.terminal);
  Visit(archive, process.rows);
  Visit(archive, process.columns);
}

template <class A>
void Visit(A& archive, Spec& spec) {
  bool has_process = spec.process.has_value();
  Visit(archive, has_process);
  if (has_process && !spec.process) spec.process.emplace();
  if (has_process) Visit(archive, *spec.process);
  Visit(archive, spec.readonly_root);
  Visit(archive, spec.hostname);
  Visit(archive, spec.domainname);
  Visit(archive, spec.mounts);
  Visit(archive, spec.devices);
  Visit(archive, spec.namespaces);
  Visit(archive, spec.masked_paths);
  Visit(archive, spec.readonly_paths);
  Visit(archive, spec.sysctls);
}

template <class A>
void Visit(A& archive, SeccompProgram& program) {
  Visit(archive, program.flags);
  program.instructions.resize(archive.Size(program.instructions.size()));
  archive.Bytes(program.instructions.data(), program.instructions.size() * sizeof(sock_filter));
}

template <class A>
void Visit(A& archive, ContainerPlan& plan) {
  Visit(archive, plan.spec);
  archive.Descriptor(plan.root);
  plan.bind_sources.resize(archive.Size(plan.bind_sources.size()));
  for (auto& source : plan.bind_sources) archive.Descriptor(source);
  archive.Descriptor(plan.stdio.in);
  archive.Descriptor(plan.stdio.out);
  archive.Descriptor(plan.stdio.err);
  for (bool& given : plan.stdio.given) Visit(archive, given);
  Visit(archive, plan.host_sysfs);
  Visit(archive, plan.init);
  Visit(archive, plan.idle);
}

}  // namespace

Status SendPlan(int socket, const ContainerPlan& plan) {
  Writer writer;
  Visit(writer, const_cast<ContainerPlan&>(plan));  // a Writer only reads
  bool filtered = plan.seccomp != nullptr;
  Visit(writer, filtered);
  if (filtered) Visit(writer, const_cast<SeccompProgram&>(*plan.seccomp));
  if (writer.bytes.size() > kMostBytes || writer.descriptors.size() > kMostDescriptors) return Fail("send plan", E2BIG);
  iovec part{writer.bytes.data(), writer.bytes.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(kMostDescriptors * sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (!writer.descriptors.empty()) {
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(writer.descriptors.size() * sizeof(int));
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(writer.descriptors.size() * sizeof(int));
    std::memcpy(CMSG_DATA(header), writer.descriptors.data(), writer.descriptors.size() * sizeof(int));
  }
  if (::sendmsg(socket, &message, MSG_NOSIGNAL) < 0) return Errno("send plan");
  return {};
}

Result<std::string> ReceivePlanBytes(int socket, std::vector<UniqueFd>* descriptors) {
  ssize_t size;
  do size = ::recv(socket, nullptr, 0, MSG_PEEK | MSG_TRUNC);
  while (size < 0 && errno == EINTR);
  if (size <= 0) return Fail("receive plan", size == 0 ? EPIPE : errno);
  std::string bytes(static_cast<std::size_t>(size), '\0');
  iovec part{bytes.data(), bytes.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(kMostDescriptors * sizeof(int))];
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t n;
  do n = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  while (n < 0 && errno == EINTR);
  if (n <= 0) return Fail("receive plan", n == 0 ? EPIPE : errno);
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    for (std::size_t i = 0; i < (header->cmsg_len - CMSG_LEN(0)) / sizeof(int); ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof fd);
      descriptors->emplace_back(fd);
    }
  }
  bytes.resize(static_cast<std::size_t>(n));
  return bytes;
}

ContainerPlan DecodePlan(const std::string& bytes, std::vector<UniqueFd> descriptors) {
  Reader reader(bytes, std::move(descriptors));
  ContainerPlan plan;
  Visit(reader, plan);
  bool filtered = false;
  Visit(reader, filtered);
  if (filtered) {
    auto program = std::make_shared<SeccompProgram>();
    Visit(reader, *program);
    plan.seccomp = std::move(program);
  }
  return plan;
}

}  // namespace tsc
