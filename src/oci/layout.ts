// SPDX-License-Identifier: Apache-2.0
import { Fields, invalidField } from './fields.js'
import { parseUntrustedJson } from './json.js'

/** The content of a layout directory's `oci-layout` file (OCI image-spec 1.1, "Image Layout"). */
export const layoutHeader = '{"imageLayoutVersion":"1.0.0"}'

/** The annotation by which an index.json gives a manifest a name. */
export const refNameAnnotation = 'org.opencontainers.image.ref.name'

/** Refuses with ERR_IMAGE_INVALID an `oci-layout` file of another major version, or none at all. */
export function checkLayoutHeader(data: Uint8Array | string): void {
  const fields = new Fields(parseUntrustedJson(data, 'oci-layout', { maxBytes: 4096 }), 'oci-layout')
  const version = fields.required('imageLayoutVersion', fields.string('imageLayoutVersion'))
  if (!/^1\.\d+\.\d+$/.test(version))
    throw invalidField('oci-layout.imageLayoutVersion', `'${version}' is not supported`)
}
