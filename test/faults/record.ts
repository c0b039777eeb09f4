// SPDX-License-Identifier: Apache-2.0
import type { Walk } from './walk.js'
export const record = async (_operation: string, _fault: string, _walk: Walk): Promise<void> => {}
