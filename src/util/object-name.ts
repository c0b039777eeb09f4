// SPDX-License-Identifier: Apache-2.0
import { randomInt } from 'node:crypto'
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'

/** Refuses, naming `option`, what is no name of a container, network or volume; such a name is a safe file name too. */
export function checkName(value: unknown, option = 'name'): string {
  if (typeof value === 'string' && /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/.test(value)) return value
  throw invalidArgument(
    option,
    `${quoted(value)} is not a name`,
    'a name has 1 to 128 letters, digits, underscores, points and hyphens, and begins with a letter or digit',
  )
}

/** A name for an object that got none: `brisk_heron`, with a number from the third attempt on. */
export function randomName(attempt = 0): string {
  const name = `${adjectives[randomInt(adjectives.length)]}_${nouns[randomInt(nouns.length)]}`
  return attempt < 2 ? name : `${name}${randomInt(10 ** Math.min(attempt, 9))}`
}

const adjectives = (
  'able agile amber ample azure bold brave brief bright brisk busy calm candid clear clever cosy crisp curious daring deft ' +
  'eager early earnest easy even exact fair fast fine firm fleet fond frank free fresh gentle glad golden good grand happy hardy ' +
  'honest humble ideal jolly keen kind light lively loyal lucid lucky mellow merry mild modest neat nimble noble open patient plain ' +
  'polite proud prompt pure quick quiet rapid ready robust round royal sharp silent silver simple sleek smart smooth snug sober solid ' +
  'sound spare spry stable steady still strong sunny sure swift tidy true trusty vivid warm wise witty young'
).split(' ')

const nouns = (
  'badger beaver bison bittern brook canyon cedar cliff comet condor coral cove crane creek curlew delta dolphin dove dune eagle egret ' +
  'elk ember falcon fern finch fjord forest fox gannet geyser glacier grove gull harbor hare hawk heath heron hill ibex ibis island jay ' +
  'kestrel kite lagoon lake larch lark lemur linnet lynx magpie maple marlin marten meadow moose moss newt oak ocean orca oriole osprey ' +
  'otter owl panda pebble pelican petrel pine plover pond poplar puffin quail raven reef ridge river robin rook salmon seal shore ' +
  'sparrow spruce stork stream summit swan swift tern thrush tide trout tulip valley walrus willow wren'
).split(' ')
