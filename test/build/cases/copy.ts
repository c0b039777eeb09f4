// SPDX-License-Identifier: Apache-2.0
import type { BuildCase } from '../build-case.js'
import { base, lines, onBase } from '../dockerfile.js'

const two = { 'a.txt': 'a\n', 'b.txt': 'b\n', 'dir/c.txt': 'c\n', 'dir/deep/d.txt': 'd\n', 'other/e.md': 'e\n' }

/** Where copied files come to lie. */
export const copyCases: readonly BuildCase[] = [
  { name: 'copy-file-to-file', dockerfile: onBase('COPY a.txt /x'), context: two },
  { name: 'copy-file-to-slash', dockerfile: onBase('COPY a.txt /x/'), context: two },
  { name: 'copy-file-to-existing-directory', dockerfile: onBase('COPY a.txt /srv'), context: two },
  { name: 'copy-file-to-dot-in-workdir', dockerfile: onBase('WORKDIR /w/x', 'COPY a.txt .'), context: two },
  { name: 'copy-file-to-relative-name', dockerfile: onBase('WORKDIR /w/x', 'COPY a.txt sub/y'), context: two },
  { name: 'copy-file-upwards-stays-in-the-root', dockerfile: onBase('COPY a.txt ../../../x'), context: two },
  { name: 'copy-directory-means-its-contents', dockerfile: onBase('COPY dir /x'), context: two },
  { name: 'copy-directory-with-slash', dockerfile: onBase('COPY dir/ /x/'), context: two },
  { name: 'copy-dot', dockerfile: onBase('COPY . /x'), context: two },
  { name: 'copy-dot-slash-file', dockerfile: onBase('COPY ./a.txt ./dir/./c.txt /x/'), context: two },
  { name: 'copy-source-with-leading-slash', dockerfile: onBase('COPY /a.txt /x/'), context: two },
  { name: 'copy-source-upwards-is-the-context', dockerfile: onBase('COPY ../a.txt /x/'), context: two },
  { name: 'copy-several-to-directory', dockerfile: onBase('COPY a.txt dir b.txt /x/'), context: two },
  { name: 'copy-several-without-slash', dockerfile: onBase('COPY a.txt b.txt /x'), context: two },
  { name: 'copy-missing-file-fails', dockerfile: onBase('RUN true', 'COPY nothing /x'), context: two, fails: true },
  {
    name: 'copy-json-form-with-blanks',
    dockerfile: onBase('COPY ["with blank", "/x y/"]'),
    context: { 'with blank': '1\n' },
  },
  { name: 'copy-wildcard', dockerfile: onBase('COPY *.txt /x/'), context: two },
  { name: 'copy-wildcard-question-mark', dockerfile: onBase('COPY ?.txt /x/'), context: two },
  { name: 'copy-wildcard-class', dockerfile: onBase('COPY [b-z].txt /x/'), context: two },
  { name: 'copy-wildcard-matches-directories', dockerfile: onBase('COPY d* /x/'), context: two },
  { name: 'copy-wildcard-in-directories', dockerfile: onBase('COPY */*.txt /x/'), context: two },
  { name: 'copy-wildcard-without-match', dockerfile: onBase('COPY *.none /x/'), context: two },
  {
    name: 'copy-wildcard-without-match-beside-a-match',
    dockerfile: onBase('COPY a.txt *.none /x/'),
    context: two,
  },
  { name: 'copy-wildcard-one-match-to-a-file', dockerfile: onBase('COPY a*.txt /x'), context: two },
  {
    name: 'copy-wildcard-matches-hidden-files',
    dockerfile: onBase('COPY * /x/'),
    context: { ...two, '.hidden': 'h\n' },
  },
  {
    name: 'copy-brackets-escaped',
    dockerfile: onBase('COPY a[[]1].txt /x/'),
    context: { 'a[1].txt': '1\n', 'a1.txt': '2\n' },
  },
  { name: 'copy-expands-variables', dockerfile: onBase('ENV N=a.txt D=/target', 'COPY $N ${D}/'), context: two },
  {
    name: 'copy-file-over-directory-fails',
    dockerfile: onBase('COPY a.txt /x/y', 'COPY a.txt /x/y/z'),
    context: two,
    fails: true,
  },
  {
    name: 'copy-directory-over-file-fails',
    dockerfile: onBase('COPY a.txt /x', 'COPY dir /x'),
    context: two,
    fails: true,
  },
  { name: 'copy-file-over-file', dockerfile: onBase('COPY a.txt /x', 'COPY b.txt /x'), context: two },
  { name: 'copy-merges-directories', dockerfile: onBase('COPY dir /x', 'COPY other /x'), context: two },
  {
    name: 'copy-empty-directory',
    dockerfile: onBase('COPY empty /x'),
    context: { empty: { type: 'directory', mode: 0o711 } },
  },
  {
    name: 'copy-directory-inside-another',
    dockerfile: onBase('COPY t /x'),
    context: { 't/e': { type: 'directory', mode: 0o1777 }, 't/f': { type: 'file', content: '', mode: 0o444 } },
  },
  {
    name: 'copy-modes-with-set-bits',
    dockerfile: onBase('COPY s /x'),
    context: { 's/suid': { type: 'file', content: 's', mode: 0o4755 }, 's/sgid': { type: 'directory', mode: 0o2775 } },
  },
  { name: 'copy-non-ascii-names', dockerfile: onBase('COPY . /x/'), context: { 'grüße/한국어.txt': 'ü\n' } },
  {
    name: 'copy-modification-times-are-kept',
    dockerfile: onBase('COPY old /x/old'),
    context: { old: { type: 'file', content: 'o\n', mtime: 1_000_000_000 } },
    mtimes: ['/x/old'],
  },
  {
    name: 'copy-from-stage-by-name',
    dockerfile: lines(`FROM ${base} AS One`, 'RUN echo 1 > /one', 'FROM scratch', 'COPY --from=one /one /'),
  },
  {
    name: 'copy-from-stage-by-number',
    dockerfile: lines(`FROM ${base}`, 'RUN echo 1 > /one', 'FROM scratch', 'COPY --from=0 /one /'),
  },
  { name: 'copy-from-image', dockerfile: lines('FROM scratch', 'COPY --from=tsc-test/bare:1 /etc /x') },
  {
    name: 'copy-from-stage-wildcard',
    dockerfile: lines(
      `FROM ${base} AS s`,
      'RUN touch /srv/a1 /srv/a2 /srv/b',
      'FROM scratch',
      'COPY --from=s /srv/a* /x/',
    ),
  },
  {
    name: 'copy-from-stage-relative-is-of-the-root',
    dockerfile: lines(
      `FROM ${base} AS s`,
      'WORKDIR /srv',
      'RUN touch f && touch /g',
      'FROM scratch',
      'COPY --from=s g /x/',
    ),
  },
  { name: 'copy-from-unknown-stage-number-fails', dockerfile: onBase('COPY --from=7 /x /y'), fails: true },
  {
    name: 'copy-from-itself-fails',
    dockerfile: lines(`FROM ${base} AS me`, 'COPY --from=me /etc/passwd /x'),
    fails: true,
  },
  {
    name: 'copy-from-named-context',
    dockerfile: lines('FROM scratch', 'COPY --from=extra sub /x'),
    contexts: { extra: { 'sub/f': 'extra\n' } },
  },
  {
    name: 'copy-named-context-replaces-an-image',
    dockerfile: lines('FROM scratch', 'COPY --from=tsc-test/bare:1 f /x'),
    contexts: { 'tsc-test/bare:1': { f: 'in its place\n' } },
  },
  {
    name: 'copy-keeps-hard-links-of-a-stage',
    dockerfile: lines(
      `FROM ${base} AS s`,
      'RUN mkdir /h && echo 1 > /h/a && ln /h/a /h/b',
      'FROM scratch',
      'COPY --from=s /h /h',
    ),
  },
  {
    name: 'copy-hard-links-of-the-context',
    dockerfile: onBase('COPY h /h'),
    context: { 'h/a': '1\n', 'h/b': { type: 'hardlink', target: 'h/a' } },
  },
  {
    name: 'copy-fifo-of-a-stage',
    dockerfile: lines(
      `FROM ${base} AS s`,
      'RUN mkdir /p && mkfifo -m 0620 /p/f && chown 3:4 /p/f',
      'FROM scratch',
      'COPY --from=s /p /p',
    ),
  },
  { name: 'copy-of-nothing-changes-nothing', dockerfile: onBase('COPY a.txt /x', 'COPY a.txt /x'), context: two },
  { name: 'copy-directory-then-file-without-slash', dockerfile: onBase('COPY dir a.txt /x'), context: two },
  {
    name: 'copy-file-then-directory-without-slash-fails',
    dockerfile: onBase('COPY a.txt dir /x'),
    context: two,
    fails: true,
  },
  { name: 'copy-wildcard-several-to-a-file', dockerfile: onBase('COPY *.txt /x'), context: two },
  {
    name: 'copy-heredoc-over-a-file-of-the-same-copy',
    dockerfile: lines('FROM tsc-test/base:1', 'COPY a.txt <<here /x', 'h', 'here'),
    context: two,
  },
  {
    name: 'copy-wildcard-without-match-makes-nothing-before',
    dockerfile: onBase('COPY *.none a.txt /x/'),
    context: two,
  },
]
