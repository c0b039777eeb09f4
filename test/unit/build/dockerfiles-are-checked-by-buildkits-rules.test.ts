// SPDX-License-Identifier: Apache-2.0
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is the syntax that is tested.
import { describe, expect, it } from 'vitest'
import { checkDockerfile } from '../../../src/build/check-dockerfile.js'
import type { GraphOptions } from '../../../src/build/graph/graph-options.js'
import { IgnoreMatcher } from '../../../src/build/ignore/ignore-matcher.js'
import { experimentalRules, ruleAddress } from '../../../src/build/lint/rule.js'
import { EngineError } from '../../../src/errors/engine-error.js'
import { graphOf, refusalOf } from './graph/graph-of.js'

async function rulesOf(content: string, options: Partial<GraphOptions> = {}) {
  const { warnings } = await graphOf(content, options)
  return warnings.map(({ rule, range }) => `${rule}:${range.start.line}`)
}

describe('a rule', () => {
  it.each([
    ['FROM alpine AS Base', ['StageNameCasing:1']],
    ['FROM alpine as base', ['FromAsCasing:1']],
    ['from alpine AS base', ['FromAsCasing:1']],
    ['From alpine as base', ['ConsistentInstructionCasing:1']],
    ['FROM alpine\nRUN a \\\n\n b', ['NoEmptyContinuation:4']],
    ['FROM alpine\nrun a\nRUN b', ['ConsistentInstructionCasing:2']],
    ['FROM alpine\nrun a\nrun b', ['ConsistentInstructionCasing:1']],
    ['FROM alpine AS a\nFROM alpine AS A', ['StageNameCasing:2', 'DuplicateStageName:2']],
    ['FROM alpine AS scratch', ['ReservedStageName:1']],
    ['FROM alpine AS context', ['ReservedStageName:1']],
    ['FROM alpine\nCMD a\nENTRYPOINT b', ['JSONArgsRecommended:2', 'JSONArgsRecommended:3']],
    ['FROM alpine\nSHELL ["/bin/bash"]\nCMD a', []],
    ['FROM alpine\nMAINTAINER me', ['MaintainerDeprecated:2']],
    ['ARG V=alpine\nFROM alpine${VV}', ['UndefinedArgInFrom:2']],
    ['ARG V\nFROM alpine${V}', []],
    ['FROM alpine\nWORKDIR a\nWORKDIR b', ['WorkdirRelativePath:2']],
    ['FROM alpine\nWORKDIR /a\nWORKDIR b', []],
    ['FROM alpine\nARG a\nLABEL b=$a c=$d', ['UndefinedVar:3']],
    [
      'FROM alpine\nCMD ["a"]\nCMD ["b"]\nHEALTHCHECK NONE\nHEALTHCHECK NONE',
      ['MultipleInstructionsDisallowed:2', 'MultipleInstructionsDisallowed:4'],
    ],
    ['FROM alpine AS a\nCMD ["a"]\nFROM a\nCMD ["b"]', []],
    ['FROM alpine\nENV a b\nLABEL c d', ['LegacyKeyValueFormat:2', 'LegacyKeyValueFormat:3']],
    ['FROM --platform=$TARGETPLATFORM alpine', ['RedundantTargetPlatform:1']],
    ['FROM --platform=$BUILDPLATFORM alpine', []],
    ['FROM --platform=linux/amd64 alpine', ['FromPlatformFlagConstDisallowed:1']],
    ['FROM --platform=linux/amd64 alpine AS build-amd64', []],
    [
      'FROM alpine\nARG API_TOKEN\nENV DB_PASSWORD=x PUBLIC_KEY=y KEYS=z TOKEN_FILE=t',
      ['SecretsUsedInArgOrEnv:2', 'SecretsUsedInArgOrEnv:3'],
    ],
    ['ARG BASE\nFROM debian${BASE:+:}$BASE', []],
    ['FROM alpine\nEXPOSE 80/TCP', ['ExposeProtoCasing:2']],
    ['FROM alpine\nEXPOSE 127.0.0.1:80:80 81:82', ['ExposeInvalidFormat:2', 'ExposeInvalidFormat:2']],
    [
      '# check=experimental=all\n# this is x\nARG x\n# x is that\nARG y=x\nFROM alpine',
      ['InvalidDefinitionDescription:3', 'InvalidDefinitionDescription:5'],
    ],
    ['# this is x\nARG x\nFROM alpine', []],
  ])('on %j gives %j', async (content, expected) => {
    expect(await rulesOf(content)).toEqual(expected)
  })

  it('looks at FROM as if nothing was given to the build', async () => {
    const given = { args: { TAG: 'latest' } }
    expect(await rulesOf('ARG TAG\nFROM alpine:${TAG}', given)).toEqual(['InvalidDefaultArgInFrom:2'])
  })

  it('warns of what .dockerignore leaves out, where it is asked to', async () => {
    const file =
      '# check=experimental=CopyIgnoredFile\nFROM alpine\nCOPY a /\nCOPY b .\nADD . /\nADD https://x/a /\nCOPY --from=alpine a /'
    expect(await rulesOf(file, { ignore: new IgnoreMatcher(['a']) })).toEqual(['CopyIgnoredFile:3'])
    expect(await rulesOf(file, { ignore: new IgnoreMatcher(['a', '!a/b']) })).toEqual([])
    const everything = { ignore: new IgnoreMatcher(['*']) }
    expect(await rulesOf(file, everything)).toEqual(['CopyIgnoredFile:3', 'CopyIgnoredFile:4', 'CopyIgnoredFile:5'])
    expect(await rulesOf('FROM alpine\nCOPY a /', everything)).toEqual([])
  })

  it('looks at stages that are not built only in a check', async () => {
    const file = 'FROM alpine\nCMD a\nFROM alpine\nCMD ["b"]'
    expect(await rulesOf(file)).toEqual([])
    expect(await rulesOf(file, { scope: 'all' })).toEqual(['JSONArgsRecommended:2'])
  })

  it('is heard before an error', async () => {
    const heard: string[] = []
    await refusalOf('FROM alpine AS A\nCMD x\nEXPOSE x', { onWarning: ({ rule }) => heard.push(rule) })
    expect(heard).toEqual(['StageNameCasing', 'JSONArgsRecommended'])
  })

  it('suggests what was meant', async () => {
    const { warnings } = await graphOf('FROM alpine\nENV VERSION=1\nLABEL a=$VERISON')
    expect(warnings).toMatchObject([{ message: "the variable '$VERISON' is not defined (did you mean $VERSION?)" }])
  })

  it('has an address where it is explained', () => {
    const rules = Object.keys(experimentalRules) as (keyof typeof experimentalRules)[]
    const addresses = rules.map((rule) => ruleAddress(rule).split('/').at(-2))
    expect(addresses).toContain('json-args-recommended')
    expect(addresses).toContain('secrets-used-in-arg-or-env')
    expect(addresses).toContain('undefined-arg-in-from')
  })
})

describe('a check directive', () => {
  const file = 'FROM alpine\nCMD a\nMAINTAINER b'

  it('switches rules off, one or all', async () => {
    expect(await rulesOf(`# check=skip=JSONArgsRecommended, Other\n${file}`)).toEqual(['MaintainerDeprecated:4'])
    expect(await rulesOf(`# check=skip=all\n${file}`)).toEqual([])
    expect(await rulesOf(`# check = skip=all // for now\n${file}`)).toEqual([])
  })

  it('can stand above an instruction', async () => {
    expect(await rulesOf('FROM alpine\n# check=skip=JSONArgsRecommended\nCMD a\nENTRYPOINT b')).toEqual([
      'JSONArgsRecommended:4',
    ])
  })

  it('above an instruction can switch a rule on', async () => {
    const ask = '# check=experimental=InvalidDefinitionDescription'
    expect(await rulesOf(`FROM alpine\n${ask}\n# something\nARG a`)).toEqual(['InvalidDefinitionDescription:4'])
  })

  it('makes warnings errors', async () => {
    const error = await refusalOf(`#check=error=true;skip=MaintainerDeprecated\n${file}`)
    expect(error).toMatchObject({
      code: 'ERR_DOCKERFILE_CHECK',
      message: expect.stringMatching(/Dockerfile:3: JSONArgs/),
    })
    expect(error.message).not.toMatch(/Maintainer/)
    expect(await rulesOf(`#check=error=true\nFROM alpine`)).toEqual([])
  })

  it('gives way to what is given to the build', async () => {
    const given = (value: string) => ({ args: { BUILDKIT_DOCKERFILE_CHECK: value } })
    expect(await rulesOf(`# check=skip=all\n${file}`, given('skip=MaintainerDeprecated'))).toEqual([
      'JSONArgsRecommended:3',
    ])
    expect(await rulesOf(`# check=error=true\n${file}`, given('skip=all'))).toEqual([])
    expect(await refusalOf(file, given('what'))).toMatchObject({ option: 'args.BUILDKIT_DOCKERFILE_CHECK' })
  })

  it('that says something else is refused', async () => {
    expect(await refusalOf(`# syntax=x\n# check=skp=all\n${file}`)).toMatchObject({ code: 'ERR_DOCKERFILE', line: 2 })
    expect(await refusalOf(`# check=error=maybe\n${file}`)).toMatchObject({ code: 'ERR_DOCKERFILE', line: 1 })
  })
})

describe('a check', () => {
  const check = async (content: string, options: Partial<GraphOptions> = {}) => {
    const resolveImage = async () => {
      throw new EngineError({ code: 'ERR_IMAGE_NOT_FOUND', message: 'no image' })
    }
    const { warnings, error } = await checkDockerfile(content, { resolveImage, ...options })
    return [...warnings.map(({ rule, range }) => `${rule}:${range.start.line}`), error?.code ?? 'fine']
  }

  it('looks at all stages, or at those of a target', async () => {
    const file = 'FROM scratch AS a\nCMD x\nFROM scratch AS b'
    expect(await check(file)).toEqual(['JSONArgsRecommended:2', 'fine'])
    expect(await check(file, { target: 'b' })).toEqual(['fine'])
  })

  it('tells what is above an error, of whatever kind', async () => {
    expect(await check('FROM scratch AS A\nMAINTAINER me\nBAD')).toEqual([
      'StageNameCasing:1',
      'MaintainerDeprecated:2',
      'ERR_DOCKERFILE',
    ])
    expect(await check('FROM scratch AS A\nCMD x\nEXPOSE y')).toEqual([
      'StageNameCasing:1',
      'JSONArgsRecommended:2',
      'ERR_DOCKERFILE',
    ])
    expect(await check('FROM scratch AS A\nRUN <<E')).toEqual(['ERR_DOCKERFILE'])
    expect(await check('FROM nowhere AS A')).toEqual(['StageNameCasing:1', 'ERR_IMAGE_NOT_FOUND'])
    expect(await check('# check=error=true\nFROM scratch AS A')).toEqual(['StageNameCasing:2', 'ERR_DOCKERFILE_CHECK'])
    expect(await check('# check=what\nFROM scratch')).toEqual(['ERR_DOCKERFILE'])
  })
})
