// SPDX-License-Identifier: Apache-2.0
#include "files/file_calls.h"
#include "files/file_copy.h"
#include "supervisor/container.h"

// What the work on a container's files has to know of its life, and the other way round.
namespace tsc {

FileBase Container::BaseOfFiles() const {
  if (removing_) return {FileBase::kGone};
  switch (state_) {
    case ContainerState::kPreparing:
      return {FileBase::kWait};
    case ContainerState::kStopped:
      // Its last processes may still have the root.
      return {start_reply_ || restarting_ || cgroup_ || alive() ? FileBase::kWait : FileBase::kStored};
    default:
      break;
  }
  if (!alive()) return {FileBase::kWait};
  const bool mapped = request_.user_namespace && context_.host->user_namespaces;
  return {FileBase::kLive, {launched_.pidfd.get(), mapped}, state_ == ContainerState::kCreated && !exit_};
}

void Container::AskFiles(const Json& request, std::vector<UniqueFd>* descriptors, Reply reply) {
  const auto op = StringMember(request, "op");
  const auto name = StringMember(request, op == "file" ? "call" : "what");
  if (op == "file" ? !IsFileCall(name) : op == "file.copy" && !IsFileCopy(name)) return reply.Fail(Fail("start worker", ENOSYS, name));
  if (!files_) {
    ContainerFiles::Plan plan{context_.loop, context_.host, context_.background, {}, {}};
    plan.stored = {id(), request_.layers, request_.user_namespace && context_.host->user_namespaces, request_.detached};
    plan.base = [weak = weak_from_this()] {
      const auto self = weak.lock();
      return self ? self->BaseOfFiles() : FileBase{FileBase::kGone};
    };
    files_ = std::make_shared<ContainerFiles>(std::move(plan));
  }
  files_->Ask(request, descriptors, std::move(reply));
}

void Container::EndFiles(const Failure& failure) {
  if (files_) files_->End(failure);
}

void Container::PumpFiles() {
  if (files_) files_->Pump();
}

void Container::ReleaseFiles(std::function<void()> released) {
  if (!files_) return released();
  files_->Release(std::move(released));
}

}  // namespace tsc
