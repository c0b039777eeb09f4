// SPDX-License-Identifier: Apache-2.0

/** BuildKit's rules about Dockerfiles: those that are off unless asked for are `true`. */
export const experimentalRules = {
  ConsistentInstructionCasing: false,
  CopyIgnoredFile: true,
  DuplicateStageName: false,
  ExposeInvalidFormat: false,
  ExposeProtoCasing: false,
  FromAsCasing: false,
  FromPlatformFlagConstDisallowed: false,
  InvalidBaseImagePlatform: false,
  InvalidDefaultArgInFrom: false,
  InvalidDefinitionDescription: true,
  JSONArgsRecommended: false,
  LegacyKeyValueFormat: false,
  MaintainerDeprecated: false,
  MultipleInstructionsDisallowed: false,
  NoEmptyContinuation: false,
  RedundantTargetPlatform: false,
  ReservedStageName: false,
  SecretsUsedInArgOrEnv: false,
  StageNameCasing: false,
  UndefinedArgInFrom: false,
  UndefinedVar: false,
  WorkdirRelativePath: false,
} as const

/** The name of a rule. */
export type RuleName = keyof typeof experimentalRules

/** Where a rule is explained. */
export function ruleAddress(rule: RuleName): string {
  const name = rule.replace(/([a-z])([A-Z])/g, '$1-$2').replace(/^JSONArgs/, 'json-args')
  return `https://docs.docker.com/go/dockerfile/rule/${name.toLowerCase()}/`
}
