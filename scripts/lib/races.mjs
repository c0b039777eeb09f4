// SPDX-License-Identifier: Apache-2.0
const sanitizer = /libtsan\.so/
const ours = /\(tscontainer\.node\+/

// libuv closes descriptors by system calls of its own, which the sanitizer does not see: it takes the next owner of a number for a racing one.
const ofDescriptors =
  /#0 (open\w*|close|pipe2?|dup\d?|fcntl\w*|socket\w*|accept4?|epoll_\w+|eventfd|recvmsg|sendmsg|memfd_create)\b/

const stacks = (report) =>
  report
    .split(/\n\s*\n/)
    .filter((part) => /\b(read|write) of size/i.test(part))
    .map((part) => part.split('\n').filter((line) => /^\s*#\d+ /.test(line)))

const isOurs = (frames) => {
  if (ofDescriptors.test(frames[0] ?? '')) return false
  return ours.test(frames.find((frame) => !sanitizer.test(frame)) ?? '')
}

/**
 * The data races, of all that the thread sanitizer reported in a process of Node's, in which the addon is one of the two. Node itself is not
 * built with the sanitizer, so most of what is said about it is not so.
 */
export const racesOfAddon = (log) =>
  log.split(/^={18}$/m).filter((report) => report.includes('WARNING: ThreadSanitizer') && stacks(report).some(isOurs))
