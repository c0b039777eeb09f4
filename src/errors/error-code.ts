// SPDX-License-Identifier: Apache-2.0

/**
 * What each error code means, one line a code. The keys of this table are the closed union {@link ErrorCode}; a code
 * is never reused for something else and never removed within a major version.
 */
export const errorCodes = {
  /** An option, argument or name is unknown or malformed; `option` names it. Nothing has happened. */
  ERR_INVALID_ARGUMENT: 'an argument or option is unknown or malformed',
  /** The text is no image reference in Docker's grammar. */
  ERR_INVALID_REFERENCE: 'the text is not an image reference',
  /** This machine cannot run containers at all; `report` says what is missing and how to get it. */
  ERR_HOST_UNSUPPORTED: 'this machine cannot run containers',
  /** The request is well formed, but this version or this host does not do it. */
  ERR_UNSUPPORTED: 'the request is not supported here',
  /** The user or group id is outside the ids that this engine has mapped into its user namespace. */
  ERR_USER_UNMAPPED: 'the user id is not mapped into the container',
  /** The image's /etc/passwd or /etc/group has no such user or group. */
  ERR_USER_NOT_FOUND: 'the user or group does not exist in the image',
  /** No image of that name or id in the store, and it could not be had elsewhere. */
  ERR_IMAGE_NOT_FOUND: 'no such image',
  /** The image is there, but not for the platform that was asked for; `hint` lists those it is there for. */
  ERR_IMAGE_PLATFORM: 'the image is not there for that platform',
  /** The image is used by a container. */
  ERR_IMAGE_IN_USE: 'the image is in use',
  /** A manifest, index or image config breaks the OCI image specification or our limits. */
  ERR_IMAGE_INVALID: 'the image is malformed',
  /** A layer could not be unpacked: malformed, truncated, or it tried to leave its root. */
  ERR_LAYER_INVALID: 'the layer is malformed',
  /** No signature was found that the call or the policy of the engine asks for: none at all, by other keys, of another image or name. */
  ERR_SIGNATURE_INVALID: 'the image is not signed as it has to be',
  /** The policy of the engine takes no image of that name. */
  ERR_IMAGE_REJECTED: 'a policy refuses the image',
  /** Content is not what its digest or size says. */
  ERR_DIGEST_MISMATCH: 'content does not match its digest',
  /** A file given to load or import is no image archive; or what is copied into a container is no tar. */
  ERR_ARCHIVE_INVALID: 'the archive is malformed',
  /** The registry's host name leads nowhere. */
  ERR_REGISTRY_HOST_UNKNOWN: 'the host of the registry is unknown',
  /** The registry cannot be reached, or stopped answering in the middle. */
  ERR_REGISTRY_UNREACHABLE: 'the registry cannot be reached',
  /** The registry's certificate is not trusted, does not fit its name, or it wants one of ours. */
  ERR_REGISTRY_TLS: 'no trusted connection to the registry',
  /** The registry wants credentials, or other ones (401). */
  ERR_REGISTRY_UNAUTHORIZED: 'the registry wants other credentials',
  /** The registry knows who asks, and refuses (403). */
  ERR_REGISTRY_DENIED: 'the registry denies access',
  /** The registry has no such repository, or hides it. */
  ERR_REGISTRY_REPOSITORY_UNKNOWN: 'no such repository in the registry',
  /** The repository has no such tag or manifest. */
  ERR_REGISTRY_MANIFEST_UNKNOWN: 'no such tag or manifest in the repository',
  /** The repository has no such blob. */
  ERR_REGISTRY_BLOB_UNKNOWN: 'no such blob in the repository',
  /** The registry was asked too often (429). */
  ERR_REGISTRY_RATE_LIMITED: 'the registry was asked too often',
  /** The registry has no room left for this account, or takes nothing of that size. */
  ERR_REGISTRY_QUOTA: 'the quota of the registry is used up',
  /** The registry does not do this: deletion switched off, for example. */
  ERR_REGISTRY_UNSUPPORTED: 'the registry does not do this',
  /** The registry failed (5xx), also after more tries. */
  ERR_REGISTRY_FAILED: 'the registry failed',
  /** The registry's answer breaks the distribution specification or our limits, or leads where we must not go. */
  ERR_REGISTRY_PROTOCOL: 'the answer of the registry is not acceptable',
  /** A credential helper or a file with credentials does not work. */
  ERR_CREDENTIALS: 'the credentials cannot be read or written',
  /** A Dockerfile is malformed, or asks for what cannot be; `line` and `column` say where, the message shows the line. */
  ERR_DOCKERFILE: 'the Dockerfile is malformed',
  /** The Dockerfile breaks rules that its `# check=error=true` makes errors; the message lists them. */
  ERR_DOCKERFILE_CHECK: 'the Dockerfile breaks rules of its check',
  /** A file with patterns of what a build context leaves out has a malformed pattern; `line` says which. */
  ERR_IGNORE_PATTERN: 'a pattern of what to leave out is malformed',
  /** No container of that name or id. */
  ERR_CONTAINER_NOT_FOUND: 'no such container',
  /** The container's state does not allow the operation. */
  ERR_CONTAINER_STATE: 'the container is in the wrong state',
  /** The container ended while something was expected of it; `exit` and `logs` tell how. */
  ERR_CONTAINER_EXITED: 'the container exited',
  /** Nothing in the container takes the connection; `errno` says why: ECONNREFUSED where nobody listens on that port. */
  ERR_DIAL_REFUSED: 'the container takes no connection there',
  /** The container was not ready in time; `logs` has the last of what it wrote. */
  ERR_READY_TIMEOUT: 'the container was not ready in time',
  /** No network of that name or id. */
  ERR_NETWORK_NOT_FOUND: 'no such network',
  /** A container is on the network, running or not; `object` is the network. */
  ERR_NETWORK_IN_USE: 'the network is in use',
  /** The host's port is taken; `object` is its address and number. */
  ERR_PORT_IN_USE: 'the port is in use',
  /** The host keeps ports below `net.ipv4.ip_unprivileged_port_start` to root. */
  ERR_PORT_PRIVILEGED: 'the port is kept to root',
  /** No port of the host leads to that one of the container. */
  ERR_PORT_NOT_PUBLISHED: 'the port is not published',
  /** Another container of the network has the address, or the host has none such; `object` is the address. */
  ERR_ADDRESS_IN_USE: 'the address cannot be had',
  /** A network or a route of the host has addresses of that range already. */
  ERR_SUBNET_IN_USE: 'the range of addresses is in use',
  /** No volume of that name. */
  ERR_VOLUME_NOT_FOUND: 'no such volume',
  /** A container uses the volume, running or not; `object` is the volume. */
  ERR_VOLUME_IN_USE: 'the volume is in use',
  /** A volume driver failed, whose error is the `cause`; or the volume's driver is not among the plugins. `object` is the volume. */
  ERR_VOLUME_DRIVER: 'the volume driver failed',
  /** A command of a build ended with another code than 0, or by a signal. The message has its last lines. */
  ERR_BUILD_FAILED: 'a command of the build failed',
  /** A file that ADD names by its address cannot be fetched; `object` is the address. */
  ERR_ADD_FAILED: 'a file to be added cannot be fetched',
  /** A log driver among the plugins refused a container, or a line; its error is the `cause`. `object` is the driver. */
  ERR_LOG_DRIVER: 'the log driver failed',
  /** Another object of this engine has that name. */
  ERR_NAME_IN_USE: 'the name is in use',
  /** A prefix of an id fits more than one object. */
  ERR_AMBIGUOUS_ID: 'the id prefix is ambiguous',
  /** The container's main command could not be started; `errno` says why (ENOENT, EACCES …). */
  ERR_START_FAILED: 'the container could not be started',
  /** The command of an exec could not be started; `errno` says why. */
  ERR_EXEC_SPAWN: 'the command could not be started',
  /** The command of an exec ended with a non-zero status or a signal; `result` has everything. */
  ERR_EXEC_FAILED: 'the command failed',
  /** The command of an exec took longer than `timeoutMs` and was killed; `result` has what it wrote. */
  ERR_EXEC_TIMEOUT: 'the command took too long',
  /** The command of an exec wrote more than `maxBuffer` and was killed. */
  ERR_EXEC_OUTPUT_LIMIT: 'the command wrote too much',
  /** No exec of that id, or it ended too long ago. */
  ERR_EXEC_NOT_FOUND: 'no such exec',
  /** The keys that detach were typed: the command goes on without us; `object` is its id. */
  ERR_EXEC_DETACHED: 'detached from the command',
  /** No such file or directory in the container, or on the host where `step` says so. */
  ERR_FILE_NOT_FOUND: 'no such file or directory',
  /** A file is there already (EEXIST), or a directory is not empty (ENOTEMPTY). */
  ERR_FILE_EXISTS: 'the file exists already',
  /** The path leads to something of another kind: `errno` is ENOTDIR, EISDIR, ELOOP, or EINVAL for a FIFO, a device or a socket. */
  ERR_FILE_TYPE: 'the file is of another kind',
  /** A file of a build's context was changed while the build read it; `object` names it. */
  ERR_CONTEXT_CHANGED: 'the context changed during the build',
  /** A resource limit was asked for that this host cannot apply; `option` names it, `hint` says how to get it. */
  ERR_LIMIT_UNSUPPORTED: 'the limit cannot be applied on this host',
  /** The kernel, a file system or a limit of the host ran out of something. */
  ERR_RESOURCE_EXHAUSTED: 'a resource of the host is used up',
  /** The supervisor process went away in the middle. */
  ERR_SUPERVISOR_LOST: 'the supervisor went away',
  /** The engine was closed. */
  ERR_ENGINE_CLOSED: 'the engine is closed',
  /** The store is used from another run directory; only one may have containers in it at a time. */
  ERR_STORE_IN_USE: 'the store is used from another run directory',
  /** A file of the store is damaged; it was put aside and the rest goes on. */
  ERR_STORE_CORRUPT: 'a file of the store is damaged',
  /** The caller may not do this on this host. */
  ERR_PERMISSION: 'permission denied',
  /** A system call failed in a way that has no code of its own; `step`, `errno` and `object` tell which. */
  ERR_NATIVE: 'a system call failed',
  /** A compose file, or a file that it names, is malformed or contradicts itself; the message has file, line, column and path, `option` the path. */
  ERR_COMPOSE_INVALID: 'the compose file is invalid',
  /** What a service of a project needs first did not become what it has to be; `object` is the service that is needed, `cause` says more. */
  ERR_COMPOSE_DEPENDENCY: 'a dependency of the service is not as it has to be',
  /** Nothing in the engine belongs to a project of that name. */
  ERR_PROJECT_NOT_FOUND: 'no such project',
  /** Containers of a service could not be replaced by new ones; `object` is the service, the `cause` what was wrong with the first. */
  ERR_COMPOSE_UPDATE: 'the update of the service failed',
  /** A deadline given by the caller passed. */
  ERR_TIMEOUT: 'the deadline passed',
} as const

/** The closed set of codes an {@link EngineError} carries. */
export type ErrorCode = keyof typeof errorCodes

/** Whether the text is one of {@link ErrorCode}. */
export function isErrorCode(text: unknown): text is ErrorCode {
  return typeof text === 'string' && Object.hasOwn(errorCodes, text)
}
