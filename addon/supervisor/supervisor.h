// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "supervisor/background.h"
#include "supervisor/connection.h"
#include "supervisor/container.h"
#include "supervisor/create_template.h"
#include "supervisor/dials.h"
#include "supervisor/event_loop.h"
#include "supervisor/heap_return.h"
#include "supervisor/host.h"
#include "supervisor/networks.h"
#include "supervisor/nursery.h"
#include "supervisor/parking.h"
#include "supervisor/root_parking.h"
#include "supervisor/seccomp_cache.h"
#include "supervisor/text_ring.h"

namespace tsc {

// The process behind every engine of one run directory, or, with `only`, the monitor of one detached container: the same program over
// one container, with a socket of its own.
class Supervisor {
 public:
  Supervisor(Host host, UniqueFd lock) : host_(std::move(host)), lock_(std::move(lock)), seccomp_(host_.root_dir.get()) {}

  // Whether it can hear anybody.
  const Status& opened() const { return loop_.opened(); }
  // Takes over a listening socket and serves until nobody is connected and nothing is left to own.
  void Serve(UniqueFd listener, std::string socket_path);

 private:
  static constexpr std::size_t kEventsKept = 1024;
  static constexpr std::size_t kEventBytesKept = std::size_t{8} * 1024 * 1024;

  using Descriptors = std::vector<UniqueFd>;
  using Operation = void (Supervisor::*)(const Json&, Descriptors*, Reply);
  static const std::map<std::string, Operation>& Operations();

  void Accept();
  void OnPacket(const std::shared_ptr<Connection>& connection, Packet packet);
  void OnClose(const std::shared_ptr<Connection>& connection);
  void LetGo();
  void LeaveWhenIdle();
  void Reap();

  void Hello(const Json& message, Descriptors* descriptors, Reply reply);
  void Leave(const Json& message, Descriptors* descriptors, Reply reply);
  void Seccomp(const Json& message, Descriptors* descriptors, Reply reply);
  void Monitor(const Json& message, Descriptors* descriptors, Reply reply);
  void Create(const Json& message, Descriptors* descriptors, Reply reply);
  void List(const Json& message, Descriptors* descriptors, Reply reply);
  void OnContainer(const Json& message, Descriptors* descriptors, Reply reply);
  Result<CreateRequest> ReadCreate(const Json& message, Descriptors* descriptors);
  Status FindFilter(const std::shared_ptr<Container>& container);
  void StartContainer(const std::shared_ptr<Container>& container, const Reply& reply);
  void Dial(const Json& message, Descriptors* descriptors, Reply reply);
  void OnExec(const Json& message, Descriptors* descriptors, Reply reply);
  void Terminal(const Json& message, Descriptors* descriptors, Reply reply);
  void Cancel(const Json& message, Descriptors* descriptors, Reply reply);
  void Work(const Json& message, Descriptors* descriptors, Reply reply);
  void Layer(const Json& message, Descriptors* descriptors, Reply reply);
  void Tree(const Json& message, Descriptors* descriptors, Reply reply);
  void FixUp(const Json& message, Descriptors* descriptors, Reply reply);
  void Build(const Json& message, Descriptors* descriptors, Reply reply);
  void SealLayer(const Json& message, Descriptors* descriptors, Reply reply);
  void ReadLayers(const Json& message, Descriptors* descriptors, Reply reply);
  void Volume(const Json& message, Descriptors* descriptors, Reply reply);
  // The name of a container that has it.
  std::string VolumeUser(const std::string& volume) const;
  void Network(const Json& message, Descriptors* descriptors, Reply reply);

  ContainerContext Context();
  std::shared_ptr<Container> Find(const std::string& id);
  std::shared_ptr<Container> AdoptStopped(const std::string& id);
  void Emit(const std::string& type, const Container& container, Json extra);
  // monitor_start.cc: what the monitor does first, beside waiting to be asked.
  enum class Errand { kNone, kStart };
  Status StartMonitor(const std::string& id, Errand errand);
  void EnterMonitor(const std::string& id, UniqueFd listener, Errand errand);
  void StartAfterBoot();
  void RunErrand();
  void WatchMonitors();
  void FindMonitor(const std::string& id);
  void WatchMonitor(const std::string& id, pid_t pid);
  void ForgetMonitor(const std::string& id);
  void OnMonitorEnd(const std::string& id);
  void ReclaimFromMonitor(const std::string& id);
  void RemoveLeftCgroup(const std::string& id, int attempt);

  Host host_;
  UniqueFd lock_;
  EventLoop loop_;
  SeccompCache seccomp_;
  CreateTemplates templates_;
  Nursery nursery_{&loop_, &host_};
  Parking parking_{&loop_, &host_, &nursery_};
  RootParking roots_{&loop_, &host_, &nursery_, [this] { Reap(); }};
  Dials dials_{&loop_};
  HeapReturn heap_{&loop_};
  Background background_{&loop_, [this] { LeaveWhenIdle(); }};
  Networks networks_{&loop_, &host_, &background_};
  UniqueFd listener_;
  std::string socket_path_;
  std::optional<EventLoop::TimerId> reap_timer_;
  EventLoop::Clock::time_point reap_since_;
  std::string only_;  // the container of a monitor
  bool asked_ = false;
  std::string text_;         // of the message being handled
  std::string_view common_;  // its second line
  std::set<std::shared_ptr<Connection>> connections_;
  std::set<std::shared_ptr<Connection>> leaving_;  // they have nothing here any more, and wait for our own end if they were the last
  std::map<std::string, std::shared_ptr<Container>> containers_;
  std::map<std::string, UniqueFd> monitors_;       // by container: what tells of their end
  TextRing events_{kEventsKept, kEventBytesKept};  // the last ones, for those who come back
  std::uint64_t sequence_ = 0;
  std::int64_t epoch_ = 0;  // tells cursors of another life of the supervisor apart
};

}  // namespace tsc
