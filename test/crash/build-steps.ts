// SPDX-License-Identifier: Apache-2.0
import type { Actor } from './actor-process.js'
import type { Step } from './round.js'
import { dead, lost, quietly, workFailures } from './step-parts.js'
import type { Materials } from './steps.js'

const secret = 'a-secret-that-no-disk-has'
const tag = 'crash:built'

interface Scene {
  readonly name: string
  /** What was built before, so that the step begins where it does. */
  readonly before?: string
  readonly text: string
}

// Each goes on from the one before: what that one made is there, and only the last instruction is left to do.
const scenes = ({ reference }: Materials): readonly Scene[] => {
  const pulled = `FROM ${reference} AS first\n`
  const copied = `${pulled}COPY data-1 data-2 /copied/\n`
  const run = `${copied}RUN --mount=type=secret,id=token --mount=type=cache,target=/cache \\
  test -s /run/secrets/token && mkdir /made && echo one > /made/file && echo x >> /cache/log && rm /data-3\n`
  const staged = `${run}FROM ${reference}\nWORKDIR /work\nCOPY --from=first /made /made\n`
  return [
    { name: 'build, pull', text: pulled },
    { name: 'build, copy', before: pulled, text: copied },
    { name: 'build, run', before: copied, text: run },
    { name: 'build, stages', before: run, text: staged },
    { name: 'build, tag', before: staged, text: `${staged}LABEL a=b\n` },
  ]
}

const built = (materials: Materials, text: string) => (actor: Actor) =>
  actor.do('build', { text, tag, context: materials.tree, secret })

const begun =
  (materials: Materials, { before }: Scene) =>
  async (actor: Actor) => {
    await actor.do('removeImages')
    if (before !== undefined) await built(materials, before)(actor)
  }

// What was done is not done again, the image is right, and nobody finds the secret.
const isRight =
  (materials: Materials, { before, text }: Scene) =>
  async (actor: Actor) => {
    await actor.do('clear')
    const first = await built(materials, text)(actor)
    const repeated = stepsIn(before).filter((line) => first.done.some((name) => name.startsWith(line.slice(0, 20))))
    if (repeated.length > 0) throw new Error(`done again: ${repeated}`)
    const again = await built(materials, text)(actor)
    if (again.id !== first.id || stepsIn(again.done.join('\n')).length > 0)
      throw new Error(`another build is ${again.id}, ${again.done}`)
    await contentIsRight(actor, text)
    const found = await actor.do('grep', secret)
    if (found.length > 0) throw new Error(`the secret is in ${found}`)
    await actor.do('clear')
    await actor.do('removeImages')
  }

const stepsIn = (text = '') => text.split('\n').filter((line) => /^(COPY|RUN|WORKDIR)/.test(line))

const contentIsRight = async (actor: Actor, text: string): Promise<void> => {
  await actor.do('run', { name: 'built', image: tag })
  const script =
    'cd / && echo data-* | wc -w; ls copied 2>/dev/null | wc -w; cat made/file 2>/dev/null; test -e run/secrets && echo stub; true'
  const seen = (await actor.do('exec', { name: 'built', script }))
    .trim()
    .split('\n')
    .map((line) => line.trim())
  const isStaged = text.includes('WORKDIR')
  const hasRun = text.includes('RUN')
  const expected = [
    hasRun && !isStaged ? '19' : '20',
    text.includes('COPY') && !isStaged ? '2' : '0',
    ...(hasRun ? ['one'] : []),
  ]
  if (seen.join() !== expected.join()) throw new Error(`the image has ${seen}, not ${expected}`)
}

/** The supervisor, Node, or a worker dies in each part of a build. */
export const buildSteps = (materials: Materials): readonly Step[] => {
  const steps = scenes(materials).flatMap((scene): readonly Step[] => {
    const { name } = scene
    const common = {
      prepare: begun(materials, scene),
      act: built(materials, scene.text),
      after: isRight(materials, scene),
    }
    return [
      { ...common, name: `supervisor: ${name}`, codes: lost },
      { ...common, name: `node: ${name}`, victim: 'node', codes: dead },
      { ...common, name: `node itself: ${name}`, watched: async ({ pid }) => pid, victim: 'node', codes: dead },
    ]
  })
  const copy = scenes(materials).find(({ name }) => name === 'build, copy') as Scene
  return [
    ...steps,
    {
      name: 'worker: build, copy',
      prepare: quietly(begun(materials, copy)),
      act: built(materials, copy.text),
      path: '0',
      codes: workFailures,
      after: isRight(materials, copy),
    },
  ]
}
