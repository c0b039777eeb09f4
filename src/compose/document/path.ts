// SPDX-License-Identifier: Apache-2.0

/** Where a value is in a document: keys, and indexes of sequences. */
export type Path = readonly (string | number)[]

/** The path for people: `services.web.ports[0]`, `services.web.labels["a.b"]`. */
export function pathText(path: Path): string {
  let text = ''
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`
    else if (/^[^\s."[\]]+$/.test(step)) text += text === '' ? step : `.${step}`
    else text += `[${JSON.stringify(step)}]`
  }
  return text
}
