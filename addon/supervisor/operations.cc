// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/paths.h"
#include "core/syscalls.h"
#include "layer/worker.h"
#include "supervisor/stored_container.h"
#include "supervisor/supervisor.h"

// The operations of docs/protocol.md, one function each, or one for a family.
namespace tsc {
namespace {

constexpr std::int64_t kProtocol = 1;

Status PublishLayer(const Host& host, const std::string& staging, const std::string& layer, const std::string& record) {
  const int root = host.root_dir.get();
  const std::string from = "tmp/" + staging;
  const UniqueFd dir(::openat(root, from.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!dir) return Errno("open staging directory", staging);
  TSC_TRY(WriteFileAtomic(dir.get(), "layer.json", record));
  // Once, before it can be seen: a layer that is there is whole, whatever the power supply does.
  if (::syncfs(dir.get()) != 0) return Errno("sync layer", layer);
  if (::renameat(root, from.c_str(), root, ("layers/" + layer).c_str()) == 0) return {};
  if (errno != EEXIST && errno != ENOTEMPTY) return Errno("publish layer", layer);
  const UniqueFd tmp(::openat(root, "tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return RemoveTree(tmp.get(), staging.c_str());
}

}  // namespace

const std::map<std::string, Supervisor::Operation>& Supervisor::Operations() {
  static const std::map<std::string, Operation> table = {{"hello", &Supervisor::Hello},
                                                         {"leave", &Supervisor::Leave},
                                                         {"seccomp", &Supervisor::Seccomp},
                                                         {"monitor", &Supervisor::Monitor},
                                                         {"create", &Supervisor::Create},
                                                         {"list", &Supervisor::List},
                                                         {"start", &Supervisor::OnContainer},
                                                         {"wait", &Supervisor::OnContainer},
                                                         {"kill", &Supervisor::OnContainer},
                                                         {"stop", &Supervisor::OnContainer},
                                                         {"pause", &Supervisor::OnContainer},
                                                         {"resume", &Supervisor::OnContainer},
                                                         {"update", &Supervisor::OnContainer},
                                                         {"stats", &Supervisor::OnContainer},
                                                         {"processes", &Supervisor::OnContainer},
                                                         {"remove", &Supervisor::OnContainer},
                                                         {"inspect", &Supervisor::OnContainer},
                                                         {"exec", &Supervisor::OnContainer},
                                                         {"exec.kill", &Supervisor::OnExec},
                                                         {"terminal.keep", &Supervisor::Terminal},
                                                         {"terminal.drop", &Supervisor::Terminal},
                                                         {"cancel", &Supervisor::Cancel},
                                                         {"work", &Supervisor::Work},
                                                         {"layer.begin", &Supervisor::Layer},
                                                         {"layer.publish", &Supervisor::Layer},
                                                         {"layer.remove", &Supervisor::Layer},
                                                         {"layer.fixup", &Supervisor::FixUp},
                                                         {"build.digest", &Supervisor::Build},
                                                         {"build.copy", &Supervisor::Build},
                                                         {"build.mkdir", &Supervisor::Build},
                                                         {"build.cache", &Supervisor::Build},
                                                         {"build.usage", &Supervisor::Build},
                                                         {"build.forget", &Supervisor::Build},
                                                         {"build.seal", &Supervisor::SealLayer},
                                                         {"build.export", &Supervisor::ReadLayers},
                                                         {"build.read", &Supervisor::ReadLayers},
                                                         {"volume.create", &Supervisor::Volume},
                                                         {"volume.remove", &Supervisor::Volume},
                                                         {"volume.usage", &Supervisor::Volume},
                                                         {"tree", &Supervisor::Tree},
                                                         {"dial", &Supervisor::Dial},
                                                         {"attach", &Supervisor::OnContainer},
                                                         {"input.end", &Supervisor::OnContainer},
                                                         {"resize", &Supervisor::OnContainer},
                                                         {"execs", &Supervisor::OnContainer},
                                                         {"namespaces", &Supervisor::OnContainer},
                                                         {"exec.wait", &Supervisor::OnContainer},
                                                         {"exec.detach", &Supervisor::OnContainer},
                                                         {"network.ensure", &Supervisor::Network},
                                                         {"network.remove", &Supervisor::Network},
                                                         {"network.list", &Supervisor::Network},
                                                         {"network.partition", &Supervisor::Network},
                                                         {"network.heal", &Supervisor::Network},
                                                         {"network.impair", &Supervisor::OnContainer},
                                                         {"network.egress", &Supervisor::Network},
                                                         {"egress", &Supervisor::OnContainer},
                                                         {"network.connect", &Supervisor::OnContainer},
                                                         {"network.disconnect", &Supervisor::OnContainer},
                                                         {"file", &Supervisor::OnContainer},
                                                         {"file.copy", &Supervisor::OnContainer},
                                                         {"file.watch", &Supervisor::OnContainer}};
  return table;
}

void Supervisor::Hello(const Json& message, Descriptors*, Reply reply) {
  if (IntMember(message, "protocol") != kProtocol) return reply.Fail(Fail("hello", EPROTO, std::to_string(IntMember(message, "protocol"))));
  Json description = DescribeHost(host_);
  description["protocol"] = kProtocol;
  description["pid"] = ::getpid();
  description["cursor"] = std::to_string(epoch_) + ":" + std::to_string(sequence_);
  const auto connection = reply.connection();
  if (connection) connection->wants_events = BoolMember(message, "events");
  reply.Ok(std::move(description));
  if (only_.empty()) parking_.Open();
  const std::string since = StringMember(message, "since");
  const auto colon = since.find(':');
  if (!connection || colon == std::string::npos) return;
  // A cursor of an earlier supervisor: everything since its end is everything there is.
  const bool same = since.substr(0, colon) == std::to_string(epoch_);
  const auto after = same ? std::strtoull(since.c_str() + colon + 1, nullptr, 10) : 0;
  events_.ForEach([&](std::uint64_t sequence, std::string_view text) { return sequence > after ? connection->Send(text) : void(); });
}

void Supervisor::Seccomp(const Json& message, Descriptors*, Reply reply) {
  const auto key = seccomp_.Add(Member(message, "profile"));
  if (key.ok())
    reply.Ok({{"key", *key}});
  else
    reply.Fail(key.failure());
}

void Supervisor::Create(const Json& message, Descriptors* descriptors, Reply reply) {
  auto request = ReadCreate(message, descriptors);
  if (!request.ok()) return reply.Fail(request.failure());
  if (containers_.contains(request->id)) return reply.Fail(Fail("create container", EEXIST, request->id));
  if (request->detached != (only_ == request->id)) return reply.Fail(Fail("create container", EINVAL, "detached"));
  auto seccomp = seccomp_.Find(request->seccomp_key);
  if (!seccomp.ok()) return reply.Fail(seccomp.failure());
  request->seccomp = *seccomp;
  request->user_namespace = request->user_namespace && host_.user_namespaces;
  auto container = std::make_shared<Container>(Context(), std::move(*request));
  if (only_.empty()) container->owner = reply.connection();
  containers_[container->id()] = container;
  container->Create(reply);
}

// What checks wrote is for who looks at one container. All or none: what a list lacks would be let go, with what it uses.
void Supervisor::List(const Json&, Descriptors*, Reply reply) {
  Json containers = Json::array();
  for (const auto& [id, container] : containers_)
    if (!container->request().hidden) containers.push_back(container->Show(reply.connection()));
  const auto stored = StoredContainerIds(host_);
  if (!stored.ok()) return reply.Fail(stored.failure());
  for (const auto& id : *stored) {
    if (containers_.contains(id)) continue;
    auto description = DescribeStored(host_, id);
    if (!description.ok()) return reply.Fail(description.failure());
    if (BoolMember(*description, "detached")) containers.push_back(std::move(*description));
  }
  for (auto& description : containers)
    if (Member(description, "health").is_object()) description["health"]["log"] = Json::array();
  reply.Ok({{"containers", std::move(containers)}});
}

void Supervisor::OnContainer(const Json& message, Descriptors* descriptors, Reply reply) {
  const std::string op = StringMember(message, "op");
  const std::string id = StringMember(message, "container");
  const auto container = Find(id);
  if (!container) {
    const auto elsewhere = op == "inspect" && IsId(id) ? DescribeStored(host_, id) : Result<Json>(Json());
    if (!elsewhere.ok()) return reply.Fail(elsewhere.failure());
    if (elsewhere->is_object()) return reply.Ok(*elsewhere);
    return reply.Fail(Fail("find container", ENOENT, id));
  }
  const auto answer = [&reply](const Result<Json>& result) {
    if (result.ok())
      reply.Ok(*result);
    else
      reply.Fail(result.failure());
  };
  static const std::set<std::string> kUses{"exec", "kill", "pause", "resume", "update"};
  if (kUses.contains(op)) container->Touch();
  if (op == "start") return StartContainer(container, reply);
  if (op == "wait") return container->Wait(reply);
  if (op == "kill") return reply.Done(container->Kill(static_cast<int>(IntMember(message, "signal", 9))));
  if (op == "stop") {
    return container->Stop(static_cast<int>(IntMember(message, "signal", container->request().stop_signal)),
                           IntMember(message, "timeoutMs", container->request().stop_timeout_ms), reply);
  }
  if (op == "pause" || op == "resume") return container->Pause(op == "pause", reply);
  if (op == "update") return reply.Done(container->Update(message));
  if (op == "stats") return answer(container->Stats());
  if (op == "processes") return answer(container->Processes());
  if (op == "remove") return container->Remove(BoolMember(message, "force"), BoolMember(message, "volumes"), reply);
  if (op == "exec") return container->Exec(message, descriptors, reply);
  if (op == "execs") return reply.Ok({{"execs", container->Execs(StringMember(message, "exec"))}});
  if (op == "exec.detach") return reply.Done(container->DetachExec(StringMember(message, "exec")));
  if (op == "exec.wait") {
    const auto waiting = container->WaitExec(StringMember(message, "exec"), reply);
    return waiting.ok() ? void() : reply.Fail(waiting.failure());
  }
  if (op == "namespaces") return container->TellNamespaces(reply);
  if (op == "network.impair") return reply.Done(container->Impair(message, reply.connection()));
  if (op == "network.connect") return reply.Done(container->ConnectNetwork(message));
  if (op == "egress") return reply.Done(container->ChangeEgress(message));
  if (op == "network.disconnect") return container->DisconnectNetwork(StringMember(message, "network"), reply);
  if (op == "attach") return container->stdio().Attach(message, descriptors, reply);
  if (op == "resize") return reply.Done(container->stdio().Resize(message));
  if (op == "input.end") {
    container->stdio().EndInput(StringMember(message, "attachment"));
    return reply.Ok();
  }
  if (op.starts_with("file")) return container->AskFiles(message, descriptors, reply);
  reply.Ok(container->Show(reply.connection()));
}

// One that was read from disk knows its filter by name only.
Status Supervisor::FindFilter(const std::shared_ptr<Container>& container) {
  if (container->request().seccomp || container->request().seccomp_key.empty()) return {};
  container->SetSeccomp(TSC_TRY(seccomp_.Find(container->request().seccomp_key)));
  return {};
}

void Supervisor::StartContainer(const std::shared_ptr<Container>& container, const Reply& reply) {
  if (const auto found = FindFilter(container); !found.ok()) return reply.Fail(found.failure());
  if (container->request().detached && only_ != container->id()) return reply.Fail(Fail("start", EREMOTE, container->id()));
  container->Start(reply);
}

void Supervisor::OnExec(const Json& message, Descriptors*, Reply reply) {
  const std::string exec = StringMember(message, "exec");
  for (const auto& [id, container] : containers_) {
    const auto killed = container->KillExec(exec, static_cast<int>(IntMember(message, "signal", 9)));
    if (killed.ok() || killed.failure().error != ESRCH) return reply.Done(killed);
  }
  reply.Fail(Fail("kill exec", ESRCH, exec));
}

void Supervisor::Terminal(const Json& message, Descriptors* descriptors, Reply reply) {
  const auto connection = reply.connection();
  connection->terminal.reset();
  if (StringMember(message, "op") == "terminal.drop") return reply.Ok();
  if (descriptors->empty()) return reply.Fail(Fail("keep terminal", EBADF));
  auto kept = HostTerminal::Keep(std::move(descriptors->front()), Member(message, "settings"));
  if (!kept) return reply.Fail(kept.failure());
  connection->terminal = std::move(*kept);
  reply.Ok();
}

void Supervisor::Cancel(const Json& message, Descriptors*, Reply reply) {
  const auto request = IntMember(message, "request");
  const auto connection = reply.connection();
  if (!background_.Cancel(connection, request) && !dials_.Cancel(connection, request))
    for (const auto& [id, container] : containers_)
      if (container->CancelRequest(connection, request) || container->CancelCreate(connection, request) ||
          container->CancelFiles(connection, request))
        break;
  reply.Ok();
}

void Supervisor::Work(const Json& message, Descriptors* descriptors, Reply reply) {
  const std::string kind = StringMember(message, "kind");
  if (!IsLayerWork(kind)) return reply.Fail(Fail("start worker", ENOSYS, kind));
  std::vector<int> keep;
  for (const auto& fd : *descriptors) keep.push_back(fd.get());
  background_.Run(reply, keep, [&](const std::function<void(const Json&)>& progress) -> Result<Json> {
    return RunConfinedLayerWork(kind, Member(message, "args"), std::move(*descriptors), progress);
  });
}

void Supervisor::Layer(const Json& message, Descriptors*, Reply reply) {
  const std::string op = StringMember(message, "op");
  const std::string staging = StringMember(message, "name");
  const std::string layer = StringMember(message, "layer");
  const int root = host_.root_dir.get();
  if (op == "layer.begin") {
    const std::string path = "tmp/" + staging;
    if (!IsName(staging)) return reply.Fail(Fail("parse name", EINVAL, staging));
    if (::mkdirat(root, path.c_str(), 0700) != 0 || ::mkdirat(root, (path + "/fs").c_str(), 0755) != 0) {
      return reply.Fail(Errno("create staging directory", staging));
    }
    const UniqueFd dir(::openat(root, (path + "/fs").c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!dir) return reply.Fail(Errno("open staging directory", staging));
    return reply.Ok(Json::object(), {dir.get()});
  }
  if (!IsId(layer)) return reply.Fail(Fail("parse layer", EINVAL, layer));
  if (op == "layer.publish") {
    if (!IsName(staging)) return reply.Fail(Fail("parse name", EINVAL, staging));
    const std::string record = Member(message, "record").dump(-1, ' ', false, Json::error_handler_t::replace);
    background_.Run(reply, {root}, [&](const auto&) -> Result<Json> {
      TSC_TRY(PublishLayer(host_, staging, layer, record));
      return Json::object();
    });
    return;
  }
  roots_.Forget(layer);
  const std::string doomed = layer + "-" + std::to_string(++sequence_);
  if (::renameat(root, ("layers/" + layer).c_str(), root, ("trash/" + doomed).c_str()) != 0 && errno != ENOENT) {
    return reply.Fail(Errno("remove layer", layer));
  }
  Reap();
  reply.Ok();
}

}  // namespace tsc
