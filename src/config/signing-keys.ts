/** `signingKeys:` of gatehouse.yaml. */
import { z } from 'zod'
import { type SigningAlgorithm, signingAlgorithms } from '../signing-algorithm.ts'
import { duration } from './duration.ts'

export interface SigningKeySettings {
  /** Undefined: only when somebody does it. */
  readonly rotateEverySeconds: number | undefined
  readonly publishAheadSeconds: number
  /** Default: all. */
  readonly algorithms?: readonly SigningAlgorithm[]
}

export const signingKeysSchema = z
  .strictObject({
    rotateEvery: z
      .union([z.literal('off'), duration('1h', '3650d')])
      .prefault('90d')
      .describe(
        'How long a key signs before the next one takes over, 1h to 3650d; off: until gatehouse keys rotate. Default 90d.',
      ),
    publishAhead: duration('0s', '30d')
      .prefault('24h')
      .describe('How long a key is published before it signs, so that every app knows it by then. Default 24h.'),
    algorithms: z
      .array(z.enum(signingAlgorithms))
      .refine(
        (given) => given.includes('RS256'),
        'must hold RS256, which signs access tokens and is the default of apps',
      )
      .optional()
      .describe(
        'Algorithms that apps may choose for ID tokens, each with keys of its own. Leave one out for clients that cannot read its keys in the JWKS. RS256 is required. Default: all.',
      ),
  })
  .prefault({})
  .describe('Keys that sign ID tokens and access tokens; made and kept by Gatehouse.')

export function signingKeysOf(written: z.output<typeof signingKeysSchema>): SigningKeySettings {
  const { rotateEvery, publishAhead, algorithms } = written
  return {
    rotateEverySeconds: rotateEvery === 'off' ? undefined : rotateEvery,
    publishAheadSeconds: publishAhead,
    ...(algorithms !== undefined && { algorithms }),
  }
}
