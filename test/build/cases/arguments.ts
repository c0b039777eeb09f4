// SPDX-License-Identifier: Apache-2.0
import type { BuildCase } from '../build-case.js'
import { base, lines, onBase } from '../dockerfile.js'

const show = 'RUN echo "A=${A-unset} B=${B-unset}" > /out'

/** ARG and ENV: where they are seen, and what they expand to. */
export const argumentCases: readonly BuildCase[] = [
  { name: 'arg-default', dockerfile: onBase('ARG A=one', show) },
  { name: 'arg-given', dockerfile: onBase('ARG A=one', show), args: { A: 'two' } },
  { name: 'arg-given-empty', dockerfile: onBase('ARG A=one', show), args: { A: '' } },
  { name: 'arg-without-default-is-unset', dockerfile: onBase('ARG A', show) },
  { name: 'arg-before-its-line-is-unset', dockerfile: onBase(show, 'ARG A=one'), args: { A: 'two' } },
  { name: 'arg-not-declared-is-not-seen', dockerfile: onBase(show), args: { A: 'two' } },
  { name: 'arg-several-on-a-line', dockerfile: onBase('ARG A=1 B=${A}2', show) },
  { name: 'arg-quoted-default', dockerfile: onBase('ARG A="x y" B=\'$A\'', show) },
  { name: 'arg-global-is-for-from-only', dockerfile: lines('ARG A=global', `FROM ${base}`, show) },
  { name: 'arg-global-declared-again', dockerfile: lines('ARG A=global', `FROM ${base}`, 'ARG A', show) },
  {
    name: 'arg-global-declared-again-with-default',
    dockerfile: lines('ARG A=global', `FROM ${base}`, 'ARG A=stage', show),
  },
  { name: 'arg-global-given', dockerfile: lines('ARG A=global', `FROM ${base}`, 'ARG A', show), args: { A: 'given' } },
  {
    name: 'arg-global-in-from',
    dockerfile: lines('ARG NAME=base', 'ARG TAG=1', 'FROM tsc-test/${NAME}:${TAG}', 'RUN true'),
  },
  {
    name: 'arg-global-of-a-global',
    dockerfile: lines('ARG X=ba', 'ARG NAME=${X}se', 'FROM tsc-test/${NAME}:1', 'ARG NAME', 'RUN echo $NAME > /out'),
  },
  { name: 'arg-in-from-with-default-form', dockerfile: lines('ARG NAME', 'FROM tsc-test/${NAME:-base}:1', 'RUN true') },
  { name: 'arg-in-from-unset-fails', dockerfile: lines('ARG NAME', 'FROM $NAME', 'RUN true'), fails: true },
  { name: 'arg-ends-with-its-stage', dockerfile: lines(`FROM ${base} AS one`, 'ARG A=1', `FROM ${base}`, show) },
  { name: 'arg-is-inherited-by-stages-from-it', dockerfile: lines(`FROM ${base} AS one`, 'ARG A=1', 'FROM one', show) },
  { name: 'arg-env-beats-arg', dockerfile: onBase('ENV A=env', 'ARG A=arg', show), args: { A: 'given' } },
  { name: 'arg-env-after-arg-beats-it', dockerfile: onBase('ARG A=arg', 'ENV A=env', show), args: { A: 'given' } },
  { name: 'arg-env-of-an-arg', dockerfile: onBase('ARG A=arg', 'ENV B=$A', show), args: { A: 'given' } },
  {
    name: 'arg-env-of-the-base-beats-arg',
    dockerfile: lines('FROM tsc-test/configured:1', 'USER root', 'ARG FROM_BASE=arg', 'RUN echo $FROM_BASE > /out'),
    args: { FROM_BASE: 'given' },
  },
  {
    name: 'arg-is-not-in-the-config',
    dockerfile: onBase('ARG SECRETISH=x', 'RUN env > /out'),
    args: { SECRETISH: 'y' },
  },
  {
    name: 'arg-predefined-proxies',
    dockerfile: onBase('RUN echo "$HTTP_PROXY $no_proxy" > /out'),
    args: { HTTP_PROXY: 'http://proxy.invalid:1', no_proxy: 'x' },
  },
  {
    name: 'arg-predefined-proxy-declared',
    dockerfile: onBase('ARG HTTP_PROXY', 'RUN echo "$HTTP_PROXY" > /out'),
    args: { HTTP_PROXY: 'http://proxy.invalid:1' },
  },
  {
    name: 'arg-platform-values',
    dockerfile: onBase(
      'ARG TARGETPLATFORM',
      'ARG TARGETOS TARGETARCH TARGETVARIANT',
      'ARG BUILDPLATFORM',
      'RUN echo "$TARGETPLATFORM $TARGETOS $TARGETARCH ($TARGETVARIANT) $BUILDPLATFORM" > /out',
    ),
    platform: 'linux/amd64',
  },
  { name: 'arg-platform-values-not-declared', dockerfile: onBase('RUN echo "[$TARGETPLATFORM]" > /out') },
  {
    name: 'arg-target-stage',
    dockerfile: lines(`FROM ${base} AS one`, 'ARG TARGETSTAGE', 'RUN echo "[$TARGETSTAGE]" > /out'),
    target: 'one',
  },
  {
    name: 'arg-in-copy-and-workdir',
    dockerfile: onBase('ARG D=/made', 'WORKDIR $D/x', 'COPY f ${D}/y'),
    context: { f: 'f\n' },
  },
  {
    name: 'arg-in-label-user-expose-volume-stopsignal',
    dockerfile: onBase('ARG V=5', 'LABEL l=$V', 'USER $V', 'EXPOSE 80$V', 'VOLUME /v$V', 'STOPSIGNAL SIGRTMIN+$V'),
  },
  {
    name: 'arg-cmd-and-entrypoint-are-not-expanded',
    dockerfile: onBase('ENV A=1', 'ENTRYPOINT ["echo", "$A"]', 'CMD echo $A'),
  },
  {
    name: 'arg-onbuild-is-expanded-later',
    dockerfile: lines(`FROM ${base} AS one`, 'ARG A=1', 'ONBUILD ENV B=$A', 'FROM one', 'RUN echo $B > /out'),
  },
  { name: 'env-several-on-a-line-see-the-values-before', dockerfile: onBase('ENV A=1', 'ENV A=2 B=$A', show) },
  { name: 'env-old-form', dockerfile: onBase('ENV A one two  three', show) },
  {
    name: 'env-quotes-and-blanks',
    dockerfile: onBase('ENV A="x y" B=z\\ w', 'RUN env | grep -E ^[AB]= | sort > /out'),
  },
  { name: 'env-double-quotes-inside', dockerfile: onBase('ENV A="say \\"hi\\""', 'RUN env | grep ^A= > /out') },
  { name: 'env-single-quotes-do-not-expand', dockerfile: onBase("ENV A=1 B='$A'", 'RUN env | grep ^B= > /out') },
  {
    name: 'env-escaped-dollar',
    dockerfile: onBase('ENV A=1', 'ENV B=\\$A C="\\$A"', 'RUN env | grep -E ^[BC]= | sort > /out'),
  },
  { name: 'env-replaces-in-place', dockerfile: onBase('ENV A=1 B=2', 'ENV A=3') },
  { name: 'env-path-is-extended', dockerfile: onBase('ENV PATH=/opt/bin:$PATH', 'RUN echo $PATH > /out') },
  { name: 'env-empty-value', dockerfile: onBase('ENV A=', show) },
  { name: 'env-without-value-fails', dockerfile: onBase('ENV A'), fails: true },
  { name: 'env-blank-name-fails', dockerfile: onBase('ENV =x'), fails: true },
  { name: 'env-line-continuations', dockerfile: onBase('ENV A=1 \\', '    # a comment', '    B=2', show) },
  {
    name: 'env-default-forms',
    dockerfile: onBase(
      'ENV E= S=set',
      'ENV A=${E:-d}-${E-d}-${U:-d}-${U-d}-${S:-d}',
      'ENV B=${E:+a}-${E+a}-${U+a}-${S:+a}',
      show,
    ),
  },
  { name: 'env-required-form-fails', dockerfile: onBase('ENV A="${U:?must be set}"'), fails: true },
  {
    name: 'env-pattern-removal',
    dockerfile: onBase('ENV P=/usr/local/lib/x.tar.gz', 'ENV A=${P##*/}:${P#*/}:${P%.*}:${P%%.*}', show),
    since: '1.7-labs',
  },
  {
    name: 'env-pattern-replacement',
    dockerfile: onBase('ENV P=a-b-c', 'ENV A=${P/-/_}:${P//-/_}', show),
    since: '1.7-labs',
  },
  { name: 'env-unknown-modifier-fails', dockerfile: onBase('ENV A=${P=x}'), fails: true },
  { name: 'env-unclosed-brace-fails', dockerfile: onBase('ENV A=${P'), fails: true },
  { name: 'env-nested-defaults', dockerfile: onBase('ENV A=${X:-${Y:-deep}}', show) },
  { name: 'env-in-run-at-build', dockerfile: onBase('ENV A=1', 'RUN env | grep -v -E "HOSTNAME|SHLVL" | sort > /out') },
]
