// SPDX-License-Identifier: Apache-2.0
// How do I keep credentials of registries somewhere else? `npx tsx examples/credential-driver.ts`
// This driver keeps them in memory; another one would ask a vault, or have a cloud make tokens that last an hour.
import {
  type CredentialDriver,
  type CredentialQuery,
  Engine,
  EngineError,
  Image,
  type PasswordAuth,
  Registry,
} from 'tscontainer'

export class MemoryCredentials implements CredentialDriver {
  readonly #known = new Map<string, PasswordAuth>()

  get({ host }: CredentialQuery): PasswordAuth | undefined {
    return this.#known.get(host)
  }

  store(host: string, auth: PasswordAuth | { readonly identityToken: string }): void {
    if (!('password' in auth)) throw new Error('only names and passwords are kept here')
    this.#known.set(host, auth)
  }

  erase(host: string): void {
    this.#known.delete(host)
  }
}

if (process.argv[1] === import.meta.filename) {
  const [reference = '', username = '', password = ''] = process.argv.slice(2)
  const engine = await Engine.open({ plugins: { credentials: new MemoryCredentials() } })
  const registry = Registry.get(reference.slice(0, reference.indexOf('/')), { engine })
  const pull = async () => {
    const image = await Image.pull(reference, { engine })
    await image.remove()
    return 'pulled'
  }
  const codeOf = (error: unknown) => (EngineError.is(error) ? error.code : String(error))
  try {
    console.log(await pull().catch(codeOf))
    await registry.login({ username, password })
    console.log(await pull())
    await registry.logout()
    console.log(await pull().catch(codeOf))
  } finally {
    await engine.close()
  }
}
