// SPDX-License-Identifier: Apache-2.0
// What `npm run test:vm -- <name>` runs. Under User-mode Linux (-u) attacks and networks take five to nine minutes for each user, the others
// one to five. By emulation the first file takes two minutes of a processor, in which everything is compiled, and another one half a minute.

const integration = (paths) => paths.map((path) => `test/integration/${path}`)

/** Filters of vitest, by the name of the suite. `usual` is what runs without a name. */
export const suites = {
  // What cgroups, privileges and start-up decide about.
  usual: [
    ...integration([
      'rootless/ids',
      'rootless/limits',
      'probe/',
      'exec/exec-collects',
      'exec/execs-are-found',
      'exec/limits-of-one-command',
      'events/',
      'health/checks-are-contained',
      'container/connections-lead-inside',
      'container/detached-containers',
      'container/disk-quotas-hold',
      'container/every-option-has-an-effect',
      'container/lifecycle-is-one-table',
      'container/limits-are-changed',
      'container/limits-hold',
      'container/lives-have-limits',
      'container/pausing-holds-nobody-up',
      'container/pressure-is-told',
      'container/restarts-follow',
      'container/stats-say',
      'native/supervisor-starts',
      'network/networks-break-on-purpose',
    ]),
    'test/adversarial/runtime',
    ...integration(['ci-container']),
  ],
  attacks: ['test/adversarial'],
  networks: integration(['network/', 'volume/']),
  builds: integration(['build/commands', 'build/contexts', 'build/copies', 'build/images', 'build/results']),
  projects: integration(['compose/projects', 'compose/properties', 'compose/verbs']),
  runtime: integration(['oci-runtime/']),
}

/** What is named, with the names of suites replaced by what they hold. */
export const filtersOf = (names) => (names.length > 0 ? names : ['usual']).flatMap((name) => suites[name] ?? name)
