/**
 * Every id that tests carry in their names: attacks come to nothing (`refused`), faults are come through (`survived`). Beside them stand the
 * attacks on what Gatehouse does not have yet, which count for nothing.
 */
import { faults } from './attacks-faults.mjs'
import { ownAttacks } from './attacks-own.mjs'
import { upstreamAttacks } from './attacks-upstream.mjs'

export const catalogue = { ...upstreamAttacks, ...ownAttacks, ...faults }

/** Ids whose good end is that Gatehouse goes on as it should, not that it refuses. */
export const toSurvive = new Set([
  ...Object.keys(faults),
  'RP-42', // new keys are found, the last good ones kept
  'RP-43', // one connection is ill, the others are not
  'RP-44', // Apple's ways are handled
  'SA-87', // keys change in an orderly way
  'OP-42', // both ways of encoding are understood
  'OP-45', // nobody is signed out by two tabs that refresh at once
  'PW-05', // a flood is sent away while others are answered
  'SE-06', // rotation signs nobody out
  'SE-11', // each tab ends where it should
  'SE-12', // a way on is offered
  'CF-06', // the others are answered meanwhile
])

/** What is not there to be attacked, or not shown yet. */
export const notYet = {
  'MF-01': 'second factors are not built: one-time password used twice',
  'MF-02': 'second factors are not built: one-time password guessed',
  'MF-03': 'second factors are not built: recovery code used twice',
  'MF-04': 'second factors are not built: second step left out',
  'MF-05': 'second factors are not built: enrolled or disabled without a fresh sign-in',
  'AP-01': "people's API tokens are not built; the form of session tokens and apps' keys are tested under this id",
  'AP-02': "people's API tokens are not built: used as a session",
  'AD-01': 'admin pages are not built',
  'SU-01': 'known weaknesses of dependencies: npm audit says, no test',
  'FT-31': 'configuration read anew by a running process: not built, it is read at the start',
}
