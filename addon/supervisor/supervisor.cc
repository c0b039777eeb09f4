// SPDX-License-Identifier: Apache-2.0
#include "supervisor/supervisor.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "core/paths.h"
#include "runtime/child_mounts.h"
#include "supervisor/stored_container.h"

namespace tsc {
namespace {

// Whoever started us connects at once. If nobody came by then, nobody will.
constexpr std::chrono::seconds kFirstConnection{10};
constexpr std::chrono::milliseconds kReapQuiet{30};
constexpr std::chrono::milliseconds kReapLatest{1000};
constexpr std::chrono::milliseconds kReapNow{0};
constexpr int kRemoveAttempts = 16;
constexpr std::chrono::milliseconds kUntilSettled{50};
constexpr std::chrono::milliseconds kUntilAsked{500};

std::string Dump(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

// Of an event that has members of its own.
std::string EventText(const CreateRequest& container, const Json& event) {
  return R"({"event":{"container":{"id":)" + Dump(container.id) + R"(,"labels":)" + Dump(container.labels) + R"(,"name":)" +
         Dump(container.name) + "}," + Dump(event).substr(1) + "}";
}

}  // namespace

void Supervisor::Serve(UniqueFd listener, std::string socket_path) {
  listener_ = std::move(listener);
  socket_path_ = std::move(socket_path);
  epoch_ = static_cast<std::int64_t>(NowMs());
  loop_.Add(listener_.get(), EPOLLIN, [this](std::uint32_t) { Accept(); });
  networks_.OnRefused([this](const std::string& id, Json destination) {
    const auto found = containers_.find(id);
    if (found != containers_.end()) Emit("egress", *found->second, {{"destination", std::move(destination)}});
  });
  Reap();
  loop_.After(kFirstConnection, [this] { LeaveWhenIdle(); });
  if (only_.empty()) {
    WatchMonitors();
    loop_.Later([this] { StartAfterBoot(); });
  }
  loop_.Run();
  (void)host_.cgroups->Close().ok();
}

void Supervisor::Accept() {
  UniqueFd socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!socket) return;
  ucred peer{};
  socklen_t size = sizeof peer;
  // The directory is ours alone; this is for the day somebody widens its mode.
  if (::getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || (peer.uid != 0 && peer.uid != ::geteuid())) return;
  auto connection = std::make_shared<Connection>(&loop_, std::move(socket));
  connections_.insert(connection);
  const std::weak_ptr<Connection> weak = connection;
  connection->Watch([this, weak](Packet packet) { OnPacket(weak.lock(), std::move(packet)); }, [this, weak] { OnClose(weak.lock()); });
}

void Supervisor::OnPacket(const std::shared_ptr<Connection>& connection, Packet packet) {
  asked_ = true;
  text_ = std::move(packet.text);
  const auto [message, common] = ReadRequest(text_);
  common_ = common;
  const Reply reply(connection, IntMember(message, "id"));
  const auto operation = Operations().find(StringMember(message, "op"));
  if (operation == Operations().end()) return reply.Fail(Fail("parse request", ENOSYS, StringMember(message, "op")));
  (this->*operation->second)(message, &packet.descriptors, reply);
  text_ = {};
}

Result<CreateRequest> Supervisor::ReadCreate(const Json& message, Descriptors* descriptors) {
  if (!common_.data()) return ParseCreateRequest(message, std::move(text_), descriptors);
  // A detached one's record on disk is the message as it came.
  if (BoolMember(message, "detached")) return Fail("parse request", EINVAL, "detached");
  const auto common = TSC_TRY(templates_.Read(common_));
  return ParseCreateRequest(message, {}, descriptors, common.get());
}

// The lifeline: what a connection owned ends with it.
void Supervisor::OnClose(const std::shared_ptr<Connection>& connection) {
  if (!connection) return;
  if (connection->terminal) connection->terminal->GiveBack();  // first, before a shell looks at it
  background_.Abandon(connection);
  dials_.Abandon(connection);
  networks_.Abandon(connection);
  const auto containers = containers_;  // removal changes the map
  for (const auto& [id, container] : containers) {
    container->Abandon(connection);
    container->AbandonFiles(connection);
    container->AbandonImpairments(connection);
    if (container->owner.lock() == connection || container->IsCreatedFor(connection)) container->Remove(true, true, Reply());
  }
  // Of one that leaves it is the second end.
  if (connections_.erase(connection) == 0) leaving_.erase(connection);
  // Who only looks whether a monitor lives says nothing: who has it made is still to come.
  if (only_.empty() || asked_) return loop_.Later([this] { LeaveWhenIdle(); });
  loop_.After(kUntilAsked, [this] { LeaveWhenIdle(); });
}

// There is no answer but the end of the connection: ours if nobody else is here.
void Supervisor::Leave(const Json&, Descriptors*, Reply reply) {
  const auto connection = reply.connection();
  if (!connection) return;
  leaving_.insert(connection);
  OnClose(connection);
  if (reap_timer_) Reap();
}

// While others are here, who leaves waits for the end of its own containers only.
void Supervisor::LetGo() {
  std::set<std::shared_ptr<Connection>> waiting;
  for (const auto& [id, container] : containers_)
    if (const auto owner = container->owner.lock(); leaving_.contains(owner)) waiting.insert(owner);
  leaving_ = std::move(waiting);
}

void Supervisor::LeaveWhenIdle() {
  if (!connections_.empty()) return LetGo();
  if (!background_.idle() || reap_timer_) return;
  for (const auto& [id, container] : containers_) {
    // A detached container that stopped is a record on disk; everything else still needs us.
    if (container->alive() || container->restart_pending() || !container->request().detached) return;
    if (!container->settled()) return void(loop_.After(kUntilSettled, [this] { LeaveWhenIdle(); }));
  }
  Accept();
  if (!connections_.empty()) return;
  // The socket goes last: without it nothing of ours is left, but for the lock. Who connects meanwhile finds a closed connection.
  parking_.Close();
  roots_.Close();
  nursery_.Close();
  parking_.Close();  // of what the nursery still brought
  networks_.EndHelpers();
  if (only_.empty()) networks_.TakeAway();
  networks_.Leave();
  ::unlink(socket_path_.c_str());
  loop_.Stop();
}

// One child for all that was thrown away lately, when there is a moment's rest: freeing blocks holds up whoever starts meanwhile.
void Supervisor::Reap() {
  const auto now = EventLoop::Clock::now();
  if (!reap_timer_)
    reap_since_ = now;
  else if (now - reap_since_ > kReapLatest)
    return;
  else
    loop_.Cancel(*reap_timer_);
  reap_timer_ = loop_.After(leaving_.empty() ? kReapQuiet : kReapNow, [this] {
    reap_timer_.reset();
    background_.Run({host_.root_dir.get()}, [this] { EmptyTrash(host_); });
  });
}

ContainerContext Supervisor::Context() {
  return {&loop_,
          &host_,
          &background_,
          &networks_,
          [this](const std::string& type, const Container& container, Json extra) { Emit(type, container, std::move(extra)); },
          [this](const std::string& id) {
            const auto found = containers_.find(id);
            return found == containers_.end() ? -1 : found->second->pidfd();
          },
          [this](const std::string& id) {
            containers_.erase(id);  // whoever calls this holds the container itself
            heap_.Gone();
            loop_.Later([this] { LeaveWhenIdle(); });
          },
          [this] { Reap(); },
          [this](UniqueFd mounts) { nursery_.Bury(std::move(mounts)); },
          [this](const Spec& spec) -> std::optional<Parked> { return only_.empty() ? parking_.Take(spec) : std::nullopt; },
          [this](const RootRequest& request) -> std::optional<ParkedRoot> { return only_.empty() ? roots_.Take(request) : std::nullopt; }};
}

void Supervisor::Emit(const std::string& type, const Container& container, Json extra) {
  const std::uint64_t sequence = ++sequence_;
  extra["type"] = type;
  extra["cursor"] = std::to_string(epoch_) + ":" + std::to_string(sequence);
  extra["time"] = NowMs();
  const bool hidden = container.request().hidden;
  if (hidden) extra["hidden"] = true;
  const std::string text = EventText(container.request(), extra);
  const auto owner = container.owner.lock();
  for (const auto& connection : connections_)
    if (connection->wants_events && (!hidden || connection == owner)) connection->Send(text);
  if (!hidden) events_.Add(sequence, text);
  if (type != "exec") {
    roots_.Touch();
    parking_.Touch();
  }
  if (type == "stopped" && !only_.empty()) loop_.Later([this] { LeaveWhenIdle(); });
  if (type == "stopped" || type == "removed") dials_.End(container.id());
}

std::shared_ptr<Container> Supervisor::Find(const std::string& id) {
  const auto it = containers_.find(id);
  if (it != containers_.end()) return it->second;
  return AdoptStopped(id);
}

// A detached container whose monitor is gone is nobody's: whoever asks for it takes it.
std::shared_ptr<Container> Supervisor::AdoptStopped(const std::string& id) {
  if (!IsId(id) || (only_ != id && MonitorLives(host_, id))) return nullptr;
  auto stored = LoadStoredContainer(host_, id);
  if (!stored.ok() || !stored->request.detached) return nullptr;
  RemoveLeftCgroup(id, 0);
  auto container = std::make_shared<Container>(Context(), std::move(stored->request));
  container->Adopt(stored->exit, stored->created_at);
  container->RestoreSupervision(stored->state);
  return containers_[id] = container;
}

// One that was killed leaves its socket, and perhaps half a container.
void Supervisor::ReclaimFromMonitor(const std::string& id) {
  ::unlinkat(host_.run_dir.get(), ("v1/monitors/" + id + ".sock").c_str(), 0);
  RemoveLeftCgroup(id, 0);
  networks_.DisconnectLeft(id);
  if (ReclaimContainer(host_, id)) Reap();
}

// A monitor that was killed could not clean up after its container, whose processes are only about to end.
void Supervisor::RemoveLeftCgroup(const std::string& id, int attempt) {
  auto left = host_.cgroups->Adopt(id);
  if (!left.ok()) return;
  (void)left->Kill().ok();
  const auto removed = left->Remove();
  if (removed.ok() || removed.failure().error != EBUSY || attempt >= kRemoveAttempts) return;
  loop_.After(std::chrono::milliseconds(1 << std::min(attempt, 8)), [this, id, attempt] {
    // Somebody may have started it again meanwhile.
    if (!MonitorLives(host_, id)) RemoveLeftCgroup(id, attempt + 1);
  });
}

}  // namespace tsc
