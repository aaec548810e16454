/**
 * The token endpoint, against the plain provider. The codes come from real authorization requests,
 * made before the measurement. Key (RS256, 2048 bits), client authentication, scopes and tokens are
 * the same.
 */

import { startAllProviders } from '../all-providers.ts'
import type { RedeemOrder } from '../load/tokens.ts'
import { type BenchedProvider, gatherCodes } from '../providers.ts'
import type { Result } from '../results.ts'
import { type Case, comparedAll, type Effort, inTurn } from '../rounds.ts'
import type { Versions } from '../versions.ts'

const connections = 32
/** Both need seconds to compile their code after a cold start. */
const warmUpTimes = 4000
/** About one second of requests. */
const codesPerSecond = 600

export async function benchTokenEndpoint(versions: Versions, effort: Effort): Promise<readonly Result[]> {
  const { providers, loader, stop } = await startAllProviders(versions)
  const caseOf = (provider: BenchedProvider): Case => {
    const order: RedeemOrder = { do: 'redeem', port: provider.port, connections }
    const prepare = (seconds: number) => gatherCodes(loader, provider, Math.ceil(seconds * codesPerSecond))
    return { name: provider.name, server: provider.server, order, prepare }
  }
  const rounds = await inTurn('token endpoint', loader, providers.map(caseOf), effort, warmUpTimes)
  await stop()
  return comparedAll('token-endpoint', 'codes/s', rounds, versions)
}
