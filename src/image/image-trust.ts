// SPDX-License-Identifier: Apache-2.0
import { invalidArgument } from '../errors/invalid-argument.js'
import type { Digest } from '../oci/digest.js'
import type { Reference } from '../oci/reference.js'
import { checkTrust } from '../signature/check-policy.js'
import type { Signer } from '../signature/private-key.js'
import { signManifest } from '../signature/sign-manifest.js'
import type { SignOptions, VerifyOptions } from '../signature/signature-options.js'
import type { SignatureSource } from '../signature/signature-source.js'
import type { Remote, TransferContext } from './pull-context.js'
import { pullSmallBlob } from './pull-layer.js'
import type { PullOptions } from './pull-options.js'

interface Trusting {
  readonly remote: Remote
  readonly reference: Reference
  readonly signal: AbortSignal | undefined
}

/** A pull that asks nobody cannot ask for signatures: ERR_INVALID_ARGUMENT. */
export function refuseUnaskable({ policy, verify }: PullOptions): void {
  if (policy !== 'never' || verify === undefined) return
  throw invalidArgument('verify', "needs the registry, which policy 'never' does not ask")
}

/** Refuses what neither the engine's policy nor the call takes: ERR_IMAGE_REJECTED, ERR_SIGNATURE_INVALID. */
export async function requireTrust(
  context: TransferContext,
  asking: Trusting & { readonly verify: VerifyOptions | undefined },
  digest: Digest,
): Promise<void> {
  const { reference, verify, signal } = asking
  if (!verify && !context.signatures?.length) return
  const trust = { policies: context.signatures, verify }
  await context.connection()
  // What signatures say passes through the store.
  const lease = await context.store.lease(signal)
  try {
    await checkTrust(sourceOf(context, asking), { reference, digest }, trust)
  } finally {
    await lease.release()
  }
}

/** Signs what a reference stands for since it was pushed. The caller holds a lease. */
export async function signPushed(
  context: TransferContext,
  pushed: Trusting & { readonly digest: Digest },
  signing: { readonly signer: Signer; readonly options: SignOptions },
): Promise<void> {
  const { remote, reference, signal, digest } = pushed
  const request = { auth: remote.auth, signal }
  const target = {
    ...sourceOf(context, pushed),
    writeBlob: async (
      blob: { readonly mediaType: string; readonly digest: Digest; readonly size: number },
      bytes: Uint8Array,
    ) => {
      if (await remote.client.hasBlob(remote.repository, blob.digest, request)) return
      await context.store.blobs.ingest([bytes], blob)
      await remote.client.uploadBlob(remote.repository, blob, () => opened(context, blob.digest), request)
    },
  }
  const { signer, options } = signing
  await signManifest(target, { reference, digest }, { signer, annotations: options.annotations })
}

async function opened({ store }: TransferContext, digest: Digest) {
  const file = await store.blobs.open(digest)
  if (file) return file
  throw new TypeError(`the blob ${digest} vanished`)
}

function sourceOf(context: TransferContext, { remote, signal }: Trusting): SignatureSource {
  return { ...remote, signal, readBlob: (blob) => pullSmallBlob(context, { remote, blob, signal }) }
}
