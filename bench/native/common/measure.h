// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

// What the bench's programs share: a clock, medians, and one line of JSON for each answer.
namespace bench {

inline double NowUs() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

inline void SleepMs(int milliseconds) {
  if (milliseconds > 0) ::usleep(static_cast<useconds_t>(milliseconds) * 1000);
}

// The value below which `part` of the samples lie.
inline double Quantile(std::vector<double> samples, double part) {
  if (samples.empty()) return 0;
  std::sort(samples.begin(), samples.end());
  return samples[static_cast<std::size_t>(part * static_cast<double>(samples.size() - 1))];
}

inline std::string SummaryJson(const std::string& name, const std::vector<double>& us) {
  char text[256];
  std::snprintf(text, sizeof text, "{\"name\":\"%s\",\"n\":%zu,\"medianUs\":%.1f,\"p10Us\":%.1f,\"p90Us\":%.1f,\"minUs\":%.1f}",
                name.c_str(), us.size(), Quantile(us, 0.5), Quantile(us, 0.1), Quantile(us, 0.9), Quantile(us, 0));
  return text;
}

inline void Print(const std::string& json) {
  std::fputs((json + "\n").c_str(), stdout);
  std::fflush(stdout);
}

}  // namespace bench
