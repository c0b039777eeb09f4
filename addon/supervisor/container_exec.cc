// SPDX-License-Identifier: Apache-2.0
#include "supervisor/container.h"
#include "supervisor/exec_process.h"

// What is asked of a container's execs.
namespace tsc {

void Container::Exec(const Json& message, std::vector<UniqueFd>* descriptors, Reply reply) {
  if (state_ != ContainerState::kRunning) return reply.Fail(WrongState("exec", state_));
  auto exec = std::make_shared<ExecProcess>(shared_from_this(), reply);
  const auto started = exec->Start(message, descriptors);
  if (!started.ok()) return reply.Fail(started.failure());
  execs_[exec->id()] = std::move(exec);
}

Status Container::KillExec(const std::string& exec, int signal) {
  const auto it = execs_.find(exec);
  if (it == execs_.end()) return Fail("kill exec", ESRCH, exec);
  return it->second->Kill(signal);
}

bool Container::CancelRequest(const std::shared_ptr<Connection>& connection, std::int64_t request) {
  if (stdio_.Cancel(connection, request)) return true;
  for (const auto& entry : execs_) {
    if (entry.second->request() != request || entry.second->connection() != connection) continue;
    entry.second->Cancel();
    return true;
  }
  return false;
}

void Container::Abandon(const std::shared_ptr<Connection>& connection) {
  stdio_.Abandon(connection);
  const auto execs = execs_;  // an end changes the map
  for (const auto& [id, exec] : execs) {
    if (exec->connection() != connection) continue;
    if (exec->detached())
      exec->Leave();
    else
      exec->Cancel();
  }
}

Json Container::Execs(const std::string& exec) {
  Json found = Json::array();
  const auto wanted = [&](const std::string& id) { return exec.empty() || exec == id; };
  for (auto& description : exec_history_.All(exec))
    if (wanted(StringMember(description, "id"))) found.push_back(std::move(description));
  for (const auto& [id, process] : execs_)
    if (wanted(id) && !process->own()) found.push_back(process->Describe());
  return found;
}

Status Container::WaitExec(const std::string& exec, const Reply& reply) {
  if (const auto it = execs_.find(exec); it != execs_.end()) {
    it->second->Wait(reply);
    return {};
  }
  const Json ended = exec_history_.Find(exec);
  if (!ended.is_object()) return Fail("find exec", ESRCH, exec);
  reply.Ok(Member(ended, "result"));
  return {};
}

Status Container::DetachExec(const std::string& exec) {
  const auto it = execs_.find(exec);
  if (it == execs_.end()) return Fail("find exec", ESRCH, exec);
  it->second->Detach();
  return {};
}

}  // namespace tsc
