// SPDX-License-Identifier: Apache-2.0
import type { BuildCase, Context } from '../build-case.js'
import { onBase } from '../dockerfile.js'

const files = {
  'a.txt': 'a\n',
  'b.md': 'b\n',
  'docs/one.md': '1\n',
  'docs/keep/two.md': '2\n',
  'docs/keep/deep/three.txt': '3\n',
  'src/x.c': 'x\n',
  'src/x.o': 'o\n',
  'src/lib/y.o': 'o\n',
  'with(paren)': 'p\n',
  'a+b': 'ab\n',
  'node_modules/m/index.js': 'm\n',
}

const ignoring = (...patterns: readonly string[]): Context => ({
  ...files,
  '.dockerignore': `${patterns.join('\n')}\n`,
})
const copyAll = onBase('COPY . /x')

/** What .dockerignore keeps out of the context. */
export const dockerignoreCases: readonly BuildCase[] = [
  { name: 'ignore-nothing', dockerfile: copyAll, context: files },
  { name: 'ignore-name', dockerfile: copyAll, context: ignoring('a.txt', 'docs') },
  { name: 'ignore-is-of-the-root-only', dockerfile: copyAll, context: ignoring('*.md') },
  { name: 'ignore-double-star', dockerfile: copyAll, context: ignoring('**/*.md') },
  {
    name: 'ignore-double-star-in-the-middle',
    dockerfile: copyAll,
    context: ignoring('docs/**/three.txt', 'src/**/*.o'),
  },
  { name: 'ignore-double-star-at-the-end', dockerfile: copyAll, context: ignoring('docs/**') },
  { name: 'ignore-exception', dockerfile: copyAll, context: ignoring('docs', '!docs/keep') },
  { name: 'ignore-exception-of-a-file', dockerfile: copyAll, context: ignoring('docs', '!docs/keep/deep/three.txt') },
  { name: 'ignore-last-match-wins', dockerfile: copyAll, context: ignoring('*.txt', '!a.txt', 'a.*') },
  { name: 'ignore-all-but', dockerfile: copyAll, context: ignoring('*', '!src', 'src/*.o') },
  { name: 'ignore-all-but-by-double-star', dockerfile: copyAll, context: ignoring('**', '!**/*.c') },
  { name: 'ignore-leading-slash', dockerfile: copyAll, context: ignoring('/a.txt', '/docs/keep') },
  { name: 'ignore-trailing-slash', dockerfile: copyAll, context: ignoring('docs/', 'a.txt/') },
  { name: 'ignore-dot-slash', dockerfile: copyAll, context: ignoring('./a.txt', 'docs/./keep') },
  { name: 'ignore-dots', dockerfile: copyAll, context: ignoring('docs/../a.txt', '../b.md') },
  {
    name: 'ignore-exception-of-nothing-fails',
    dockerfile: copyAll,
    context: ignoring('# a.txt', '', '   b.md  ', '!'),
    fails: true,
  },
  { name: 'ignore-comments-and-blank-lines', dockerfile: copyAll, context: ignoring('# a.txt', '', '   b.md  ') },
  { name: 'ignore-plain-characters', dockerfile: copyAll, context: ignoring('with(paren)', 'a+b') },
  { name: 'ignore-question-mark-and-class', dockerfile: copyAll, context: ignoring('?.txt', '[b-c].md') },
  { name: 'ignore-escaped', dockerfile: copyAll, context: { ...ignoring('\\*.txt'), '*.txt': 'star\n' } },
  { name: 'ignore-bad-pattern-fails', dockerfile: copyAll, context: ignoring('[a-'), fails: true },
  {
    name: 'ignore-with-a-byte-order-mark',
    dockerfile: copyAll,
    context: { ...files, '.dockerignore': '\ufeffa.txt\n' },
  },
  { name: 'ignore-windows-lines', dockerfile: copyAll, context: { ...files, '.dockerignore': 'a.txt\r\ndocs\r\n' } },
  {
    name: 'ignore-of-the-dockerfile-wins',
    dockerfile: copyAll,
    file: 'my.Dockerfile',
    context: { ...ignoring('a.txt'), 'my.Dockerfile.dockerignore': 'b.md\n' },
  },
  { name: 'ignore-dockerfile-itself', dockerfile: copyAll, context: ignoring('Dockerfile', '.dockerignore') },
  {
    name: 'ignore-copied-file-fails',
    dockerfile: onBase('RUN true', 'COPY a.txt /x'),
    context: ignoring('a.txt'),
    fails: true,
  },
  { name: 'ignore-wildcard-sees-the-rest', dockerfile: onBase('COPY *.* /x/'), context: ignoring('a.txt') },
  {
    name: 'ignore-is-for-mounts-too',
    dockerfile: onBase('RUN --mount=target=/c ls /c > /out'),
    context: ignoring('*.txt', 'node_modules'),
  },
  {
    name: 'ignore-is-not-for-stages',
    dockerfile: `FROM tsc-test/base:1 AS s\nRUN touch /a.txt\nFROM scratch\nCOPY --from=s /a.txt /\n`,
    context: ignoring('a.txt'),
  },
  {
    name: 'ignore-of-a-named-context',
    dockerfile: onBase('COPY --from=extra . /x'),
    contexts: { extra: ignoring('*.txt') },
  },
  { name: 'ignore-empty-directories-stay', dockerfile: copyAll, context: ignoring('docs/*', 'src/**') },
  {
    name: 'dockerfile-in-a-directory',
    dockerfile: onBase('COPY a.txt /x'),
    file: 'docker/app.Dockerfile',
    context: files,
  },
]
