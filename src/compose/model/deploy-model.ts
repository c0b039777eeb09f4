// SPDX-License-Identifier: Apache-2.0

/** Devices that a service asks for, such as graphics cards. */
export interface DeviceRequestModel {
  readonly driver?: string | undefined
  /** -1 for all. */
  readonly count?: number | undefined
  readonly device_ids?: readonly string[] | undefined
  readonly capabilities?: readonly string[] | undefined
  readonly options?: Readonly<Record<string, unknown>> | readonly unknown[] | undefined
}

/** What a service may use, or has for sure. */
export interface ResourceModel {
  /** A number in text, as compose has it. */
  readonly cpus?: string | undefined
  /** Bytes. */
  readonly memory?: number | undefined
  readonly pids?: number | undefined
  readonly generic_resources?: readonly unknown[] | undefined
  readonly devices?: readonly DeviceRequestModel[] | undefined
}

/** How many containers change at a time. Durations are texts such as `1m30s`. */
export interface UpdateModel {
  readonly parallelism?: number | undefined
  readonly delay?: string | undefined
  readonly failure_action?: string | undefined
  readonly monitor?: string | undefined
  readonly max_failure_ratio?: number | undefined
  readonly order?: 'start-first' | 'stop-first' | undefined
}

/** How a service is run. Compose deploy specification. */
export interface DeployModel {
  readonly mode?: string | undefined
  readonly endpoint_mode?: string | undefined
  readonly replicas?: number | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
  readonly update_config?: UpdateModel | undefined
  readonly rollback_config?: UpdateModel | undefined
  readonly resources?: { readonly limits?: ResourceModel; readonly reservations?: ResourceModel } | undefined
  readonly restart_policy?:
    | {
        readonly condition?: string | undefined
        readonly delay?: string | undefined
        readonly max_attempts?: number | undefined
        readonly window?: string | undefined
      }
    | undefined
  readonly placement?: Readonly<Record<string, unknown>> | undefined
}
