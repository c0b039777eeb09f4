// SPDX-License-Identifier: Apache-2.0

/** Devices that a service asks for, such as graphics cards. */
export interface DeviceRequestModel {
  /** What makes it; the engine's own if it is left out. */
  readonly driver?: string | undefined
  /** -1 for all. */
  readonly count?: number | undefined
  /** Which ones. */
  readonly device_ids?: readonly string[] | undefined
  /** What they have to be able to: `gpu`. */
  readonly capabilities?: readonly string[] | undefined
  /** For the driver. */
  readonly options?: Readonly<Record<string, unknown>> | readonly unknown[] | undefined
}

/** What a service may use, or has for sure. */
export interface ResourceModel {
  /** A number in text, as compose has it. */
  readonly cpus?: string | undefined
  /** Bytes. */
  readonly memory?: number | undefined
  /** How many processes. */
  readonly pids?: number | undefined
  /** Of an orchestrator. */
  readonly generic_resources?: readonly unknown[] | undefined
  /** Devices that it needs. */
  readonly devices?: readonly DeviceRequestModel[] | undefined
}

/** How many containers change at a time. Durations are texts such as `1m30s`. */
export interface UpdateModel {
  /** How many at once; 0 for all. */
  readonly parallelism?: number | undefined
  /** Between one group and the next. */
  readonly delay?: string | undefined
  /** `continue`, `rollback` or `pause`. */
  readonly failure_action?: string | undefined
  /** How long one is watched after its update. */
  readonly monitor?: string | undefined
  /** How many may fail. */
  readonly max_failure_ratio?: number | undefined
  /** Which comes first, the end of the old or the start of the new. */
  readonly order?: 'start-first' | 'stop-first' | undefined
}

/** How a service is run. Compose deploy specification. */
export interface DeployModel {
  /** `replicated`, or a mode of an orchestrator. */
  readonly mode?: string | undefined
  /** Of an orchestrator. */
  readonly endpoint_mode?: string | undefined
  /** How many containers. */
  readonly replicas?: number | undefined
  /** Kept with it, for tools. */
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** How the new replace the old. */
  readonly update_config?: UpdateModel | undefined
  /** How the old come back. */
  readonly rollback_config?: UpdateModel | undefined
  /** What it may use, and what it has for sure. */
  readonly resources?:
    | {
        /** What it may use. */
        readonly limits?: ResourceModel
        /** What it has for sure. */
        readonly reservations?: ResourceModel
      }
    | undefined
  /** When it is started again. */
  readonly restart_policy?:
    | {
        /** What has to be. */
        readonly condition?: string | undefined
        /** Between one group and the next. */
        readonly delay?: string | undefined
        /** How often, before one gives up. */
        readonly max_attempts?: number | undefined
        /** How long it has to run to count as started. */
        readonly window?: string | undefined
      }
    | undefined
  /** Of an orchestrator. */
  readonly placement?: Readonly<Record<string, unknown>> | undefined
}
