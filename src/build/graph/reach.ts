// SPDX-License-Identifier: Apache-2.0
import type { SourceText } from '../dockerfile/source-text.js'
import { type StagePlan, stageTitle } from './stage-plan.js'

/** The stages that these need, themselves included, in the order of the file. */
export function reachableFrom(starts: readonly StagePlan[]): readonly StagePlan[] {
  const found = new Set(starts)
  // A set gives what is added to it while it is walked through.
  for (const plan of found) for (const need of needsOf(plan)) found.add(need)
  return [...found].sort((a, b) => a.index - b.index)
}

/** Refuses stages that need themselves, by whatever way. */
export function checkCycles(plans: readonly StagePlan[], source: SourceText): void {
  const done = new Set<StagePlan>()
  for (const start of plans) {
    const path = new Set<StagePlan>()
    const stack: { readonly plan: StagePlan; readonly needs: Iterator<StagePlan> }[] = []
    const enter = (plan: StagePlan) => {
      path.add(plan)
      stack.push({ plan, needs: needsOf(plan)[Symbol.iterator]() })
    }
    if (!done.has(start)) enter(start)
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const { value: need, done: isLast } = top.needs.next()
      if (isLast) {
        stack.pop()
        path.delete(top.plan)
        done.add(top.plan)
      } else if (path.has(need)) throw cyclic(source, top.plan, need)
      else if (!done.has(need)) enter(need)
    }
  }
}

function needsOf({ base, uses }: StagePlan): readonly StagePlan[] {
  return base ? [base, ...uses.keys()] : [...uses.keys()]
}

function cyclic(source: SourceText, plan: StagePlan, need: StagePlan) {
  const instruction = plan.uses.get(need) ?? plan.from
  const titles = plan === need ? 'itself' : `'${stageTitle(need)}', which needs '${stageTitle(plan)}'`
  const problem = `circular dependency detected on stage: '${stageTitle(plan)}' needs ${titles}`
  return source.fail(instruction.range.start, problem)
}
