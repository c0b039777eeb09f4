// SPDX-License-Identifier: Apache-2.0

/** The base image that most cases build on. */
export const base = 'tsc-test/base:1'

/** Lines of a Dockerfile on the base image. */
export const onBase = (...lines: readonly string[]): string => `FROM ${base}\n${lines.join('\n')}\n`

/** Lines of a Dockerfile as they are. */
export const lines = (...all: readonly string[]): string => `${all.join('\n')}\n`
