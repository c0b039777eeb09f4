// SPDX-License-Identifier: Apache-2.0
// The actor of test/crash, in whose calls of node:fs something can go wrong: the first import is to have happened before the second one uses it.
import './node-calls.js'
import '../crash/actor.js'
