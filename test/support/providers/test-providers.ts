/**
 * The providers of test servers: their password hashes cost little, because they make thousands.
 */
import { providers } from '../../../providers/index.ts'
import { openHashing } from '../../../providers/password/hashing.ts'
import { passwordProvider } from '../../../providers/password/password.ts'

const hashing = openHashing({ concurrency: 1, queue: 64 }, { memoryCost: 8, timeCost: 1, parallelism: 1 })

export const testPassword = passwordProvider(() => hashing)

export const testProviders = providers.map((provider) =>
  provider.kind === testPassword.kind ? testPassword : provider,
)
