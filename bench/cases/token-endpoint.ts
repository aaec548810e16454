/**
 * The token endpoint, against the plain provider. The codes come from real authorization requests,
 * made before the measurement. Key (RS256, 2048 bits), client authentication, scopes and tokens are
 * the same.
 */
import type { Storage } from '../gatehouse.ts'
import type { RedeemOrder } from '../load/tokens.ts'
import { type BenchedProvider, gatherCodes, startProviders } from '../providers.ts'
import type { Result } from '../results.ts'
import { type Case, compared, type Effort, inTurn } from '../rounds.ts'

const connections = 32
/** Both need seconds to compile their code after a cold start. */
const warmUpTimes = 4000
/** About one second of requests. */
const codesPerSecond = 600

export async function benchTokenEndpoint(storage: Storage, effort: Effort): Promise<readonly Result[]> {
  const { bare, gatehouse, loader, stop } = await startProviders(storage)
  const caseOf = (provider: BenchedProvider): Case => {
    const order: RedeemOrder = { do: 'redeem', port: provider.port, connections }
    const prepare = (seconds: number) => gatherCodes(loader, provider, Math.ceil(seconds * codesPerSecond))
    return { name: provider.name, server: provider.server, order, prepare }
  }
  const [byBare = [], byUs = []] = await inTurn(
    'token endpoint',
    loader,
    [caseOf(bare), caseOf(gatehouse)],
    effort,
    warmUpTimes,
  )
  await stop()
  return [compared('token-endpoint', 'codes/s', byUs, byBare)]
}
