/** `signingKeys:` of gatehouse.yaml. */

import { z } from 'zod'
import type { App } from '../../app/app.ts'
import { settingsOf } from '../../app/settings.ts'
import { defaultSigningAlgorithms, signingAlgorithms } from '../../crypto/signing-algorithm.ts'
import { duration } from '../schema/duration.ts'
import { options } from '../schema/shape.ts'

export const signingKeys = options(
  {
    rotateEvery: z.union([z.literal('off'), duration('1h', '3650d')]).prefault('90d'),
    publishAhead: duration('0s', '30d').prefault('24h'),
    algorithms: z
      .array(z.enum(signingAlgorithms))
      .refine(
        (given) => given.includes('RS256'),
        'must hold RS256, which signs access tokens and is the default of apps',
      )
      .optional(),
  },
  {
    rotateEvery:
      'How long a key signs before the next one takes over, 1h to 3650d; off: until gatehouse keys rotate. Default 90d.',
    publishAhead: 'How long a key is published before it signs, so that every app knows it by then. Default 24h.',
    algorithms:
      'Algorithms that apps may choose for ID tokens, each with keys of its own. RS256 is required. Default: RS256, ES256, PS256, and EdDSA if an app of this file uses it, because some clients cannot read an EdDSA key in the JWKS.',
  },
)

export function signingKeysOf(written: z.output<typeof signingKeys>, apps: readonly App[]) {
  const { rotateEvery, publishAhead, algorithms } = written
  const used = new Set([...defaultSigningAlgorithms, ...apps.map((app) => settingsOf(app).idTokenSignedResponseAlg)])
  return {
    /** Undefined: keys are rotated by hand only. */
    rotateEverySeconds: rotateEvery === 'off' ? undefined : rotateEvery,
    publishAheadSeconds: publishAhead,
    algorithms: algorithms ?? signingAlgorithms.filter((algorithm) => used.has(algorithm)),
  }
}
