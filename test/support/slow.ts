// SPDX-License-Identifier: Apache-2.0

/** What every deadline of a test is multiplied by: the virtual machine of test/vm runs JavaScript many times slower. */
export const slow = Number(process.env.TSC_TEST_SLOW ?? 1)
