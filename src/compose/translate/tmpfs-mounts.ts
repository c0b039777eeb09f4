// SPDX-License-Identifier: Apache-2.0
import { totalmem } from 'node:os'
import type { TmpfsMount } from 'tscontainer'
import { composeBytes } from '../canonical/compose-bytes.js'
import type { Translation } from './translation.js'

/** The size of one that says none: half of the memory, as the kernel has it. */
export const defaultTmpfsBytes = (): number => Math.floor(totalmem() / 2)

type Options = Omit<TmpfsMount, 'type' | 'target'>
type Rule = (value: string) => Options | undefined

const decimal =
  (key: 'uid' | 'gid'): Rule =>
  (value) =>
    /^\d{1,10}$/.test(value) ? { [key]: Number(value) } : undefined
const nothing: Rule = () => ({})

const rules: Readonly<Record<string, Rule>> = {
  size: (value) =>
    /^\d+(\.\d+)?%$/.test(value)
      ? { size: Math.floor((totalmem() * Number(value.slice(0, -1))) / 100) }
      : { size: composeBytes(value) },
  mode: (value) => (/^[0-7]{1,5}$/.test(value) ? { mode: Number.parseInt(value, 8) } : undefined),
  uid: decimal('uid'),
  gid: decimal('gid'),
  exec: () => ({ exec: true }),
  noexec: () => ({ exec: false }),
  ro: () => ({ readonly: true }),
  rw: () => ({ readonly: false }),
  // As all of them are.
  nosuid: nothing,
  nodev: nothing,
}

/** The short form, `/run:size=64m,mode=1770`, with the options of mount(8). */
export function tmpfsMounts({ model, reporter }: Translation): readonly TmpfsMount[] {
  return (model.tmpfs ?? []).map((text, index) => {
    const [target = '', ...rest] = text.split(':')
    let options: Options = { size: defaultTmpfsBytes() }
    for (const option of rest.join(':').split(',').filter(Boolean)) {
      const [key = '', value = ''] = option.split(/=(.*)/s)
      const rule = Object.hasOwn(rules, key) ? rules[key] : undefined
      if (rule === undefined) reporter.report(['tmpfs', index], `the option '${option}' has no effect here`)
      else
        options = {
          ...options,
          ...(tried(rule, value) ?? reporter.refuse(['tmpfs', index], `invalid option '${option}'`)),
        }
    }
    return { type: 'tmpfs', target, ...options }
  })
}

function tried(rule: Rule, value: string): Options | undefined {
  try {
    return rule(value)
  } catch {
    return undefined
  }
}
