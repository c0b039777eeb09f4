// SPDX-License-Identifier: Apache-2.0
import type { VolumeCreateOptions } from 'tscontainer'
import { volumeHash } from '../project/config-hash.js'
import { composeLabels, composeVersion } from '../project/labels.js'
import type { RunningProject } from '../run/running-project.js'
import { Reporter } from './reporter.js'

/** A volume of a project: one that is made, or one that is there. */
export type TranslatedVolume =
  | { readonly kind: 'create'; readonly options: VolumeCreateOptions }
  | { readonly kind: 'external'; readonly name: string }

/** The volume of that key. A driver that the engine lacks is ERR_UNSUPPORTED: data would be elsewhere than was meant. */
export function volumeOptions({ engine, model, origin }: RunningProject, key: string): TranslatedVolume {
  const reporter = new Reporter(model, ['volumes', key])
  const volume = model.volumes[key] ?? reporter.refuse([], 'there is no such volume')
  if (volume.external) return { kind: 'external', name: volume.name }
  const { name, labels, driver, driver_opts: options } = volume
  if (driver && !engine.drivers.volumes.includes(driver))
    reporter.unsupported(['driver'], `the engine has no driver '${driver}'`, 'give it one among its plugins')
  return {
    kind: 'create',
    options: {
      name,
      labels: {
        ...labels,
        [composeLabels.volume]: key,
        [composeLabels.project]: origin.name,
        [composeLabels.version]: composeVersion,
        [composeLabels.configHash]: volumeHash(volume),
      },
      ...(driver && { driver }),
      ...(options && Object.keys(options).length > 0 && { options }),
    },
  }
}
