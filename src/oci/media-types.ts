// SPDX-License-Identifier: Apache-2.0

/** Media types of the OCI image specification 1.1, and Docker's older ones that mean the same. */
export const mediaTypes = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  empty: 'application/vnd.oci.empty.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
  layerGzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  layerZstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerIndex: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
  dockerLayer: 'application/vnd.docker.image.rootfs.diff.tar',
  dockerLayerGzip: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  dockerLayerZstd: 'application/vnd.docker.image.rootfs.diff.tar.zstd',
  dockerForeignLayerGzip: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
} as const

const manifests = new Set<string>([mediaTypes.manifest, mediaTypes.dockerManifest])
const indexes = new Set<string>([mediaTypes.index, mediaTypes.dockerIndex])
const configs = new Set<string>([mediaTypes.config, mediaTypes.dockerConfig])
const layers = new Set<string>([
  mediaTypes.layer,
  mediaTypes.layerGzip,
  mediaTypes.layerZstd,
  mediaTypes.dockerLayer,
  mediaTypes.dockerLayerGzip,
  mediaTypes.dockerLayerZstd,
  mediaTypes.dockerForeignLayerGzip,
])

/** Whether content of this type is an image manifest. */
export function isManifestType(mediaType: string): boolean {
  return manifests.has(mediaType)
}

/** Whether content of this type is an index (Docker: manifest list). */
export function isIndexType(mediaType: string): boolean {
  return indexes.has(mediaType)
}

/** Whether content of this type is the config of a container image. */
export function isConfigType(mediaType: string): boolean {
  return configs.has(mediaType)
}

/** Whether content of this type is a layer of a root file system: a tar in any compression, foreign ones included. */
export function isLayerType(mediaType: string): boolean {
  return layers.has(mediaType) || isForeignLayerType(mediaType)
}

/** Whether a layer of this type is not to be pushed to a registry. */
export function isForeignLayerType(mediaType: string): boolean {
  return (
    mediaType === mediaTypes.dockerForeignLayerGzip ||
    mediaType.startsWith('application/vnd.oci.image.layer.nondistributable.v1.tar')
  )
}
