// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Paths of a certificate and its key. */
export interface Certificate {
  readonly certificate: string
  readonly key: string
}

/** An authority of the tests. */
export interface TestAuthority {
  /** The path of its certificate. */
  readonly file: string
  /** The same as PEM. */
  readonly pem: string
  /** A certificate for servers of those names and addresses, or for a client. */
  issue(name: string, names?: readonly string[]): Promise<Certificate>
}

const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

/** Makes one with openssl. */
export const makeAuthority = async (directory: string, name = 'authority of the tests'): Promise<TestAuthority> => {
  await mkdir(directory, { recursive: true })
  const at = (file: string) => join(directory, file)
  await openssl(
    'req',
    '-x509',
    ...curve,
    '-days',
    '2',
    '-subj',
    `/CN=${name}`,
    '-keyout',
    at('ca.key'),
    '-out',
    at('ca.crt'),
  )
  return {
    file: at('ca.crt'),
    pem: await readFile(at('ca.crt'), 'utf8'),
    issue: async (subject, names = [subject]) => {
      const [key, request, certificate] = [at(`${subject}.key`), at(`${subject}.csr`), at(`${subject}.crt`)]
      const kind = (text: string) => (/^[\d.]+$|:/.test(text) ? `IP:${text}` : `DNS:${text}`)
      await writeFile(at(`${subject}.ext`), `subjectAltName=${names.map(kind).join(',')}\n`)
      await openssl('req', ...curve, '-subj', `/CN=${subject}`, '-keyout', key, '-out', request)
      const authority = ['-CA', at('ca.crt'), '-CAkey', at('ca.key'), '-CAcreateserial']
      await openssl(
        'x509',
        '-req',
        '-in',
        request,
        ...authority,
        '-days',
        '2',
        '-extfile',
        at(`${subject}.ext`),
        '-out',
        certificate,
      )
      return { certificate, key }
    },
  }
}

const openssl = (...args: readonly string[]) => run('openssl', [...args])
