// SPDX-License-Identifier: Apache-2.0
/** Why some files may call by path, and what. */
export interface PathCallException {
  readonly reason: string
  /** The calls of a file, by the file's name below addon/. */
  readonly calls: Readonly<Record<string, readonly string[]>>
}

export const pathCallExceptions: readonly PathCallException[] = [
  {
    reason:
      'its caller, the owner of the store, named it before there was a container; the ways to it are not below any root',
    calls: {
      'binding/descriptors.cc': ['open'],
      'binding/executable.cc': ['open'],
      'supervisor/copied_root.cc': ['open'],
      'supervisor/host.cc': ['open', 'setxattr', 'opendir', 'mkdir'],
      'supervisor/main.cc': ['open'],
      'supervisor/probe.cc': ['stat', 'access', 'statfs', 'mkdtemp', 'open'],
      'supervisor/volume_fill.cc': ['open'],
      'runtime/rootfs.cc': ['open'],
    },
  },
  {
    reason:
      'a directory of the run directory or of the store, 0700 and with a checked name, in a mount namespace of our own',
    calls: {
      'build/digest_memo.cc': ['openat', 'renameat'],
      'files/file_root.cc': ['open'],
      'runtime/rootfs.cc': ['mount', 'umount2'],
      'supervisor/endpoint_watch.cc': ['inotify_add_watch'],
      'supervisor/directory_names.cc': ['openat'],
      'supervisor/image_mount.cc': ['open', 'umount2'],
      'supervisor/root_parking.cc': ['stat'],
      'supervisor/stack_request.cc': ['open'],
      'supervisor/stored_container.cc': ['openat'],
      'supervisor/supervisor.cc': ['unlink'],
      'supervisor/tree_request.cc': ['open'],
      'supervisor/unix_socket.cc': ['openat'],
      'supervisor/volume_mount.cc': ['open', 'umount2'],
      'supervisor/volume_operations.cc': ['open'],
    },
  },
  {
    reason: "the kernel's own files, at the host's mount of them or through a handle of fsopen",
    calls: {
      'cgroup/driver.cc': ['open'],
      'cgroup/probe.cc': ['open'],
      'core/paths.cc': ['openat'],
      'files/file_calls.cc': ['fchmodat', 'utimensat'],
      'files/file_root.cc': ['open'],
      'files/watch_list.cc': ['inotify_add_watch'],
      'runtime/id_map.cc': ['open', 'openat'],
      'runtime/inside_network.cc': ['open'],
      'runtime/launch.cc': ['open'],
      'runtime/namespace_visit.cc': ['open'],
      'supervisor/held_namespaces.cc': ['openat'],
      'supervisor/rootless.cc': ['open'],
      'supervisor/way_out_keeper.cc': ['readlink'],
    },
  },
  {
    reason: 'a device of the host, opened by a process that is in no container',
    calls: {
      'binding/spawn.cc': ['open'],
      'supervisor/output_drain.cc': ['open'],
      'supervisor/probe_way_out.cc': ['open'],
      'supervisor/way_out_keeper.cc': ['open'],
    },
  },
  {
    reason: 'a program of the host, looked for in a list that no environment changes',
    calls: { 'supervisor/rootless.cc': ['stat'], 'supervisor/way_out_program.cc': ['stat', 'access'] },
  },
  {
    reason:
      "this process is already in the container's root, with nothing open that is not the container's: it reaches what the program reaches",
    calls: {
      'runtime/child_devices.cc': ['open'],
      'runtime/child_program.cc': ['open', 'chdir', 'stat'],
      'runtime/user_lookup.cc': ['open'],
    },
  },
  {
    reason:
      'the node was made a moment ago, in a root to which this process is confined and where nobody works but its container: fchmodat cannot say that it follows no link (Linux 6.6)',
    calls: {
      'build/copy_step.cc': ['fchmodat'],
      'layer/entry_writer.cc': ['fchmodat'],
      'layer/tree_copier.cc': ['fchmodat'],
      'supervisor/container_memory.cc': ['fchmodat'],
    },
  },
  {
    reason:
      "the OCI runtime command: its caller is the host's root (or the owner of the namespace it runs in), who names bundles, files and namespaces of its own",
    calls: {
      'command/bundle.cc': ['realpath', 'chdir'],
      'command/cgroup_place.cc': ['open'],
      'command/default_spec.cc': ['open'],
      'command/log.cc': ['open'],
      'command/namespace_paths.cc': ['open', 'stat'],
      'command/pid_file.cc': ['open'],
      'command/record.cc': ['mkdir', 'open', 'opendir'],
      'command/sealed.cc': ['statvfs'],
    },
  },
  {
    reason: 'its own root directory, which is mounted by nobody else',
    calls: { 'runtime/child_ahead.cc': ['stat'] },
  },
]
