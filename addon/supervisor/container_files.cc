// SPDX-License-Identifier: Apache-2.0
#include "supervisor/container_files.h"

#include "supervisor/file_worker.h"

namespace tsc {
namespace {

constexpr std::chrono::seconds kKept{5};

Failure Ended() { return Fail("use files", EBUSY, "stopped"); }
Failure Died() { return Fail("run worker", EINTR, "file worker"); }

FileLimits LimitsOf(const Host& host, bool user_namespace) {
  FileLimits limits;
  limits.single_id = host.options.id_map == "single";
  if (user_namespace || host.options.rootless) limits.max_id = host.options.mapped_ids;
  limits.devices = !user_namespace && !host.options.rootless;
  return limits;
}

}  // namespace

void ContainerFiles::Ask(const Json& message, std::vector<UniqueFd>* descriptors, Reply reply) {
  waiting_.push_back({message, std::move(*descriptors), std::move(reply)});
  Pump();
}

void ContainerFiles::Pump() {
  const auto base = plan_.base();
  if (base.kind == FileBase::kGone) return FailWaiting(Fail("find container", ENOENT, plan_.stored.id));
  if (leaving_ || waiting_.empty() || base.kind == FileBase::kWait) return;
  if (base.kind == FileBase::kStored && !EnsureHolder()) return;
  FileRootTarget target = base.target;
  if (base.kind == FileBase::kStored) target = {holder_->pidfd(), plan_.stored.user_namespace && plan_.host->idmap_namespace};
  for (auto waiting = std::exchange(waiting_, {}); !waiting.empty(); waiting.pop_front()) {
    auto& request = waiting.front();
    if (!request.Is("file"))
      BeginJob(base, target, std::move(request));
    else if (!current_)
      BeginCall(target, std::move(request));
    else
      waiting_.push_back(std::move(request));
  }
}

// False: not yet, or not at all.
bool ContainerFiles::EnsureHolder() {
  if (holder_) return holding_;
  const auto self = shared_from_this();
  const auto hold = [this](int socket) {
    const auto held = HoldStoredRoot(*plan_.host, plan_.stored);
    const Json said = held ? Json{{"holding", true}} : Json{{"error", FailureJson(held.failure())}};
    if (!SendPacket(socket, said.dump(-1, ' ', false, Json::error_handler_t::replace), {}) || !held) return;
    Packet packet;
    while (AwaitPacket(socket, &packet)) continue;
  };
  std::vector<int> keep{plan_.host->root_dir.get()};
  if (plan_.host->idmap_namespace) keep.push_back(plan_.host->idmap_namespace.get());
  auto started = FileProcess::Start(plan_.loop, std::move(keep), "tscontainer-root", hold,
                                    {[self](const Packet& packet) { self->OnHolder(packet); }, [self] { self->OnHolderEnd(); }});
  if (!started)
    FailWaiting(started.failure());
  else
    holder_ = std::move(*started);
  return false;
}

void ContainerFiles::OnHolder(const Packet& packet) {
  const Json said = Json::parse(packet.text, nullptr, false);
  holding_ = said.contains("holding");
  if (!holding_) return FailWaiting(FailureOf(Member(said, "error")));
  Rest();
  Pump();
}

void ContainerFiles::BeginCall(const FileRootTarget& target, Request request) {
  if (!caller_) {
    const auto self = shared_from_this();
    auto started =
        FileProcess::Start(plan_.loop, {target.pidfd}, "tscontainer-files", [target](int socket) { ServeFileCalls(target, socket); },
                           {[self](const Packet& packet) { self->OnAnswer(packet); }, [self] { self->OnCallerEnd(); }});
    if (!started) return request.reply.Fail(started.failure());
    caller_ = std::move(*started);
  }
  current_ = std::move(request.reply);
  // One that cannot be told would wait as long as whoever asks does: its end tells the rest.
  if (!caller_->Send(request.message.dump(-1, ' ', false, Json::error_handler_t::replace))) caller_->Kill();
}

void ContainerFiles::OnAnswer(const Packet& packet) {
  const auto reply = std::exchange(current_, std::nullopt);
  if (!reply) return;
  const Json answer = Json::parse(packet.text, nullptr, false);
  std::vector<int> descriptors;
  for (const auto& fd : packet.descriptors) descriptors.push_back(fd.get());
  if (answer.contains("result"))
    reply->Ok(answer["result"], descriptors);
  else
    reply->Fail(FailureOf(Member(answer, "error")));
  Rest();
  if (leaving_) KillIdle();
  Pump();
}

void ContainerFiles::BeginJob(const FileBase& base, const FileRootTarget& target, Request request) {
  std::vector<int> descriptors;
  for (const auto& fd : request.descriptors) descriptors.push_back(fd.get());
  auto keep = descriptors;
  keep.push_back(target.pidfd);
  const bool inject = StringMember(request.message, "what") == "inject";
  const auto access = inject && base.never_started ? RootAccess::kWritable : RootAccess::kAsMounted;
  const auto limits = LimitsOf(*plan_.host, plan_.stored.user_namespace);
  const auto number = std::make_shared<int>(-1);
  const auto ended = [self = shared_from_this(), number] {
    self->jobs_.erase(*number);
    self->AfterEnd();
  };
  *number = plan_.background->Run(
      request.reply, keep, [&](const auto& progress) { return RunFileJob(target, access, request.message, descriptors, limits, progress); },
      ended);
  if (*number >= 0) jobs_[*number] = request.Is("file.watch");
}

void ContainerFiles::OnCallerEnd() {
  const auto ended = std::move(caller_);
  if (const auto reply = std::exchange(current_, std::nullopt)) reply->Fail(canceled_ ? Fail("work", ECANCELED) : Died());
  canceled_ = false;
  AfterEnd();
}

// Those who joined it go with it, so that there is never a second mount beside the first.
void ContainerFiles::OnHolderEnd() {
  const auto ended = std::move(holder_);
  holding_ = false;
  if (!Free()) End(Died());
  AfterEnd();
}

void ContainerFiles::AfterEnd() {
  if (leaving_) {
    KillIdle();
    if (!Free()) return;
    leaving_ = false;
    if (const auto released = std::exchange(released_, nullptr)) released();
  }
  Rest();
  const auto self = shared_from_this();
  plan_.loop->Later([self] { self->Pump(); });
}

void ContainerFiles::FailWaiting(const Failure& failure) {
  for (const auto& request : std::exchange(waiting_, {})) request.reply.Fail(failure);
}

void ContainerFiles::End(const Failure& failure) {
  leaving_ = !Free();
  if (const auto reply = std::exchange(current_, std::nullopt)) reply->Fail(failure);
  if (caller_) caller_->Kill();
  if (holder_) holder_->Kill();
  for (const auto& [job, is_watch] : jobs_) plan_.background->Kill(job, failure);
  const auto self = shared_from_this();
  plan_.loop->Later([self] { self->Pump(); });
}

void ContainerFiles::Release(std::function<void()> released) {
  if (Free()) return released();
  released_ = std::move(released);
  leaving_ = true;
  for (const auto& [job, is_watch] : jobs_)
    if (is_watch) plan_.background->Kill(job, Ended());
  KillIdle();
}

void ContainerFiles::KillIdle() {
  if (!current_ && caller_) caller_->Kill();
  if (Idle() && holder_) holder_->Kill();
}

// Kept for a while: who asks for one file mostly asks for more.
void ContainerFiles::Rest() {
  if (rest_timer_) plan_.loop->Cancel(*std::exchange(rest_timer_, std::nullopt));
  if (!Idle() || Free()) return;
  rest_timer_ = plan_.loop->After(kKept, [self = shared_from_this()] {
    self->rest_timer_.reset();
    self->leaving_ = !self->Free();
    self->KillIdle();
  });
}

bool ContainerFiles::Cancel(const std::shared_ptr<Connection>& connection, std::int64_t request) {
  if (current_ && current_->request() == request && current_->connection() == connection) {
    canceled_ = true;
    caller_->Kill();
    return true;
  }
  const auto found = std::find_if(waiting_.begin(), waiting_.end(), [&](const Request& waiting) {
    return waiting.reply.request() == request && waiting.reply.connection() == connection;
  });
  if (found == waiting_.end()) return false;
  found->reply.Fail(Fail("work", ECANCELED));
  waiting_.erase(found);
  return true;
}

void ContainerFiles::Abandon(const std::shared_ptr<Connection>& connection) {
  std::erase_if(waiting_, [&](const Request& waiting) { return waiting.reply.connection() == connection; });
  if (current_ && current_->connection() == connection) caller_->Kill();
}

}  // namespace tsc
