// SPDX-License-Identifier: Apache-2.0
// The floor. One process that does on demand what the kernel asks of any container, timed by itself.
//   tscontainer-bench-floor [--lower DIR] [--scratch DIR] [--namespaces all|plain] [-n N] [--idle-ms MS] life | exec | parallel AT_A_TIME
//   tscontainer-bench-floor … serve      reads such a word a line and answers each with {"us":…}, so that another can alternate with it
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <functional>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "common/floor_life.h"
#include "common/measure.h"

namespace {

using bench::FloorOptions;
using bench::FloorProcess;

constexpr int kPlain = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWCGROUP;
constexpr int kAll = kPlain | CLONE_NEWNET | CLONE_NEWUSER;

struct Arguments {
  FloorOptions floor;
  int count = 50, idle_ms = 0;
  std::vector<std::string> words;
};

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
      arguments.floor.namespaces = std::strcmp(argv[++i], "all") == 0 ? kAll : kPlain;
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

// `total` lives, `at_a_time` of them in flight, the oldest waited for first.
void Parallel(const FloorOptions& options, int total, int at_a_time) {
  std::vector<FloorProcess> flying;
  std::vector<pollfd> polls;
  for (int started = 0; started < total || !flying.empty();) {
    while (started < total && static_cast<int>(flying.size()) < at_a_time) {
      flying.push_back(bench::StartFloor(options, "/bin/true", nullptr));
      polls.push_back({flying.back().pidfd, POLLIN, 0});
      ++started;
    }
    if (::poll(polls.data(), polls.size(), -1) < 0) continue;
    for (std::size_t i = flying.size(); i-- > 0;) {
      if (!polls[i].revents) continue;
      bench::EndFloor(flying[i]);
      flying.erase(flying.begin() + static_cast<std::ptrdiff_t>(i));
      polls.erase(polls.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }
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
  int total = 40, at_a_time = 8;
  if (what == "parallel" && words >> total >> at_a_time) return Timed([&] { Parallel(options, total, at_a_time); });
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
    std::cerr << "usage: tscontainer-bench-floor --lower DIR --scratch DIR [--namespaces all|plain] [-n N] [--idle-ms MS] "
                 "life|exec|parallel|serve\n";
    return 2;
  }
  bench::EnterOwnMounts();
  ::mkdir(floor.staging.c_str(), 0755);
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
