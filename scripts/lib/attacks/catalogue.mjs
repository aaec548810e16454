/**
 * Every id that test names carry: attacks must be `refused`, faults `survived`. Attacks on missing
 * features are listed and not counted.
 */
import { faults } from './faults.mjs'
import { ownAttacks } from './own.mjs'
import { upstreamAttacks } from './upstream.mjs'

export const catalogue = { ...upstreamAttacks, ...ownAttacks, ...faults }

/** Attacks that Gatehouse must survive rather than refuse. */
export const toSurvive = new Set([
  ...Object.keys(faults),
  'RP-42', // new keys are found, old ones stay valid
  'RP-43', // one connection fails, the others work
  'RP-44', // Apple's deviations are handled
  'SA-87', // keys rotate
  'OP-42', // both encodings are accepted
  'OP-45', // two tabs that refresh concurrently stay signed in
  'PW-05', // a flood is rejected while others are served
  'SE-06', // rotation ends no session
  'SE-11', // each tab ends at its destination
  'SE-12', // a recovery link is offered
  'CF-06', // others are served meanwhile
])

/** Attacks on features that Gatehouse does not have yet. */
export const notYet = {
  'SU-01': 'known weaknesses of dependencies: npm audit says, no test',
  'FT-31': 'configuration read anew by a running process: not built, it is read at the start',
}
