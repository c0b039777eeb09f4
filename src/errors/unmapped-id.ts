// SPDX-License-Identifier: Apache-2.0

/** What an id is called, and done about, that the container's user namespace does not have. */
export const unmappedId = {
  code: 'ERR_USER_UNMAPPED',
  problem: 'the container has no such user or group id',
  hint: 'usermod --add-subuids 100000-165535 --add-subgids 100000-165535 <user> gives an ordinary user 65,536 more ids',
} as const
