// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { StageInstruction } from '../../../../src/build/dockerfile/instruction.js'
import { parseDockerfile } from '../../../../src/build/dockerfile/parse-dockerfile.js'
import { parseInstruction } from '../../../../src/build/dockerfile/parse-instruction.js'
import { parseTree } from '../../../../src/build/dockerfile/parse-tree.js'
import { SourceText } from '../../../../src/build/dockerfile/source-text.js'
import { EngineError } from '../../../../src/errors/engine-error.js'

const given = JSON.parse(
  readFileSync(new URL('../../../fixtures/dockerfile/extra/instruction-errors.json', import.meta.url)).toString(),
) as readonly { readonly dockerfile: string; readonly errorContains: string }[]

function one<K extends StageInstruction['kind']>(line: string, kind: K): Extract<StageInstruction, { kind: K }> {
  const instruction = parseDockerfile(`FROM a\n${line}`).stages[0].instructions[0]
  if (instruction?.kind !== kind) throw new Error(`got ${instruction?.kind}`)
  return instruction as Extract<StageInstruction, { kind: K }>
}

function refusal(content: string) {
  try {
    parseDockerfile(content)
  } catch (error) {
    if (EngineError.is(error, 'ERR_DOCKERFILE')) return error
    throw error
  }
  throw new Error('not refused')
}

describe('an instruction', () => {
  it.each(given)('$dockerfile is refused', ({ dockerfile, errorContains }) => {
    const refused = () => {
      const source = new SourceText(dockerfile)
      for (const node of parseTree(source).nodes) parseInstruction(node, source)
    }
    expect(refused).toThrow(errorContains)
  })

  it.each([
    ['FROM a\nRUNN x', 2, 1, 'did you mean RUN?'],
    ['FROM a\nform x', 2, 1, 'did you mean from?'],
    ['FROM a\nCOPY --chmud=1 b c', 2, 6, 'did you mean --chmod?'],
    ['FROM a\nCOPY \\\n  --frm=b c d', 3, 3, 'did you mean --from?'],
    ['FROM a\nRUN --network=hots x', 2, 5, 'did you mean host?'],
    ['FROM a\nCOPY a b --chown=1', undefined, undefined, undefined],
    ['FROM a b', 1, 8, 'FROM image AS name'],
    ['FROM a AS 1b', 1, 11, undefined],
    ['FROM a AS b c', 1, 8, 'FROM image AS name'],
    ['RUN x', 1, 1, 'begin with FROM image'],
    ['FROM a\nCOPY --link=maybe a b', 2, 6, undefined],
    ['FROM a\nCOPY --link= a b', 2, 6, undefined],
    ['FROM a\nCOPY --chown a b', 2, 6, undefined],
    ['FROM a\nCOPY --chown=1 --chown=2 a b', 2, 16, undefined],
    ['FROM a\nCOPY a <<E\nE', 2, 8, undefined],
    ['FROM a\nENV =b', 2, 5, undefined],
    ['FROM a\nARG =b', 2, 5, undefined],
    ['FROM a\nSHELL sh -c', 2, 7, 'SHELL ["/bin/sh", "-c"]'],
    ['FROM a\nVOLUME [""]', 2, 8, undefined],
    ['FROM a\nHEALTHCHECK CMD', 2, 13, undefined],
    ['FROM a\nHEALTHCHECK FOO x', 2, 13, 'HEALTHCHECK CMD command'],
    ['FROM a\nHEALTHCHECK NONE x', 2, 18, undefined],
    ['FROM a\nHEALTHCHECK --interval=100us CMD x', 2, 13, undefined],
    ['FROM a\nHEALTHCHECK --interval=1d CMD x', 2, 13, 'write 500ms, 30s, 1m30s'],
    ['FROM a\nHEALTHCHECK --retries=-1 CMD x', 2, 13, undefined],
    ['FROM a\nRUN --mount=type=bind,from=$x y', 2, 5, 'FROM $x AS name before it, and from=name here'],
    ['FROM a\nCMD [ "echo", [ "nested json" ] ]', 2, 5, undefined],
    ['FROM a\nONBUILD CMD ["a", 1]', 2, 1, undefined],
    ['FROM a\nONBUILD  onbuild RUN x', 2, 10, undefined],
  ] as const)('in %j is refused where it is wrong', (content, line, column, hint) => {
    if (line === undefined) expect(() => parseDockerfile(content)).not.toThrow()
    else {
      const error = refusal(content)
      expect({ line: error.line, column: error.column, hint: error.hint }).toEqual({ line, column, hint })
    }
  })
})

describe('RUN', () => {
  it('has a command for the shell, or an array', () => {
    expect(one('RUN a  b "c"', 'run').command).toMatchObject({ args: ['a  b "c"'], isForShell: true })
    expect(one('RUN ["a", "b"]', 'run').command).toMatchObject({ args: ['a', 'b'], isForShell: false })
    expect(one('RUN [ "$x" = 1 ]', 'run').command).toMatchObject({ isForShell: true })
  })

  it('has flags', () => {
    const run = one(
      'RUN --mount=type=cache,target=/x --mount=type=tmpfs,target=/y --network=none --security=insecure x',
      'run',
    )
    expect(run.mounts.map(({ text }) => text)).toEqual(['type=cache,target=/x', 'type=tmpfs,target=/y'])
    expect(run).toMatchObject({ network: 'none', security: 'insecure' })
    expect(one('RUN --device=vendor.com/gpu=all,required x', 'run').devices).toEqual([
      { name: 'vendor.com/gpu=all', required: true },
    ])
  })

  it('has heredocs', () => {
    expect(one('RUN <<A cat <<-B\na\nA\n\tb\nB', 'run').command.heredocs).toMatchObject([
      { name: 'A', content: 'a\n', line: 3 },
      { name: 'B', content: '\tb\n', chomp: true, line: 5 },
    ])
  })
})

describe('COPY and ADD', () => {
  it('have sources, a destination and flags', () => {
    const copy = one(
      'COPY --from=b --chown=1:2 --chmod=u+x --link --parents --exclude=*.o --exclude=*.a a b /c/',
      'copy',
    )
    expect(copy).toMatchObject({
      from: { text: 'b' },
      chown: { text: '1:2' },
      chmod: { text: 'u+x' },
      link: true,
      parents: true,
      exclude: [{ text: '*.o' }, { text: '*.a' }],
      sources: [{ text: 'a' }, { text: 'b', position: { line: 2 } }],
      destination: { text: '/c/' },
    })
    const add = one('ADD --checksum=sha256:1 --keep-git-dir --unpack=false a /', 'add')
    expect(add).toMatchObject({ checksum: { text: 'sha256:1' }, keepGitDir: true, unpack: false })
    expect(one('ADD a /', 'add')).toMatchObject({ keepGitDir: undefined, unpack: undefined, link: false })
  })

  it('have files that stand in the Dockerfile', () => {
    const { contents, sources } = one("COPY <<a.txt <<-'b' c /d\n$x\na.txt\n\t$y\nb", 'copy')
    expect(sources).toMatchObject([{ text: 'c' }])
    expect(contents).toMatchObject([
      { name: 'a.txt', data: '$x\n', expand: true },
      { name: 'b', data: '$y\n', expand: false },
    ])
    expect(one('COPY << E /d\nx\nE', 'copy').contents).toMatchObject([{ name: 'E', data: 'x\n' }])
  })
})

describe('the others', () => {
  it('have what they say', () => {
    expect(one('ENV a=1 b="2 3"', 'env').pairs).toMatchObject([
      { name: { text: 'a' }, value: { text: '1' }, isOldForm: false },
      { name: { text: 'b' }, value: { text: '"2 3"', position: { column: 11 } } },
    ])
    expect(one('LABEL a b c', 'label').pairs).toMatchObject([{ value: { text: 'b c' }, isOldForm: true }])
    expect(one('ARG a b= c=d=e', 'arg').args).toMatchObject([
      { name: 'a' },
      { name: 'b', value: { text: '' } },
      { name: 'c', value: { text: 'd=e' } },
    ])
    expect(one('EXPOSE 90 80/udp', 'expose').ports).toMatchObject([{ text: '80/udp' }, { text: '90' }])
    expect(one('ONBUILD COPY a b', 'onbuild').trigger).toBe('COPY a b')
    expect(one('ONBUILD RUN <<E\nx\nE', 'onbuild').trigger).toBe('RUN <<E\nx\nE')
    expect(one('HEALTHCHECK --interval=1m30s --retries=2 CMD x y', 'healthcheck').healthcheck).toEqual({
      test: ['CMD-SHELL', 'x y'],
      intervalMs: 90_000,
      retries: 2,
    })
    expect(one('HEALTHCHECK CMD ["x"]', 'healthcheck').healthcheck).toEqual({ test: ['CMD', 'x'] })
    expect(one('SHELL ["a", "b"]', 'shell').shell).toEqual(['a', 'b'])
  })

  it('belong to stages, after the arguments of all of them', () => {
    const file = parseDockerfile('ARG x=1\nFROM --platform=$P a AS Base\nRUN y\nFROM base\n')
    expect(file.globalArgs).toMatchObject([{ args: [{ name: 'x' }] }])
    expect(file.stages).toMatchObject([
      { from: { name: 'base', platform: { text: '$P' }, as: { name: 'Base' } }, instructions: [{ kind: 'run' }] },
      { from: { base: { text: 'base' } }, instructions: [] },
    ])
  })
})
