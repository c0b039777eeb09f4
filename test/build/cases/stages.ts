// SPDX-License-Identifier: Apache-2.0
import type { BuildCase } from '../build-case.js'
import { base, lines, onBase } from '../dockerfile.js'

const three = lines(
  `FROM ${base} AS one`,
  'RUN echo 1 > /one',
  'FROM one AS two',
  'RUN echo 2 > /two',
  `FROM ${base} AS three`,
  'COPY --from=two /two /from-two',
)

/** Stages, targets and ONBUILD. */
export const stageCases: readonly BuildCase[] = [
  { name: 'stage-last-is-built', dockerfile: three },
  { name: 'stage-target', dockerfile: three, target: 'two' },
  { name: 'stage-target-by-number-fails', dockerfile: three, target: '0', fails: true },
  { name: 'stage-target-ignores-case', dockerfile: three, target: 'TWO' },
  { name: 'stage-target-unknown-fails', dockerfile: three, target: 'four', fails: true },
  {
    name: 'stage-name-in-upper-case-after-from-fails',
    dockerfile: lines(`FROM ${base} as One`, 'RUN echo 1 > /one', 'FROM ONE', 'RUN cat /one'),
    fails: true,
  },
  {
    name: 'stage-beats-an-image-of-that-name',
    dockerfile: lines('FROM tsc-test/bare:1 AS alpine', 'FROM alpine', 'COPY f /f'),
    context: { f: 'f\n' },
  },
  {
    name: 'stage-unused-is-not-built',
    dockerfile: lines(`FROM ${base} AS broken`, 'RUN false', `FROM ${base}`, 'RUN true'),
  },
  {
    name: 'stage-used-that-fails',
    dockerfile: lines(`FROM ${base} AS broken`, 'RUN false', `FROM ${base}`, 'COPY --from=broken /etc/passwd /x'),
    fails: true,
  },
  {
    name: 'stage-config-is-inherited',
    dockerfile: lines(
      `FROM ${base} AS one`,
      'ENV A=1',
      'WORKDIR /w',
      'USER app',
      'CMD ["x"]',
      'LABEL l=1',
      'EXPOSE 80',
      'FROM one',
    ),
  },
  {
    name: 'stage-config-is-not-of-copies',
    dockerfile: lines(`FROM ${base} AS one`, 'ENV A=1', 'WORKDIR /w', `FROM ${base}`, 'COPY --from=one /etc/passwd /x'),
  },
  { name: 'stage-bad-name-fails', dockerfile: lines(`FROM ${base} AS 1one`, 'RUN true'), fails: true },
  {
    name: 'stage-same-name-twice',
    dockerfile: lines(`FROM ${base} AS one`, 'RUN echo 1 > /x', `FROM ${base} AS one`, 'RUN echo 2 > /x', 'FROM one'),
  },
  {
    name: 'stage-from-later-stage-is-an-image',
    dockerfile: lines('FROM later AS first', 'RUN true', `FROM ${base} AS later`),
    target: 'first',
    fails: true,
  },
  {
    name: 'stage-copy-from-later-fails',
    dockerfile: lines(`FROM ${base} AS one`, 'COPY --from=two /x /y', `FROM ${base} AS two`, 'FROM one'),
    fails: true,
  },
  {
    name: 'stage-named-scratch',
    dockerfile: lines(`FROM ${base} AS scratch`, 'RUN true', 'FROM scratch', 'COPY f /f'),
    context: { f: 'f\n' },
  },
  {
    name: 'stage-platform-flag',
    dockerfile: lines(
      `FROM --platform=$BUILDPLATFORM ${base} AS one`,
      'RUN echo 1 > /one',
      'FROM scratch',
      'COPY --from=one /one /',
    ),
  },
  {
    name: 'stage-platform-of-the-target',
    dockerfile: lines('FROM scratch', 'ARG TARGETARCH', 'COPY f /${TARGETARCH}'),
    context: { f: 'f\n' },
    platform: 'linux/arm64',
  },
  {
    name: 'stage-platform-variant',
    dockerfile: lines(
      'FROM scratch',
      'ARG TARGETARCH TARGETVARIANT TARGETPLATFORM',
      'ENV V=$TARGETARCH-$TARGETVARIANT-$TARGETPLATFORM',
    ),
    platform: 'linux/arm/v7',
  },
  {
    name: 'stage-platform-nonsense-fails',
    dockerfile: lines(`FROM --platform=wat/wat/wat/wat ${base}`, 'RUN true'),
    fails: true,
  },
  {
    name: 'stage-named-context-replaces-it',
    dockerfile: lines(`FROM ${base} AS one`, 'RUN echo 1 > /one', 'FROM scratch', 'COPY --from=one /one /'),
    contexts: { one: { one: 'in its place\n' } },
  },
  {
    name: 'onbuild-of-a-stage',
    dockerfile: lines(
      `FROM ${base} AS one`,
      'ONBUILD RUN echo 1 > /triggered',
      'ONBUILD ENV T=1',
      'FROM one',
      'RUN ls / > /out',
    ),
  },
  { name: 'onbuild-is-kept-in-the-config', dockerfile: onBase('ONBUILD RUN echo  "a b"', 'ONBUILD COPY . /x') },
  {
    name: 'onbuild-of-the-base-runs-first',
    dockerfile: lines('FROM tsc-test/triggers:1', 'RUN cat /triggered /from-trigger > /out'),
    context: { 'from-trigger': 'ctx\n' },
  },
  {
    name: 'onbuild-of-the-base-is-gone-after',
    dockerfile: lines('FROM tsc-test/triggers:1 AS one', 'FROM one', 'RUN ls / > /out'),
    context: { 'from-trigger': 'ctx\n' },
  },
  { name: 'onbuild-of-the-base-that-fails', dockerfile: lines('FROM tsc-test/triggers:1', 'RUN true'), fails: true },
  { name: 'onbuild-onbuild-fails', dockerfile: onBase('ONBUILD ONBUILD RUN true'), fails: true },
  { name: 'onbuild-from-fails', dockerfile: onBase('ONBUILD FROM scratch'), fails: true },
  { name: 'onbuild-maintainer-fails', dockerfile: onBase('ONBUILD MAINTAINER me'), fails: true },
  {
    name: 'onbuild-copy-from-a-stage',
    dockerfile: lines(
      `FROM ${base} AS data`,
      'RUN echo d > /d',
      `FROM ${base} AS one`,
      'ONBUILD COPY --from=data /d /copied',
      'FROM one',
    ),
  },
  { name: 'onbuild-unknown-instruction-is-kept', dockerfile: onBase('ONBUILD WAT x') },
  {
    name: 'onbuild-unknown-instruction-is-found-late',
    dockerfile: lines(`FROM ${base} AS one`, 'ONBUILD WAT x', 'FROM one'),
    fails: true,
  },
  {
    name: 'stage-name-is-in-lower-case',
    dockerfile: lines(`FROM ${base} AS One`, 'RUN echo 1 > /one', 'FROM one', 'RUN cat /one'),
  },
  {
    name: 'onbuild-of-two-levels',
    dockerfile: lines(
      `FROM ${base} AS one`,
      'ONBUILD RUN echo 1 >> /log',
      'FROM one AS two',
      'ONBUILD RUN echo 2 >> /log',
      'FROM two',
    ),
  },
]
