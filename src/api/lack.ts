// SPDX-License-Identifier: Apache-2.0
import type { HostLack } from '../errors/host-report.js'
import type { ProbeAttempt } from './probe-message.js'

/** Nothing runs without it. */
export function fatal(feature: string, problem: string, fix: string): HostLack {
  return { feature, fatal: true, problem, fix }
}

/** Something cannot be had; the rest works. */
export function lack(feature: string, problem: string, fix: string): HostLack {
  return { feature, fatal: false, problem, fix }
}

/** What failed, in brackets, with a space before them. */
export function why({ errno, step }: ProbeAttempt): string {
  return errno === null ? '' : ` (${step.trim() ? `${step.trim()}: ` : ''}${errno})`
}
