// SPDX-License-Identifier: Apache-2.0
import { readdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { parseJson } from '../../store/record-file.js'
import { fileStep, isMissing } from '../../store/store-failure.js'
import { readRegularFile, UnreadableFile, writeFileAtomic } from '../../util/atomic-file.js'
import { isId } from '../../util/random-id.js'
import type { BuildReport } from './build-report.js'

const maxReportBytes = 16 * 1024 * 1024
const keptReports = 100

/** Keeps the report in that directory, and of those there the latest hundred. */
export async function storeReport(directory: string, report: BuildReport): Promise<void> {
  const path = join(directory, nameOf(report))
  await fileStep('write build report', path, () => writeFileAtomic(path, JSON.stringify(report), { sync: false }))
  const names = await reportNames(directory)
  for (const name of names.slice(keptReports)) await unlink(join(directory, name)).catch(() => {})
}

/** The reports that are kept, the latest first. What is damaged is left out. */
export async function readReports(directory: string): Promise<readonly BuildReport[]> {
  const reports: BuildReport[] = []
  for (const name of await reportNames(directory)) {
    const report = await readReport(join(directory, name))
    if (report) reports.push(report)
  }
  return reports
}

// Their time comes first, so that names sort as they were written.
const nameOf = ({ startedAt, id }: BuildReport): string => `${String(startedAt.getTime()).padStart(16, '0')}-${id}.json`

async function reportNames(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory).catch((error) => (isMissing(error) ? [] : Promise.reject(error)))
  return names
    .filter((name) => /^[0-9]{16}-[0-9a-f]{64}\.json$/.test(name))
    .sort()
    .reverse()
}

async function readReport(path: string): Promise<BuildReport | undefined> {
  try {
    const bytes = await fileStep('read build report', path, () => readRegularFile(path, maxReportBytes))
    const value = bytes && parseJson(bytes)
    return isReport(value) ? { ...value, startedAt: new Date(value.startedAt) } : undefined
  } catch (error) {
    if (error instanceof UnreadableFile) return undefined
    throw error
  }
}

function isReport(value: unknown): value is BuildReport {
  if (typeof value !== 'object' || value === null) return false
  const { id, startedAt, steps } = value as Partial<Record<keyof BuildReport, unknown>>
  return typeof id === 'string' && isId(id) && typeof startedAt === 'string' && Array.isArray(steps)
}
