// SPDX-License-Identifier: Apache-2.0
// A life by the engine's C++ core alone, in alternation with the floor, so that both see the same noise.
//   tscontainer-bench-life --config CONFIG.JSON --lower DIR --scratch DIR [-n PAIRS] [--idle-ms MS]
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include "common/floor_life.h"
#include "common/life.h"
#include "common/measure.h"

namespace {

constexpr int kPlain = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWCGROUP;
constexpr int kAll = kPlain | CLONE_NEWNET | CLONE_NEWUSER;

struct Arguments {
  std::string config, lower, scratch;
  int pairs = 50, idle_ms = 0;
};

Arguments Parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string word = argv[i];
    if (word == "--config")
      arguments.config = argv[i + 1];
    else if (word == "--lower")
      arguments.lower = argv[i + 1];
    else if (word == "--scratch")
      arguments.scratch = argv[i + 1];
    else if (word == "-n")
      arguments.pairs = std::atoi(argv[i + 1]);
    else if (word == "--idle-ms")
      arguments.idle_ms = std::atoi(argv[i + 1]);
  }
  return arguments;
}

[[noreturn]] void Stop(const tsc::Failure& failure) {
  std::cerr << failure.step << " " << failure.object << ": " << std::strerror(failure.error) << "\n";
  std::exit(1);
}

struct Samples {
  std::vector<double> plain, all, ratio, ratio_plain;
  std::vector<bench::LifeTimes> lives;
};

double FloorLife(const bench::FloorOptions& options) {
  const double before = bench::NowUs();
  bench::EndFloor(bench::StartFloor(options, "/bin/true", nullptr));
  return bench::NowUs() - before;
}

tsc::Result<Samples> Measure(const Arguments& arguments, const bench::LifeInput& input, bench::FloorOptions floor) {
  Samples samples;
  for (int i = 0; i < arguments.pairs; ++i) {
    floor.namespaces = kPlain;
    bench::SleepMs(arguments.idle_ms);
    samples.plain.push_back(FloorLife(floor));
    bench::SleepMs(arguments.idle_ms);
    const auto life = TSC_TRY(bench::RunLife(input));
    samples.lives.push_back(life);
    floor.namespaces = kAll;
    bench::SleepMs(arguments.idle_ms);
    samples.all.push_back(FloorLife(floor));
    samples.ratio_plain.push_back(life.removed / samples.plain.back());
    samples.ratio.push_back(life.removed / samples.all.back());
  }
  return samples;
}

// Each step's own time, not the time since the beginning.
void PrintSteps(const std::vector<bench::LifeTimes>& lives) {
  using Times = bench::LifeTimes;
  const std::vector<std::pair<const char*, std::function<double(const Times&)>>> steps = {
      {"life", [](const Times& t) { return t.removed; }},
      {"life: prepare", [](const Times& t) { return t.prepared; }},
      {"life: cgroups", [](const Times& t) { return t.limited - t.prepared; }},
      {"life: clone", [](const Times& t) { return t.cloned - t.limited; }},
      {"life: until ready", [](const Times& t) { return t.ready - t.cloned; }},
      {"life: until exec", [](const Times& t) { return t.executed - t.ready; }},
      {"life: until end", [](const Times& t) { return t.ended - t.executed; }},
      {"life: remove", [](const Times& t) { return t.removed - t.ended; }}};
  for (const auto& [name, step] : steps) {
    std::vector<double> values;
    for (const auto& life : lives) values.push_back(step(life));
    bench::Print(bench::SummaryJson(name, values));
  }
}

}  // namespace

int main(int argc, char** argv) {
  const auto arguments = Parse(argc, argv);
  if (arguments.config.empty() || arguments.lower.empty() || arguments.scratch.empty()) {
    std::cerr << "usage: tscontainer-bench-life --config CONFIG.JSON --lower DIR --scratch DIR [-n PAIRS] [--idle-ms MS]\n";
    return 2;
  }
  const std::string root = arguments.scratch + "/engine";
  auto host = tsc::OpenHost({.root = root, .run_root = arguments.scratch + "/run"});
  if (!host.ok()) Stop(host.failure());
  const std::string layer = root + "/layers/bench/fs";
  std::filesystem::remove_all(layer);
  std::filesystem::create_directories(layer);
  std::filesystem::copy(arguments.lower, layer,
                        std::filesystem::copy_options::recursive | std::filesystem::copy_options::copy_symlinks |
                            std::filesystem::copy_options::overwrite_existing);
  const auto input = bench::ReadLifeInput(arguments.config, &*host, "bench");
  if (!input.ok()) Stop(input.failure());
  const bench::FloorOptions floor{layer, root + "/tmp", host->staging, 0};
  const auto measured = Measure(arguments, *input, floor);
  (void)host->cgroups->Reclaim([](std::string_view) { return false; });
  (void)host->cgroups->Close();
  if (!measured.ok()) Stop(measured.failure());
  const auto& samples = *measured;
  bench::Print(bench::SummaryJson("floor", samples.plain));
  bench::Print(bench::SummaryJson("floor with network and user namespace", samples.all));
  PrintSteps(samples.lives);
  std::printf("{\"name\":\"ratio\",\"toFloor\":%.2f,\"toFloorWithAllNamespaces\":%.2f,\"userNamespace\":%s}\n",
              bench::Quantile(samples.ratio_plain, 0.5), bench::Quantile(samples.ratio, 0.5), host->user_namespaces ? "true" : "false");
  return 0;
}
