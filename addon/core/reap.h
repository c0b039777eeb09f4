// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <signal.h>
#include <sys/resource.h>

namespace tsc {

// Takes the end of a child that has ended, and what it used if that is asked for. False: it has not, or was taken before.
bool TakeEnd(int pidfd, siginfo_t* info, rusage* usage = nullptr);

// Kills a child and takes its end away. Returns after a few seconds at the latest: one that the kernel holds (a disk that does not answer,
// a signal that it would not take) is left to whoever reaps after us, since nobody who asks may wait for it.
void KillAndReap(int pidfd);

// As that for a child that was asked to end by itself: killed only when it takes more than two seconds.
void AwaitAndReap(int pidfd);

// Whether it has ended, or does so within that time. It is not taken away.
bool AwaitEnd(int pidfd, int timeout_ms);

}  // namespace tsc
