// SPDX-License-Identifier: Apache-2.0
import type { Defence } from './defence.js'

const hostile = 'adversarial/layers/hostile-layers-reach-nothing-outside'

export const layers: readonly Defence[] = [
  {
    without: 'names that climb out are refused',
    edits: [
      [
        'addon/layer/entry_name.cc',
        'if (part.empty() || part == ".") continue;',
        'if (part.empty() || part == "." || (part == ".." && parts.empty())) continue;',
      ],
    ],
    red: [
      ['layer_attacks_test', 'names that leave the root are refused and named'],
      ['layer_attacks_test', 'hard links reach nothing outside'],
      [hostile, 'a layer is refused'],
    ],
  },
  {
    without: 'links are followed below the root, by ourselves',
    edits: [
      [
        'addon/layer/layer_tree.cc',
        'constexpr int kDirFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;',
        'constexpr int kDirFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;',
      ],
      [
        'addon/layer/layer_tree.cc',
        'how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;',
        'how.resolve = 0;',
      ],
    ],
    red: [
      ['layer_attacks_test', 'a directory that becomes a link between two entries'],
      ['layer_attacks_test', 'absolute links and writes below them keep working'],
      ['layer_whiteout_test', 'whiteouts through a link stay inside'],
      [hostile, 'what a layer has stays inside'],
    ],
  },
  {
    without: 'absolute targets of hard links are below the root',
    group: 'archives',
    edits: [
      [
        'addon/layer/entry_writer.cc',
        'const auto clean = TSC_TRY(CleanEntryName(entry.link));',
        'if (entry.link.starts_with("/")) return Because(EINVAL, entry);\n  const auto clean = TSC_TRY(CleanEntryName(entry.link));',
      ],
    ],
    red: [['layer_attacks_test', 'absolute hard-link targets keep working']],
  },
  {
    without: 'a device keeps its special bits',
    group: 'archives',
    edits: [
      [
        'addon/layer/entry_writer.cc',
        'if ((entry.mode & kSpecialBits) != 0 && ::fchmodat(dir,',
        'if (entry.mode == kSpecialBits && ::fchmodat(dir,',
      ],
    ],
    red: [['layer_attacks_test', 'modes of devices keep working']],
  },
  {
    without: 'no whiteout hides a parent or nothing',
    group: 'archives',
    edits: [['addon/layer/whiteout.cc', 'hidden.empty() || hidden == "." || hidden == ".."', 'hidden.empty()']],
    red: [['layer_whiteout_test', 'malformed whiteouts are errors']],
  },
  {
    without: 'an opaque marker is set by the name that rootless overlays read',
    group: 'archives',
    edits: [
      [
        'addon/layer/layer_tree.cc',
        'options_.user_xattr ? "user.overlay.opaque" : "trusted.overlay.opaque"',
        'options_.user_xattr ? "user.overlay.none" : "trusted.overlay.opaque"',
      ],
    ],
    red: [
      [
        'layer_whiteout_test',
        'an opaque marker works before and after its siblings, and by both names of the attribute',
      ],
    ],
  },
  {
    without: 'a 0/0 device is made for whiteouts alone',
    group: 'archives',
    edits: [
      [
        'addon/layer/entry_writer.cc',
        'entry.type == TarType::kCharDevice && entry.major == 0',
        'entry.type == TarType::kCharDevice && entry.major == 99',
      ],
    ],
    red: [['layer_attacks_test', 'whiteout devices are not taken from the archive']],
  },
  {
    without: "overlay's attributes are our own",
    group: 'archives',
    edits: [
      [
        'addon/layer/entry_metadata.cc',
        'return name.starts_with("user.") && !IsOverlayXattr(name);',
        'return name.starts_with("user.") || name.starts_with("trusted.") || IsOverlayXattr(name);',
      ],
    ],
    red: [['layer_apply_test', "capabilities and user attributes survive, labels and overlay's own do not"]],
  },
  {
    without: 'devices are left out where there may be none',
    group: 'archives',
    edits: [
      [
        'addon/layer/entry_writer.cc',
        'if (IsDevice(entry.type) && !options_.devices) {',
        'if (IsDevice(entry.type) && !options_.devices && entry.size > 0) {',
      ],
    ],
    red: [['layer_apply_test', 'without devices they are left out and counted, a fifo is made']],
  },
  {
    without: 'runs of sparse files are within it',
    group: 'archives',
    edits: [
      [
        'addon/layer/tar_sparse.cc',
        'if (offset < end || offset > file_size || length > file_size - offset) return',
        'if (offset < end && offset > file_size) return',
      ],
    ],
    red: [['layer_tar_test', 'sparse maps that lie']],
  },
  {
    without: 'the size of PAX is the size',
    group: 'archives',
    edits: [['addon/layer/tar_reader.cc', 'if (pax.size) entry.size = *pax.size;', '']],
    red: [['layer_tar_test', "a PAX size wins over the header's, so that no entry can hide in another"]],
  },
  {
    without: 'headers have a largest size',
    group: 'archives',
    edits: [
      [
        'addon/layer/tar_reader.cc',
        'if (size > (pax ? limits_.pax_bytes : limits_.name_bytes + 1)) return',
        'if (size > (pax ? limits_.pax_bytes : limits_.name_bytes + 1) * 100000) return',
      ],
    ],
    red: [['layer_tar_test', 'sizes that claim what is not there']],
  },
  {
    without: 'what comes out of a decompressor is counted',
    group: 'archives',
    edits: [['addon/layer/inflate_codecs.h', 'if (bytes > left_) return', 'if (bytes > left_ && left_ == 1) return']],
    red: [['layer_inflate_test', 'a bomb stops at the limit']],
  },
  {
    without: 'behind gzip only gzip is taken',
    group: 'archives',
    edits: [
      [
        'addon/layer/inflate_gzip.cc',
        'if (padded || *stream_.next_in != 0x1f) return Fail("decompress", EBADMSG, "gzip: trailing garbage");',
        'if (padded || *stream_.next_in != 0x1f) {\n      finished_ = true;\n      return {};\n    }',
      ],
    ],
    red: [['layer_inflate_test', 'behind gzip only padding or another member']],
  },
  {
    without: 'an end that comes too early is an error',
    group: 'archives',
    edits: [
      [
        'addon/layer/inflate_gzip.cc',
        'if (!TSC_TRY(Refill())) return Fail("decompress", EBADMSG, "gzip: truncated");',
        'if (!TSC_TRY(Refill())) break;',
      ],
    ],
    red: [['layer_inflate_test', 'truncation is an error at every byte']],
  },
  {
    without: 'xz has a limit of memory',
    group: 'archives',
    edits: [['addon/layer/inflate_xz.cc', 'kMemory = 128 << 20;', 'kMemory = std::uint64_t{128} << 30;']],
    red: [['layer_inflate_test', 'xz gets no more memory than its largest preset asks for']],
  },
  {
    without: 'entries are counted',
    group: 'archives',
    edits: [
      [
        'addon/layer/tar_reader.cc',
        'if (entries_ >= limits_.entries) return',
        'if (entries_ > 10 * limits_.entries) return',
      ],
    ],
    red: [['layer_tar_test', 'limits: entries, names, all files together']],
  },
  {
    without: 'depth is limited',
    group: 'archives',
    edits: [
      ['addon/layer/entry_name.cc', 'kMaxDepth = 512', 'kMaxDepth = 51200'],
      ['addon/layer/layer_tree.cc', 'kMaxRealDepth = 512', 'kMaxRealDepth = 51200'],
    ],
    red: [['layer_attacks_test', 'depth is limited']],
  },
  {
    without: 'names that are no text are told by their bytes',
    group: 'archives',
    edits: [['addon/layer/entry_name.cc', 'if (length == 0 || byte < 0x20 || byte == 0x7f) {', 'if (length == 0) {']],
    red: [['layer_attacks_test', 'names with newlines, and bytes that are no text, are names']],
  },
  {
    without: 'a name has no NUL',
    group: 'archives',
    edits: [
      [
        'addon/layer/tar_pax.cc',
        "if (value.find('\\0') != std::string_view::npos) return",
        "if (value.find('\\0') == 1000000) return",
      ],
      [
        'addon/layer/entry_name.cc',
        "if (name.find('\\0') != std::string_view::npos) return",
        "if (name.find('\\0') == 1000000) return",
      ],
    ],
    red: [['layer_attacks_test', 'a NUL in a PAX name is refused']],
  },
  {
    without: 'digest, size and diffID are compared',
    group: 'contents',
    edits: [
      [
        'addon/layer/apply.cc',
        'if (expected && *expected != actual) return',
        'if (expected && expected->empty()) return',
      ],
    ],
    red: [
      ['layer_apply_test', 'a digest, a size or a diffID that differs is a failure of its own'],
      [
        'integration/image/load-takes-what-other-tools-write',
        'of a layer whose diffID is another, in an OCI layout and in a docker-archive',
      ],
    ],
  },
  {
    without: 'seconds are kept within 64 bits',
    group: 'archives',
    edits: [
      [
        'addon/layer/tar_pax.cc',
        'seconds = seconds > kMax / 10 ? kMax : seconds * 10',
        'if (seconds > kMax / 10) return std::nullopt;\n    seconds = seconds * 10',
      ],
    ],
    red: [['layer_attacks_test', 'wild times do no harm']],
  },
  {
    without: 'a failed write is a failure',
    group: 'contents',
    edits: [
      [
        'addon/layer/entry_writer.cc',
        'if (n < 0) return Errno("unpack layer");\n    bytes',
        'if (n < 0) return {};\n    bytes',
      ],
    ],
    red: [['layer_attacks_test', 'a full disk is told with the entry']],
  },
  {
    without: 'workers have a root of their own',
    edits: [
      [
        'addon/layer/confine.cc',
        'if (tree && PivotInto(tree.get())) return {};\n  if (::fchdir(target_dir) != 0 || ::chroot(".") != 0) return Because("root");',
        'if (target_dir < 0 && PivotInto(tree.get())) return {};',
      ],
      [
        'addon/layer/confine.cc',
        '::chdir("/") != 0 || !root || ::dup3(root.get(), target_dir, O_CLOEXEC) < 0',
        '!root || target_dir < 0',
      ],
      ['addon/layer/confine.cc', 'TSC_TRY(confine::ApplyLandlock(reach, network));', '(void)reach;'],
    ],
    red: [['layer_confine_test', 'nothing but the target is reachable by path']],
  },
  {
    without: 'workers have a filter of system calls',
    edits: [['addon/layer/confine.cc', 'return confine::ApplySeccomp(network);', '(void)network;\n  return {};']],
    red: [['layer_confine_test', 'system calls that the work does not need are refused']],
  },
]
