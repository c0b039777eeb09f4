// SPDX-License-Identifier: Apache-2.0
// The floor. One small process that does on demand what the kernel asks of any container, timed by itself.
//   tscontainer-bench-floor --lower DIR --scratch DIR [--namespaces all|plain|linked] [--v1-only] [-n N] [--idle-ms MS] WORDS
// WORDS: life | exec | parallel TOTAL AT_A_TIME | run TOTAL AT_A_TIME PROGRAM [ARGUMENT…]   (whole processes of another engine)
//        serve: reads such words a line and answers each with {"us":…}, so that another program can alternate with it
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "common/flight.h"
#include "common/floor_life.h"
#include "common/floor_link.h"
#include "common/measure.h"

namespace {

using bench::FloorOptions;
using bench::FloorProcess;

constexpr int kPlain = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWCGROUP;
constexpr int kAll = kPlain | CLONE_NEWNET | CLONE_NEWUSER;

struct Arguments {
  FloorOptions floor;
  int count = 50, idle_ms = 0;
  bool v1_only = false;
  std::vector<std::string> words;
};

void Choose(const std::string& namespaces, FloorOptions* floor) {
  floor->namespaces = namespaces == "plain" ? kPlain : kAll;
  floor->linked = namespaces == "linked";
}

Arguments Parse(int argc, char** argv) {
  Arguments arguments;
  arguments.floor.namespaces = kPlain;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const bool valued = i + 1 < argc;
    if (word == "--lower" && valued)
      arguments.floor.lower = argv[++i];
    else if (word == "--scratch" && valued)
      arguments.floor.scratch = argv[++i];
    else if (word == "--namespaces" && valued)
      Choose(argv[++i], &arguments.floor);
    else if (word == "--v1-only")
      arguments.v1_only = true;
    else if (word == "-n" && valued)
      arguments.count = std::atoi(argv[++i]);
    else if (word == "--idle-ms" && valued)
      arguments.idle_ms = std::atoi(argv[++i]);
    else
      arguments.words.push_back(word);
  }
  arguments.floor.staging = arguments.floor.scratch + "/root";
  return arguments;
}

double Timed(const std::function<void()>& work) {
  const double before = bench::NowUs();
  work();
  return bench::NowUs() - before;
}

void Life(const FloorOptions& options) { bench::EndFloor(bench::StartFloor(options, "/bin/true", nullptr)); }

bench::Flight LifeInFlight(const FloorOptions& options) {
  const auto process = bench::StartFloor(options, "/bin/true", nullptr);
  return {process.pidfd, [process] { bench::EndFloor(process); }};
}

// Every "{}" is another number, for names that must not be used twice at a time.
bench::Flight ProgramInFlight(std::vector<std::string> argv) {
  static int count = 0;
  const std::string number = std::to_string(++count);
  for (auto& word : argv) {
    if (const auto at = word.find("{}"); at != std::string::npos) word.replace(at, 2, number);
  }
  const int pidfd = bench::StartProgram(argv);
  return {pidfd, [pidfd, argv] { bench::EndProgram(pidfd, argv); }};
}

std::vector<std::string> Rest(std::istream& words) {
  std::vector<std::string> rest;
  for (std::string word; words >> word;) rest.push_back(word);
  return rest;
}

// A container to exec in, made at the first exec and ended with the program.
class Box {
 public:
  explicit Box(const FloorOptions& options) : options_(options) {}
  ~Box() {
    if (process_.pid == 0) return;
    ::kill(process_.pid, SIGKILL);
    bench::EndFloor(process_);
  }
  double Exec() {
    if (process_.pid == 0) {
      process_ = bench::StartFloor(options_, "/bin/sleep", "1000");
      bench::SleepMs(50);
    }
    return Timed([this] { bench::FloorExec(process_, options_.namespaces); });
  }

 private:
  FloorOptions options_;
  FloorProcess process_;
};

double Run(const FloorOptions& options, Box* box, std::istream& words) {
  std::string what;
  words >> what;
  if (what == "exec") return box->Exec();
  if (what == "life") return Timed([&] { Life(options); });
  int total = 0, at_a_time = 0;
  if (what == "parallel" && words >> total >> at_a_time) {
    return Timed([&] { bench::Fly(total, at_a_time, [&] { return LifeInFlight(options); }); });
  }
  if (what == "run" && words >> total >> at_a_time) {
    const auto argv = Rest(words);
    return Timed([&] { bench::Fly(total, at_a_time, [&] { return ProgramInFlight(argv); }); });
  }
  return -1;
}

void Serve(const FloorOptions& options, Box* box) {
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    bench::Print("{\"us\":" + std::to_string(Run(options, box, words)) + "}");
  }
}

}  // namespace

int main(int argc, char** argv) {
  const auto arguments = Parse(argc, argv);
  const auto& floor = arguments.floor;
  if (floor.lower.empty() || floor.scratch.empty() || arguments.words.empty()) {
    std::cerr << "usage: tscontainer-bench-floor --lower DIR --scratch DIR [--namespaces all|plain|linked] [-n N] [--idle-ms MS] "
                 "life|exec|parallel|serve\n";
    return 2;
  }
  bench::EnterOwnMounts();
  // crun refuses a machine with both kinds of cgroups: in our own mount namespace there need be only one.
  if (arguments.v1_only) ::umount2("/sys/fs/cgroup/unified", MNT_DETACH);
  ::mkdir(floor.staging.c_str(), 0755);
  if (floor.linked) bench::MakeFloorBridge();
  Box box(floor);
  if (arguments.words[0] == "serve") {
    Serve(floor, &box);
    return 0;
  }
  std::string request;
  for (const auto& word : arguments.words) request += word + " ";
  std::vector<double> samples;
  for (int i = 0; i < arguments.count; ++i) {
    bench::SleepMs(arguments.idle_ms);
    std::istringstream words(request);
    samples.push_back(Run(floor, &box, words));
  }
  bench::Print(bench::SummaryJson("floor " + arguments.words[0], samples));
  return 0;
}
